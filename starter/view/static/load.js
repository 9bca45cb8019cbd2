// The work ahead of a whole project: a column for every week or month, once by post and once by class of message.
const POST_COLOURS = 8;

function drawLoad() {
  const load = DATA.load;
  byId("load").hidden = !load;
  if (!load) return;
  byId("load").replaceChildren(
    el("h2", {}, say("load")),
    el("div", { class: "columns-of" }, columns(load, "posts", "roles", "load-posts"), columns(load, "messages", "classes", "load-messages")),
  );
}

function columns(load, field, table, heading) {
  const totals = {};
  const all = [load.overdue, ...load.periods];
  for (const one of all) for (const [code, count] of Object.entries(one[field])) totals[code] = (totals[code] || 0) + count;
  const codes = Object.keys(totals).sort((a, b) => totals[b] - totals[a]);
  const most = Math.max(1, ...all.map((one) => sum(one[field])));
  const late = sum(load.overdue[field]) ? [column(load.overdue, field, table, codes, most, say("overdue-now"), "late")] : [];
  const bars = load.periods.map((one) => column(one, field, table, codes, most, one.from.slice(load.by === "month" ? 0 : 5, load.by === "month" ? 7 : 10)));
  const keys = codes.map((code, index) => el("li", {}, el("span", { class: `swatch p-${index % POST_COLOURS}` }), `${label(table, code)} ${totals[code]}`));
  return el("figure", {}, el("figcaption", {}, say(heading)), el("div", { class: "bars-of", role: "group", "aria-label": say(heading) }, late, bars), el("ul", { class: "legend" }, keys));
}

const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

function column(one, field, table, codes, most, name, extra = "") {
  const parts = codes.filter((code) => one[field][code]).map((code) =>
    el("span", { class: `p-${codes.indexOf(code) % POST_COLOURS}`, style: `height:${(one[field][code] / most) * 100}%` }));
  const words = codes.filter((code) => one[field][code]).map((code) => `${label(table, code)} ${one[field][code]}`);
  const made = mark(`mark column ${extra}`, "", `${name}${colon()}${words.join(", ") || 0}`, { show: () => columnCard(name, one, words, sum(one[field])) });
  made.replaceChildren(el("span", { class: "stack" }, parts), el("span", { class: "tick" }, name));
  return made;
}

function columnCard(name, one, words, total) {
  const dates = one.from ? `${one.from} – ${one.until}` : name;
  return el("div", {}, el("h3", {}, dates), el("ul", { class: "why" }, words.map((line) => el("li", {}, line))), el("p", {}, `${say("total")} ${total}`));
}
