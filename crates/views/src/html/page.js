
"use strict";
const { nodes, events, lost, tracks, arrows } = JSON.parse(byId("data").textContent);

// Cause and effect. Events are named by their place in the list: causes stand before effects.

const isLost = new Set(lost);
// Of each message: the event that sends it, and those that receive it.
const sentBy = new Map(), receivedBy = new Map();
// Of each event: the one before at its node, the one that sends what it receives, its number at its node, and how many
// events of each node are in its past, itself included.
const previous = [], sending = [], rank = [], clock = [];
// Of each node: its events.
const atNode = nodes.map(() => []);
events.forEach((event, i) => {
  const earlier = atNode[event.node];
  previous[i] = earlier.at(-1);
  sending[i] = sentBy.get(event.received);
  rank[i] = earlier.push(i);
  clock[i] = new Int32Array(nodes.length);
  for (const cause of [previous[i], sending[i]]) {
    if (cause !== undefined) clock[cause].forEach((count, node) => { if (count > clock[i][node]) clock[i][node] = count; });
  }
  clock[i][event.node] = rank[i];
  if (event.sent !== undefined) {
    sentBy.set(event.sent, i);
    receivedBy.set(event.sent, []);
  }
  if (sending[i] !== undefined) receivedBy.get(event.received).push(i);
});

function happenedBefore(a, b) {
  return a !== undefined && b !== undefined && a !== b && clock[b][events[a].node] >= rank[a];
}

function relation(a, b) {
  return happenedBefore(b, a) ? "past" : happenedBefore(a, b) ? "future" : "concurrent";
}

// The way from one event to a later one that takes the fewest messages.
function wayFrom(a, b) {
  const cost = new Map([[a, 0]]), from = new Map();
  for (let i = a + 1; i <= b; i++) {
    for (const [cause, price] of [[previous[i], 0], [sending[i], 1]]) {
      if (cost.has(cause) && !(cost.get(i) <= cost.get(cause) + price)) {
        cost.set(i, cost.get(cause) + price);
        from.set(i, cause);
      }
    }
  }
  const way = [b];
  while (way[0] !== a) way.unshift(from.get(way[0]));
  return way;
}

// Words. What comes from the trace reaches the page as text alone.

// Escapes invisible characters, and those that turn the direction of text.
function shown(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    char => `\\u{${char.charCodeAt(0).toString(16)}}`);
}

function cut(text, length) {
  const chars = [...text.slice(0, 2 * length + 2)];
  return chars.length > length ? chars.slice(0, length - 1).join("") + "…" : text;
}

const name = node => shown(nodes[node]);
const short = text => cut(shown(text), 30);
const who = node => short(nodes[node]);

function wall(time) {
  const date = new Date(Number(time));
  return isNaN(date) ? `${time} ms` : date.toISOString();
}

// By the names of their fields: what they are called, and how they are written beside an event and in full.
const stamps = {
  time: ["wall clock", time => wall(time).replace(/^.*T|Z$/g, ""), wall],
  lamport: ["Lamport", String, String],
  vector: ["vector", vector => `[${vector}]`, vector => vector.map((count, node) => `${who(node)} ${count}`).join(", ")],
};

// What became of a message that is not an arrow, or not only one.
function fate({ sent, received }, i) {
  if (isLost.has(sent)) return "lost";
  if (sent !== undefined && !receivedBy.get(sent).length) return "in flight";
  if (received !== undefined && sending[i] === undefined) return "from outside";
}

function deed(i) {
  const { sent, to, received } = events[i];
  if (sent !== undefined) {
    const target = to === undefined ? "" : ` to ${who(to)}`;
    return `sends ${short(sent)}${target}${isLost.has(sent) ? ", and the network loses it" : ""}`;
  }
  if (received === undefined) return "";
  const from = sending[i] === undefined ? "outside" : who(events[sending[i]].node);
  return `receives ${short(received)} from ${from}`;
}

function sentence(i) {
  const { node, label } = events[i];
  return [`event ${i + 1}`, who(node), short(label), deed(i)].filter(Boolean).join(", ");
}

// The diagram. In which row an event stands, and on which track a message goes down, comes with the trace.

const ROW = 32, LEFT = 38, TOP = 26, FIRST_TRACK = 22, TRACK = 9, GAP = 46, STUB = 26;
const MARKS = { alone: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0", past: "M0-7L6 5H-6Z", future: "M0 7L6-5H-6Z" };
const diagram = byId("diagram"), picture = byId("picture");
let windowWidth = diagram.clientWidth;
const layers = Object.fromEntries(["lines", "messages", "way", "marks", "rings", "replay"].map(id => [id, svg("g", { id }, picture)]));
const veil = svg("rect", { id: "veil", x: 0 }, layers.replay), now = svg("line", { id: "now", x1: 0 }, layers.replay);
// Of each event its parts; the messages as they are drawn, with the events at their ends.
const drawn = events.map((event, i) => {
  const group = svg("g", { class: "event" }, layers.marks);
  const mark = svg("path", { class: "mark", d: MARKS.alone }, group), text = svg("text", { x: 12 }, group);
  return { group, mark, text, stamp: svg("tspan", { class: "stamp" }, text), label: svg("tspan", { class: "label" }, text) };
});
events.forEach((event, i) => {
  const end = fate(event, i);
  if (end && !receivedBy.get(event.sent)?.length) arrows.push({ [event.sent === undefined ? "to" : "from"]: i, end });
});
for (const arrow of arrows) arrow.path = svg("path", { class: "message" }, layers.messages);
// Of each event the arrow that it receives; of each node the place of its line, and of each event the width of its text.
const arrowTo = new Map(arrows.filter(({ end }) => !end).map(arrow => [arrow.to, arrow]));
let columns = [], widthsOfTexts = [];

// A character is measured once; the diagram is laid out once, when all is written.
const pen = document.createElement("canvas").getContext("2d"), widths = new Map();
pen.font = "12px system-ui, sans-serif";

function widthOf(text) {
  let width = 0;
  for (const char of text) {
    if (!widths.has(char)) widths.set(char, pen.measureText(char).width);
    width += widths.get(char);
  }
  return width;
}

const x = node => columns[node];
const y = i => TOP + events[i].row * ROW + ROW / 2;
const at = i => [x(events[i].node), y(i)];
const rowCount = events.length ? events.at(-1).row + 1 : 0;
// How many columns of text an event has: fewer, where there are many nodes.
const room = nodes.length <= 4 ? 40 : nodes.length <= 8 ? 28 : 22;

function texts(i) {
  const event = events[i], end = fate(event, i);
  const written = Object.keys(stamps).filter(key => byId(key)?.checked && event[key] !== undefined);
  const message = end || byId("names")?.checked ? cut(shown(event.sent ?? event.received ?? ""), 14) : "";
  const words = [shown(event.label), [message, end].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
  const stamp = written.map(key => stamps[key][1](event[key])).join("  ");
  // The label has precedence: the rest of a cut vector is of little use.
  const label = cut(words, Math.max(room - [...stamp].length, room - 8));
  return [cut(stamp, Math.max(room - [...label].length, 8)) + (stamp && label ? "  " : ""), label];
}

// Writes what stands beside the events, and sets the columns as far apart as that needs.
function layOut() {
  const widest = nodes.map((_, node) => Math.min(widthOf(who(node)), 160));
  events.forEach((event, i) => {
    const [stamp, label] = texts(i);
    drawn[i].stamp.textContent = stamp;
    drawn[i].label.textContent = label;
    widthsOfTexts[i] = widthOf(stamp + label);
    widest[event.node] = Math.max(widest[event.node], widthsOfTexts[i]);
  });
  const needed = widest.map((width, node) => Math.max(12 + width + GAP, 90) + TRACK * (tracks[node + 1] ?? 0));
  const start = LEFT + TRACK * (tracks[0] ?? 0), total = needed.reduce((sum, width) => sum + width, start);
  // What the window has left over, but no gap of emptiness.
  const spare = Math.min(Math.max((windowWidth - total - 20) / Math.max(nodes.length, 1), 0), 90);
  let end = start;
  columns = needed.map(width => { const line = end; end = Math.floor(end + width + spare); return line; });
  const width = end, height = TOP + rowCount * ROW + 12;
  set(picture, { width, height, viewBox: `0 0 ${width} ${height}` });
  set(veil, { width, height });
  set(now, { x2: width });
  byId("heads").style.width = `${width}px`;
  byId("heads").replaceChildren(...nodes.map((_, node) => {
    const head = make("span", name(node));
    Object.assign(head.style, { left: `${x(node)}px`, maxWidth: `${needed[node] - 8}px` });
    head.title = name(node);
    return head;
  }));
  layers.lines.replaceChildren();
  nodes.forEach((_, node) => {
    svg("line", { class: "lifeline", x1: x(node), x2: x(node), y1: TOP, y2: height - 6 }, layers.lines);
    svg("text", { class: "head", x: x(node) - 6, y: 10 }, layers.lines).textContent = cut(name(node), Math.floor(needed[node] / 8));
  });
  for (const arrow of arrows) set(arrow.path, { d: line(arrow) });
  drawn.forEach(({ group }, i) => set(group, { transform: `translate(${at(i)})` }));
}

// Where an arrow leaves an event, or comes to it: to the right behind its text.
const rightOf = i => x(events[i].node) + (widthsOfTexts[i] ? 12 + widthsOfTexts[i] + 6 : 8);
const leftOf = i => x(events[i].node) - 8;

// The corners of an arrow.
function corners({ from, to, end, track }) {
  if (end === "from outside") return [[leftOf(to) - STUB, y(to)], [leftOf(to), y(to)]];
  if (end) {
    const isLeft = events[from].to < events[from].node, start = isLeft ? leftOf(from) : rightOf(from);
    return [[start, y(from)], [start + (isLeft ? -STUB : STUB), y(from)]];
  }
  const step = events[to].node - events[from].node;
  const start = step > 0 ? rightOf(from) : leftOf(from), last = step < 0 ? rightOf(to) : leftOf(to);
  const down = track && x(track[0]) - FIRST_TRACK - TRACK * track[1];
  return [[start, y(from)], ...(track ? [[down, y(from)], [down, y(to)]] : []), [last, y(to)]];
}

function line(arrow) {
  const points = corners(arrow), [lastX, lastY] = points.at(-1), back = lastX > points.at(-2)[0] ? -9 : 9;
  const head = arrow.end === "lost" ? "m-5-5l10 10m0-10l-10 10" : `m${back}-5L${lastX} ${lastY}l${back} 5`;
  return `M${points.join("L")}${head}`;
}

// What is chosen: A, and B to compare it with; how many events have happened; what is searched.

const state = { a: undefined, b: undefined, comparing: false, until: events.length, finds: new Set() };

function choose(i) {
  if (i === undefined) return;
  if (state.comparing && state.a !== undefined) state.b = i === state.a ? undefined : i;
  else state.a = i;
  if (i >= state.until) state.until = i + 1;
  show();
  reveal(i);
}

function show() {
  const { a, b, until } = state;
  drawn.forEach((parts, i) => {
    const kind = a === undefined ? "alone" : i === a ? "chosen" : relation(a, i);
    const classes = `event ${kind}${state.finds.has(i) ? " hit" : ""}`;
    if (parts.classes === classes) return;
    parts.classes = classes;
    set(parts.group, { class: classes });
    set(parts.mark, { d: MARKS[kind] ?? MARKS.alone });
  });
  for (const { from, to, path } of arrows) {
    const isPast = to === a || happenedBefore(to ?? from, a), isFuture = from === a || happenedBefore(a, from ?? to);
    set(path, { class: `message ${a === undefined ? "" : isPast ? "past" : isFuture ? "future" : "concurrent"}` });
  }
  showRings();
  const way = happenedBefore(a, b) ? wayFrom(a, b) : happenedBefore(b, a) ? wayFrom(b, a) : [];
  layers.way.replaceChildren();
  // At a node it follows the line, and between nodes the arrow.
  set(layers.way, { "data-events": way.join(" ") });
  way.forEach((i, k) => {
    if (!k) return;
    const points = previous[i] === way[k - 1] ? [at(way[k - 1]), at(i)] : corners(arrowTo.get(i));
    svg("polyline", { class: "way", points: points.join(" ") }, layers.way);
  });
  showReplay();
  tell(way);
  set(byId("compare"), { "aria-pressed": state.comparing });
  byId("compare").disabled = byId("clear").disabled = a === undefined;
  if (byId("list").open) showList();
  remember();
}

function showRings() {
  layers.rings.replaceChildren();
  for (const [letter, i] of [["A", state.a], ["B", state.b]]) {
    if (i === undefined) continue;
    const ring = svg("g", { class: i === state.a ? "chosen" : relation(state.a, i), transform: `translate(${at(i)})` }, layers.rings);
    svg("circle", { class: "mark", r: 10 }, ring);
    svg("text", {}, ring).textContent = letter;
  }
}

function showReplay() {
  const { until } = state, edge = TOP + (until ? events[until - 1].row + 1 : 0) * ROW;
  // A receipt that shares the row of its sending comes after it.
  for (const part of document.querySelectorAll(".coming")) part.classList.remove("coming");
  if (until && events[until]?.row === events[until - 1].row) {
    for (const part of [drawn[until].group, arrowTo.get(until).path]) part.classList.add("coming");
  }
  layers.replay.setAttribute("class", until === events.length ? "over" : "");
  set(veil, { y: edge });
  set(now, { y1: edge, y2: edge });
  byId("until").value = until;
  set(byId("until"), { "aria-valuetext": until ? `${until} of ${events.length}: ${sentence(until - 1)}` : "none" });
  byId("at").textContent = `${until} of ${events.length}`;
}

function tell(way) {
  const { a, b } = state, lines = [];
  if (!events.length) lines.push(make("p", "Nothing happened."));
  else if (a === undefined) lines.push(make("p", "Choose an event: click it, or press an arrow key in the diagram."));
  else {
    lines.push(chosenLine("A", a));
    if (b !== undefined) lines.push(chosenLine("B", b), verdict(way));
    else lines.push(state.comparing ? make("p", "Now choose B.") : counts(a));
  }
  byId("chosen").replaceChildren(...lines);
  byId("proof").hidden = !way.length;
  byId("proof").querySelector("ol").replaceChildren(...steps(way).map(step => make("li", step)));
  byId("facts").replaceChildren(...facts(b ?? a));
}

function chosenLine(letter, i) {
  const line = make("p");
  line.append(make("b", letter), ` ${sentence(i)}`);
  return line;
}

function verdict(way) {
  const { a, b } = state, kind = relation(a, b);
  const messages = way.filter((i, k) => k && previous[i] !== way[k - 1]).length;
  const proof = messages ? `by ${messages} message${messages > 1 ? "s" : ""}` : "at the same node";
  const line = make("p", kind === "concurrent" ? "A and B are concurrent: no path of messages leads from one to the other."
    : `A happened ${kind === "past" ? "after" : "before"} B, ${proof}.`);
  line.className = "verdict";
  return line;
}

function counts(a) {
  const past = clock[a].reduce((sum, count) => sum + count) - 1;
  const future = events.filter((_, i) => happenedBefore(a, i)).length;
  return make("p", `${past} happened before it, ${future} after it, ${events.length - 1 - past - future} concurrent with it.`);
}

// A way in words; what follows at one node is one step.
function steps(way) {
  const steps = [], where = k => `${who(events[way[k]].node)}, event ${way[k] + 1}`;
  const isMessage = k => previous[way[k]] !== way[k - 1];
  for (let k = 1, start = 0; k < way.length; k++) {
    if (isMessage(k)) steps.push(`Message ${short(events[way[k]].received)}: from ${where(k - 1)}, to ${where(k)}.`);
    else if (k + 1 < way.length && !isMessage(k + 1)) continue;
    else steps.push(`At ${where(k)} comes after event ${way[start] + 1}.`);
    start = k;
  }
  return steps;
}

function facts(i) {
  if (i === undefined) return [];
  const event = events[i], { sent, received } = event;
  const rows = [["event", `${i + 1}, ${rank[i]} at its node`], ["node", name(event.node)], ["label", shown(event.label)]];
  if (sent !== undefined) rows.push(["sends", shown(sent)], ["received", receivedBy.get(sent).map(r => `event ${r + 1}`).join(", ") || "never"]);
  if (received !== undefined) rows.push(["receives", shown(received)], ["sent", sending[i] === undefined ? "outside" : `event ${sending[i] + 1}`]);
  for (const [key, [word, , long]] of Object.entries(stamps)) if (event[key] !== undefined) rows.push([word, long(event[key])]);
  return rows.filter(row => row[1]).flatMap(([term, text]) => [make("dt", term), make("dd", text)]);
}

// Scrolls the diagram, and not the page, until an event is in view.
function reveal(i) {
  const [left, top] = [at(i)[0], at(i)[1] + 30], { clientWidth, clientHeight, scrollLeft, scrollTop } = diagram;
  if (top < scrollTop + 70 || top > scrollTop + clientHeight - 40) diagram.scrollTop = top - clientHeight / 2;
  if (left < scrollLeft + 30 || left > scrollLeft + clientWidth - 90) diagram.scrollLeft = left - clientWidth / 3;
}

// The same as a table.

const rows = [];
function showList() {
  if (!rows.length) {
    const table = make("table"), top = table.createTHead().insertRow(), body = table.createTBody();
    for (const title of ["Event", "Node", "What", "To A"]) top.append(make("th", title));
    events.forEach((event, i) => {
      const row = body.insertRow(), button = make("button", i + 1);
      button.onclick = () => choose(i);
      const what = [short(event.label), deed(i)].filter(Boolean).join(", ");
      for (const part of [button, who(event.node), what, ""]) row.insertCell().append(part);
      rows.push(row);
    });
    byId("list").append(table);
  }
  const { a, b } = state, words = { past: "before", future: "after", concurrent: "concurrent" };
  rows.forEach((row, i) => {
    row.lastChild.textContent = a === undefined ? "" : i === a ? "A" : (i === b ? "B, " : "") + words[relation(a, i)];
  });
}

// The address holds the choice: #a=3&b=7&until=9&search=m1. Events are counted from 1 there, as on the page.

let later;
function remember() {
  clearTimeout(later);
  // Browsers allow few changes in a short time, and keys repeat fast.
  later = setTimeout(() => {
    const { a, b, until } = state;
    const parts = { a: a + 1, b: b + 1, until: until !== events.length && until, search: byId("query").value };
    const hash = String(new URLSearchParams(Object.entries(parts).filter(([, part]) => part || part === 0)));
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
  }, 200);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const number = (key, least) => {
    const found = Number(parts.get(key) ?? NaN);
    return Number.isInteger(found) && found >= least && found <= events.length ? found : undefined;
  };
  const a = number("a", 1), b = number("b", 1);
  state.a = a && a - 1;
  state.b = a && b && b !== a ? b - 1 : undefined;
  state.comparing = state.b !== undefined;
  state.until = number("until", 0) ?? events.length;
  byId("query").value = parts.get("search") ?? "";
  search();
  const last = state.b ?? state.a ?? (state.until < events.length ? state.until - 1 : -1);
  if (last >= 0) reveal(last);
}

// What the reader does.

function search() {
  const query = byId("query").value.toLowerCase();
  const isFound = ({ node, label, sent, received }) =>
    [nodes[node], label, sent, received].some(text => text?.toLowerCase().includes(query));
  state.finds = new Set(query ? [...events.keys()].filter(i => isFound(events[i])) : []);
  byId("found").textContent = query ? `${state.finds.size} found` : "";
  show();
}

function nextFind(back) {
  const { a, b, comparing } = state, finds = [...state.finds], here = (comparing ? b : a) ?? (back ? events.length : -1);
  choose(back ? finds.findLast(i => i < here) ?? finds.at(-1) : finds.find(i => i > here) ?? finds[0]);
}

function compare() {
  if (state.a === undefined) return;
  state.comparing = !state.comparing;
  if (!state.comparing) state.b = undefined;
  show();
}

function letGo() {
  if (state.comparing) return compare();
  state.a = undefined;
  show();
}

function replay(until) {
  state.until = Math.min(Math.max(until, 0), events.length);
  showReplay();
  if (state.until) reveal(state.until - 1);
  remember();
}

let playing;
function play(on) {
  clearInterval(playing);
  playing = undefined;
  if (on) {
    if (state.until === events.length) replay(0);
    playing = setInterval(() => { replay(state.until + 1); if (state.until === events.length) play(false); }, 500);
  }
  byId("play").textContent = on ? "Pause" : "Play";
}

// The event that an arrow key leads to.
function beside(i, key) {
  const { node, sent } = events[i], own = atNode[node];
  const way = { ArrowUp: own[rank[i] - 2], ArrowDown: own[rank[i]], Home: own[0], End: own.at(-1) };
  if (key in way) return way[key];
  const step = key === "ArrowLeft" ? -1 : 1, ends = [sending[i], ...(receivedBy.get(sent) ?? [])];
  const end = ends.find(j => j !== undefined && Math.sign(events[j].node - node) === step);
  if (end !== undefined) return end;
  for (let other = node + step; atNode[other]; other += step) {
    if (atNode[other].length) return atNode[other].reduce((best, j) => Math.abs(j - i) < Math.abs(best - i) ? j : best);
  }
}

diagram.onkeydown = event => {
  const { key, shiftKey } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || !events.length) return;
  const here = state.comparing ? state.b ?? state.a : state.a;
  if (/^Arrow|^Home$|^End$/.test(key)) choose(here === undefined ? 0 : beside(here, key));
  else if (key === "Enter" && shiftKey) compare();
  else if (key === "Escape") letGo();
  else if (key === "," || key === ".") replay(state.until + (key === "." ? 1 : -1));
  else return;
  event.preventDefault();
};
picture.onclick = event => {
  const box = picture.getBoundingClientRect(), group = event.target.closest(".event");
  // A click close to a mark counts too.
  const isNear = i => Math.hypot(event.clientX - box.left - x(events[i].node), event.clientY - box.top - y(i)) < 18;
  const clicked = group ? drawn.findIndex(parts => parts.group === group) : events.findIndex((_, i) => isNear(i));
  if (clicked < 0) return;
  if (event.shiftKey && state.a !== undefined) state.comparing = true;
  choose(clicked);
};
byId("query").oninput = search;
byId("query").onkeydown = event => { if (event.key === "Enter") nextFind(event.shiftKey); };
byId("compare").onclick = () => { compare(); diagram.focus(); };
byId("clear").onclick = () => { state.comparing = false; state.a = state.b = undefined; show(); };
byId("play").onclick = () => play(playing === undefined);
byId("until").max = events.length;
byId("until").oninput = event => { play(false); replay(Number(event.target.value)); };
byId("list").ontoggle = () => { if (byId("list").open) showList(); };
onhashchange = recall;
onresize = () => { windowWidth = diagram.clientWidth; layOut(); show(); };

// What stands beside an event can be switched, where the trace has it.
const has = key => events.some(event => event[key] !== undefined);
const switches = Object.keys(stamps).filter(has).map(key => [key, stamps[key][0]]);
if (has("sent") || has("received")) switches.push(["names", "message names"]);
for (const [id, word] of switches) {
  const label = make("label", ` ${word}`), box = make("input");
  Object.assign(box, { type: "checkbox", id, onchange: () => { layOut(); show(); } });
  label.prepend(box);
  byId("labels").append(label);
}
const first = byId("vector") ?? byId("lamport") ?? byId("time");
if (first) first.checked = true;

layOut();
recall();

// Helpers.

function byId(id) {
  return document.getElementById(id);
}

function make(tag, text = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function svg(tag, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  parent.append(element);
  return element;
}

function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
}
