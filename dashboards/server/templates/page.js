// What Superset has no setting for. It runs before Superset does.
(() => {
  const NARROW = 768;
  const COLUMNS = 12;
  const TILE = 3;
  const DASHBOARD = /\/api\/v1\/dashboard\/[^/]+$/;
  const DATA = /\/api\/v1\/chart\/data$/;
  const COLOURS = /\/api\/v1\/dashboard\/[^/]+\/colors$/;
  const STATE = /\/api\/v1\/dashboard\/[^/]+\/filter_state/;
  const TELEMETRY = /^https:\/\/[^/]*scarf\.sh\//;

  document.documentElement.lang ||= "en";

  // On a phone: tiles in pairs, all else one below the other. Superset would shrink twelve columns instead.
  const stack = (layout) => {
    const children = [];
    for (const id of layout.GRID_ID.children) {
      if (layout[id].type === "ROW") children.push(...split(layout, id));
      else children.push(id);
    }
    // A text has as many more lines as they are shorter.
    for (const part of Object.values(layout)) {
      if (part.type === "MARKDOWN") part.meta.height *= 2.5;
    }
    layout.GRID_ID.children = children;
    return layout;
  };

  const split = (layout, id) => {
    const rows = [];
    let room = 0;
    for (const child of layout[id].children) {
      const part = layout[child];
      const width = part.meta.width <= TILE ? COLUMNS / 2 : COLUMNS;
      if (width > room) {
        rows.push({ ...layout[id], id: `${id}-${rows.length + 1}`, children: [] });
        room = COLUMNS;
      }
      const row = rows.at(-1);
      row.children.push(child);
      room -= width;
      part.meta.width = width;
      part.parents = [...layout[id].parents, row.id];
    }
    delete layout[id];
    for (const row of rows) layout[row.id] = row;
    return rows.map((row) => row.id);
  };

  const stacked = async (answer) => {
    const told = await answer.json();
    told.result.position_json = JSON.stringify(stack(JSON.parse(told.result.position_json)));
    return new Response(JSON.stringify(told), { status: answer.status, headers: answer.headers });
  };

  // A tile's change, in words, by its chart. Superset tells it as a share of what was before: of a rate that misleads,
  // and of nothing it says that nothing changed.
  const changes = new Map();

  const inWords = (now, before, suffix) => {
    const points = (100 * (now - before)).toFixed(1);
    if (now === before || (suffix.startsWith("points") && Number(points) === 0)) return "no change in a week";
    if (suffix.startsWith("points")) return `${now < before ? "" : "+"}${points} ${suffix}`;
    return before === 0 ? "from 0 in a week" : null;
  };

  const compare = async (asked, body, answer) => {
    const form = typeof body === "string" ? JSON.parse(body).form_data : null;
    if (form?.viz_type !== "big_number") return;
    const { colnames: [time, metric], data } = (await answer.clone().json()).result[0];
    const [now, before] = data.toSorted((one, other) => other[time] - one[time]).map((row) => row[metric]);
    const words = now == null || before == null ? null : inWords(Number(now), Number(before), form.compare_suffix);
    changes.set(JSON.parse(asked.searchParams.get("form_data")).slice_id, words);
  };

  const say = () => {
    for (const line of document.querySelectorAll("[class*='dashboard-chart-id-'] .subheader-line")) {
      const chart = line.closest("[class*='dashboard-chart-id-']").className.match(/dashboard-chart-id-(\d+)/)[1];
      const words = changes.get(Number(chart));
      // React goes on with the node that it made.
      if (words && line.firstChild && line.textContent !== words) line.firstChild.nodeValue = words;
    }
  };

  // A link to another dashboard takes along what is chosen: in filters, which have the same names there, and by a click
  // on a name in a table, which is told by what the other charts ask.
  let inFilters = {};
  const inCharts = new Map();

  const remember = (asked, { body, signal } = {}) => {
    // Superset tries again also what it gave up itself because something else was chosen since.
    if (typeof body !== "string" || signal?.aborted) return;
    if (STATE.test(asked.pathname)) inFilters = JSON.parse(JSON.parse(body).value ?? "{}");
    const { slice_id: chart, extra_form_data: held } = (DATA.test(asked.pathname) && JSON.parse(body).form_data) || {};
    if (chart) inCharts.set(chart, held?.filters ?? []);
  };

  const rison = (value) => {
    if (typeof value === "string") return `'${value.replace(/[!']/g, "!$&")}'`;
    if (Array.isArray(value)) return `!(${value.map(rison)})`;
    return `(${Object.entries(value).map(([key, inner]) => `${key}:${rison(inner)}`)})`;
  };

  const carried = () => {
    const filtered = Object.values(inFilters).flatMap((one) => one.extraFormData?.filters ?? []);
    const held = [...inCharts.values(), filtered].flat();
    const named = held.filter(({ op, val }) => op === "IN" && val.every((one) => typeof one === "string"));
    const filters = named.map(({ col, op, val }) => {
      const id = `NATIVE_FILTER-${col}`;
      return [id, { id, extraFormData: { filters: [{ col, op, val }] }, filterState: { value: val } }];
    });
    return Object.fromEntries(filters);
  };

  document.addEventListener(
    "click",
    ({ target }) => {
      const link = target.closest?.(".dashboard-content a[href*='/superset/dashboard/']");
      if (link) link.search = `?native_filters=${encodeURIComponent(rison(carried()))}`;
    },
    true,
  );

  // A filter that must have a value keeps all charts waiting where there is none to choose.
  const offered = async (body, answer) => {
    const form = typeof body === "string" ? JSON.parse(body).form_data : null;
    if (!form?.native_filter_id || !form.defaultToFirstItem) return answer;
    const told = await answer.clone().json();
    if (told.result[0].data.length) return answer;
    const [column] = form.groupby;
    Object.assign(told.result[0], { data: [{ [column]: "None yet" }], colnames: [column], coltypes: [1], rowcount: 1 });
    return new Response(JSON.stringify(told), { status: 200, headers: answer.headers });
  };

  const ask = window.fetch;
  window.fetch = async (...request) => {
    // It would note in the dashboard which colours it chose, whoever looks; ours follow from the palettes.
    const asked = new URL(request[0]?.url ?? request[0], location);
    if (COLOURS.test(asked.pathname)) {
      return new Response("{}", { status: 200, headers: { "Content-Type": "application/json" } });
    }
    remember(asked, request[1]);
    const answer = await ask(...request);
    if (DATA.test(asked.pathname) && answer.ok) {
      await compare(asked, request[1]?.body, answer);
      return offered(request[1]?.body, answer);
    }
    const isDashboard = DASHBOARD.test(new URL(answer.url, location).pathname) && (request[1]?.method ?? "GET") === "GET";
    const isRead = window.innerWidth < NARROW && !location.search.includes("edit=true");
    return isDashboard && isRead && answer.ok ? stacked(answer) : answer;
  };

  // A chart has a description without being anything that a screen reader would describe.
  const name = () => {
    for (const chart of document.querySelectorAll(".dashboard-chart[aria-label]:not([role])")) {
      chart.setAttribute("role", "group");
    }
  };
  const look = () => {
    name();
    say();
  };
  new MutationObserver(look).observe(document.documentElement, { characterData: true, childList: true, subtree: true });

  // Its pixel is refused by our policy anyway; so that it is not even tried.
  const setAttribute = HTMLImageElement.prototype.setAttribute;
  HTMLImageElement.prototype.setAttribute = function (name, value) {
    if (!TELEMETRY.test(value)) setAttribute.call(this, name, value);
  };
  const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...src,
    set(value) {
      if (!TELEMETRY.test(value)) src.set.call(this, value);
    },
  });
})();
