// Reads calls, a line of JSON each, makes them with the real client, and writes a line with what the client saw.
import { createInterface } from "node:readline";
import XAPI from "@xapi/xapi";

function withBytes(_, value) {
  return typeof value?.base64 === "string" ? Buffer.from(value.base64, "base64") : value;
}

async function answer({ config, method, params }) {
  try {
    const { status, headers, data } = await new XAPI(config)[method](params);
    return { status, headers, data };
  } catch (error) {
    // With fetch, the client tells nothing but the body.
    const { status, data } = error.response ?? { data: error.message };
    return { refused: true, status, data };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line, withBytes))));
}
