// A cmi5 unit on a page of another site, as a browser runs it: from launch to its end. The page's address is given.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM, VirtualConsole } from "jsdom";

const library = createRequire(import.meta.url).resolve("@xapi/cmi5/dist/Cmi5.umd.js");
const { window } = new JSDOM("", {
  url: process.argv[2],
  runScripts: "outside-only",
  virtualConsole: new VirtualConsole(),
});
window.eval(readFileSync(library, "utf-8"));

try {
  const unit = window.Cmi5.instance;
  await unit.initialize();
  await unit.progress(50);
  await unit.interactionChoice("final", "capital", ["b"], ["b"]);
  await unit.pass({ scaled: 0.9 });
  await unit.complete();
  await unit.terminate();
  console.log(JSON.stringify({ launchData: unit.launchData, preferences: unit.getLearnerPreferences() }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
window.close();
