// The chart: an axis, and for every life its stages as bands with the lanes of its items below.
const NOW_WIDTH = 58; // half of the pill that names today
const narrow = () => innerWidth < 640;
const nameWidth = () => (narrow() ? 56 : 104);
const planeWidth = () => Math.max(byId("chart").clientWidth - nameWidth() - 2, 160);

function drawChart() {
  const plane = el("div", { class: "plane", style: `width:${nameWidth() + x(scale.until)}px;--names:${nameWidth()}px` });
  plane.append(axis(), backdrop(), ...DATA.lives.map(life));
  byId("chart").replaceChildren(plane);
  byId("chart").setAttribute("aria-label", say("chart"));
}

function axis() {
  const made = el("div", { class: "axis", "aria-hidden": "true" });
  const now = Math.max(NOW_WIDTH, Math.min(x(DATA.now), x(scale.until) - NOW_WIDTH));
  const hidden = (minute, kind) => kind === "year" && x(minute) > now - NOW_WIDTH - 38 && x(minute) < now + NOW_WIDTH;
  for (const [minute, words, kind] of ticks()) {
    if (!hidden(minute, kind)) made.append(el("span", { class: kind, style: `left:${x(minute)}px` }, words));
  }
  made.append(el("span", { class: "now", style: `left:${now}px` }, `${say("today")} ${day(DATA.now)}`));
  return made;
}

function backdrop() {
  const made = el("div", { class: "backdrop", "aria-hidden": "true" });
  made.append(el("div", { class: "future", style: `left:${x(DATA.now)}px` }));
  for (const [minute, , kind] of ticks()) if (kind !== "day") made.append(el("div", { class: `rule ${kind}`, style: `left:${x(minute)}px` }));
  made.append(el("div", { class: "today", style: `left:${x(DATA.now)}px` }));
  return made;
}

function life(one) {
  const open = view.open.has(one.i);
  const shown = one.e.filter(fits);
  const lanes = open
    ? [lane("facts", track(one.f, factMark, say("facts"))), ...LANES.map(([name, kinds], index) => itemLane(name, kinds, index, shown)), ...coverLane(one)]
    : [lane("everything", track(shown, entryMark, say("everything")))];
  return el("section", { class: `life${open ? " open" : ""}`, "aria-label": one.u }, lifeHead(one, open), bands(one), lanes);
}

function itemLane(name, kinds, index, shown) {
  const last = index === LANES.length - 1;
  const points = shown.filter((entry) => kinds.includes(entry.kd) || (last && !LANES.some(([, known]) => known.includes(entry.kd))));
  return lane(name, track(points, entryMark, say(name)));
}

const lane = (name, content) => el("div", { class: `lane ${name}` }, el("span", { class: "name" }, say(name)), content);

function lifeHead(one, open) {
  const counts = Object.keys(DATA.labels.groups).map((group) => [group, one.e.filter((entry) => entry.g === group).length]);
  const toggle = () => {
    if (open) view.open.delete(one.i);
    else view.open.add(one.i);
    drawChart();
    [...document.querySelectorAll(".life .toggle")][DATA.lives.indexOf(one)]?.focus();
  };
  return el("div", { class: "life-head" }, el("div", { class: "stay" },
    el("button", { type: "button", class: "toggle", "aria-expanded": String(open), "aria-label": `${say(open ? "collapse" : "expand")} ${one.u}`, onclick: toggle }, open ? "▾" : "▸"),
    el("h2", {}, one.u),
    one.o ? el("span", { class: "owner" }, one.o) : null,
    el("span", { class: `chip s-${one.s}` }, label("stages", one.s)),
    el("span", { class: "status" }, label("statuses", one.ss)),
    counts.filter(([, count]) => count).map(([group, count]) => el("span", { class: `count g-${group}` }, el("span", { class: `dot g-${group}` }), `${label("groups", group)} ${count}`)),
  ));
}

function bands(one) {
  const made = one.b.map((band) => {
    const goesOn = band[2] === null && one.ss !== "aftercare";
    const ends = goesOn ? scale.until : band[2] ?? DATA.now;
    const width = Math.max(3, x(ends) - x(band[1]) - 1);
    const button = mark(`mark band s-${band[0]}`, "", `${label("stages", band[0])}, ${day(band[1])} – ${band[2] === null ? "" : day(band[2])}`, { show: () => bandCard(band) });
    button.replaceChildren(el("span", {}, width > 26 ? label("stages", band[0]) : ""));
    button.style.cssText = `left:${x(band[1])}px;width:${width}px;--now:${x(DATA.now) - x(band[1])}px`;
    if (goesOn) button.classList.add("goes-on");
    return button;
  });
  made.forEach((button, index) => { button.tabIndex = index ? -1 : 0; });
  const row = el("div", { class: "track", role: "group", "aria-label": say("stages") }, made);
  row.addEventListener("keydown", walk);
  return lane("stages", row);
}

function coverLane(one) {
  const groups = new Map();
  for (const cover of one.w) {
    const key = [cover.f, cover.t, cover.c].join();
    if (!groups.has(key)) groups.set(key, { ...cover, names: [] });
    groups.get(key).names.push(cover.n);
  }
  if (!groups.size) return [];
  const bars = [...groups.values()].sort((a, b) => a.t - b.t).map(coverBar);
  const row = el("div", { class: "track bars", role: "group", "aria-label": say("covers"), style: `height:${bars.length * 19 + 6}px` }, bars);
  row.addEventListener("keydown", walk);
  return [lane("covers", row)];
}

function coverBar(cover, index) {
  const from = x(cover.f === undefined ? cover.t : cover.f);
  const until = Math.min(x(cover.t), x(scale.until));
  const names = cover.names.map(text);
  const words = names.length > 2 ? `${names[0]} +${names.length - 1}` : names.join(view.lang ? ", " : "、");
  const made = mark("mark cover", "", `${names.join()}: ${say("owner-ends")} ${day(cover.t)}`, { show: () => coverCard(cover) });
  const ours = cover.gap > 0 && cover.c !== undefined ? el("em", { style: `left:${Math.max(0, x(cover.c) - from)}px` }) : null;
  made.replaceChildren(...[ours, el("span", {}, `${words} · ${day(cover.t)}`)].filter(Boolean));
  made.style.cssText = `left:${from}px;width:${Math.max(8, until - from)}px;top:${index * 19 + 3}px`;
  if (cover.t > scale.until) made.classList.add("beyond");
  made.tabIndex = index ? -1 : 0;
  return made;
}
