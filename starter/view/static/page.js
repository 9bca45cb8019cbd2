// The page as a whole: its head, the filters that are its legend too, the span, the language.
function drawHead() {
  document.documentElement.lang = view.lang ? "en" : "zh-CN";
  byId("kind").textContent = `${say("title")} · ${say(DATA.kind)}`;
  byId("name").textContent = DATA.project.name || DATA.project.code;
  document.title = `${byId("name").textContent} · ${say("title")}`;
  const cut = DATA.total > DATA.lives.length ? ` · ${say("shown-of", { shown: DATA.lives.length, all: DATA.total })}` : "";
  byId("sub").textContent = `${say("as-of")} ${moment(DATA.now)} · ${say(DATA.total === 1 ? "life" : "lives", { count: DATA.total })}${cut}`;
  byId("help").textContent = say("help");
  byId("language").setAttribute("aria-label", say("language"));
  for (const button of byId("language").children) button.setAttribute("aria-pressed", String(Number(button.dataset.lang) === view.lang));
}

function drawTools() {
  const entries = DATA.lives.flatMap((one) => one.e);
  const used = (field) => [...new Set(entries.map((entry) => entry[field]).filter(Boolean))];
  const groups = Object.keys(DATA.labels.groups).filter((group) => used("g").includes(group));
  const kinds = Object.keys(DATA.labels.kinds).filter((kind) => used("kd").includes(kind));
  byId("tools").replaceChildren(
    el("div", { class: "tiles", role: "group", "aria-label": say("outcome") }, groups.map((group) => tile(group, entries))),
    el("div", { class: "row" },
      el("div", { class: "chips", role: "group", "aria-label": say("kind") }, kinds.map(kindChip)),
      postChoice(used("r")),
      spans()),
  );
}

function tile(group, entries) {
  const count = entries.filter((entry) => entry.g === group).length;
  const on = view.groups.has(group);
  return el("button", { type: "button", class: `tile g-${group}`, "aria-pressed": String(on), "data-tool": `g-${group}`, onclick: () => flip(view.groups, group) },
    el("strong", {}, `${count}`), el("span", {}, el("span", { class: `dot g-${group}` }), label("groups", group)));
}

function kindChip(kind) {
  return el("button", { type: "button", class: "chip-of", "aria-pressed": String(view.kinds.has(kind)), "data-tool": `k-${kind}`, onclick: () => flip(view.kinds, kind) },
    el("span", { class: `legend-mark k-${kind}`, "aria-hidden": "true" }, el("i", {})), label("kinds", kind));
}

function postChoice(used) {
  const options = [["", say("every-post")], ...Object.keys(DATA.labels.roles).filter((role) => role && used.includes(role)).map((role) => [role, label("roles", role)])];
  const choice = el("select", { "aria-label": say("post"), "data-tool": "post", onchange: () => { view.post = choice.value; redraw(); } },
    options.map(([value, words]) => el("option", { value, selected: value === view.post }, words)));
  return choice;
}

function spans() {
  const set = (span) => el("button", { type: "button", "aria-pressed": String(scale.span === span), "data-tool": `span-${span}`, onclick: () => zoom(() => setSpan(span, planeWidth())) }, say(span));
  const by = (name, sign, factor) => el("button", { type: "button", "aria-label": say(name), "data-tool": name, onclick: () => zoom(() => zoomBy(factor, planeWidth())) }, sign);
  return el("div", { class: "switch", role: "group", "aria-label": say("zoom") },
    by("wider", "−", 1 / 1.6), ["all", "year", "quarter", "month"].map(set), by("closer", "+", 1.6),
    el("button", { type: "button", "data-tool": "to-today", onclick: () => show(DATA.now) }, say("today")));
}

function flip(set, value) {
  if (!set.delete(value)) set.add(value);
  redraw();
}

const middle = () => scale.from + ((byId("chart").scrollLeft + planeWidth() / 2) / scale.px) * DAY;
const show = (minute) => { byId("chart").scrollLeft = x(minute) - planeWidth() / 2; };

function zoom(change) {
  const wasAll = scale.span === "all";
  const at = wasAll ? DATA.now : middle();
  change();
  redraw();
  show(at);
}

function redraw() {
  const tool = document.activeElement?.dataset?.tool;
  const left = byId("chart").scrollLeft;
  card.close();
  drawHead();
  drawTools();
  drawLoad();
  drawChart();
  drawRefused();
  drawList();
  byId("chart").scrollLeft = left;
  if (tool) document.querySelector(`[data-tool="${tool}"]`)?.focus();
}

for (const button of byId("language").children) {
  button.addEventListener("click", () => { view.lang = Number(button.dataset.lang); redraw(); });
}
let wide = innerWidth;
addEventListener("resize", () => {
  if (wide === innerWidth) return;
  wide = innerWidth;
  if (scale.span) setSpan(scale.span, planeWidth());
  redraw();
});
addEventListener("scroll", () => card.pinned || card.close(), { passive: true });
let listed = false;
addEventListener("beforeprint", () => { listed = view.list; view.list = true; setSpan("all", planeWidth()); redraw(); });
addEventListener("afterprint", () => { view.list = listed; redraw(); });

if (DATA.lives.length <= 3) DATA.lives.forEach((one) => view.open.add(one.i));
setRange();
drawHead();
drawTools();
setSpan("all", planeWidth());
redraw();
