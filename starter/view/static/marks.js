// Items and facts as marks on a lane; what stands too close together becomes one mark with a number.
const GAP = 24;
const GLYPHS = { done: "✓", open: "•", late: "!", ahead: "", wrong: "×", quiet: "–" };
const worst = (entries) => HEAVIEST.find((group) => entries.some((entry) => entry.g === group)) || "done";

function clusters(points) {
  const found = [];
  for (const point of [...points].sort((a, b) => a.t - b.t)) {
    let one = { points: [point] };
    place(one);
    // A number that has grown may reach the one before it.
    while (found.length && one.x - found[found.length - 1].x < GAP && isAhead(one) === isAhead(found[found.length - 1])) {
      one = { points: [...found.pop().points, ...one.points] };
      place(one);
    }
    found.push(one);
  }
  return found;
}

// What happened and what is ahead never share a mark: they stand on their own side of today.
const isAhead = (one) => one.points[0].t > DATA.now;

function place(one) {
  const middle = (x(one.points[0].t) + x(one.points[one.points.length - 1].t)) / 2;
  one.x = isAhead(one) ? Math.max(middle, x(DATA.now) + GAP / 2) : Math.min(middle, x(DATA.now) - GAP / 2);
}

function track(points, make, name) {
  const found = clusters(points);
  const marks = found.map((one, index) => {
    const space = (index + 1 < found.length ? found[index + 1].x : x(scale.until)) - one.x - GAP;
    const mark = make(one, space);
    mark.style.left = `${one.x}px`;
    mark.tabIndex = index ? -1 : 0;
    return mark;
  });
  const made = el("div", { class: "track", role: "group", "aria-label": name }, marks);
  made.addEventListener("keydown", walk);
  return made;
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  const marks = [...event.currentTarget.querySelectorAll(".mark")];
  const at = marks.indexOf(document.activeElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  const next = marks[Math.max(0, Math.min(marks.length - 1, at + step))];
  marks[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function entryMark(cluster, space) {
  const entries = cluster.points;
  const one = entries.length === 1 ? entries[0] : null;
  const group = worst(entries);
  const kind = one ? one.kd || "task" : "many";
  const ahead = entries.every((entry) => entry.t > DATA.now && ["ahead", "open"].includes(entry.g));
  const words = one ? sentence(one) : many(entries);
  const late = entries.some((entry) => entry.y) && group !== "late";
  return mark(`mark k-${kind} g-${group}${ahead ? " ahead" : ""}${late ? " was-late" : ""}`, one ? GLYPHS[group] : `${entries.length}`, words, {
    name: one && space > 56 ? titleOf(one) : null,
    space,
    show: () => (one ? entryCard(one) : entriesCard(entries)),
  });
}

function factMark(cluster, space) {
  const facts = cluster.points;
  const one = facts.length === 1 ? facts[0] : null;
  const refused = facts.some((fact) => fact.v === "refused");
  const words = one ? `${text(one.n)}, ${label("verdicts", one.v)}, ${day(one.t)}` : say("items-here", { count: facts.length });
  return mark(`mark k-fact${refused ? " refused" : ""}${one ? "" : " many"}`, one ? "" : `${facts.length}`, words, {
    name: one && space > 56 ? text(one.n) : null,
    space,
    show: () => (one ? factCard(one) : factsCard(facts)),
  });
}

function mark(className, glyph, words, { name, space, show }) {
  const made = el("button", { type: "button", class: className, "aria-label": words, "aria-haspopup": "dialog" });
  made.append(el("i", { "aria-hidden": "true" }, el("b", {}, glyph)));
  if (name) made.append(el("span", { "aria-hidden": "true", style: `max-width:${Math.min(space, 190)}px` }, name));
  made.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && card.glance(made, show));
  made.addEventListener("pointerleave", () => card.leave());
  made.addEventListener("focus", () => made.matches(":focus-visible") && card.glance(made, show));
  made.addEventListener("blur", () => card.leave());
  made.addEventListener("click", () => card.pin(made, show));
  return made;
}

function many(entries) {
  const names = [...new Set(entries.map((entry) => text(entry.n)))].slice(0, 4).join(view.lang ? ", " : "、");
  return `${say("items-here", { count: entries.length })}${colon()}${names}; ${label("groups", worst(entries))}; ${day(entries[0].t)}`;
}
