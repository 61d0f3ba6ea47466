// Writes operations.json: whole histories with every kind of operation, made by the real Automerge for JavaScript. The
// result is the same on every run. crdt-core's tests of operations and admission and `./parlor fuzz crafted` read the file.
//
//   mkdir /tmp/vectors && cd /tmp/vectors && npm install @automerge/automerge@3.5.0
//   node <repository>/docs/vectors/operations.mjs
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const from = createRequire(join(process.cwd(), "package.json"));
const A = await import(pathToFileURL(from.resolve("@automerge/automerge")));
const here = dirname(fileURLToPath(import.meta.url));
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const actor = (n) => n.toString(16).padStart(2, "0").repeat(16);
const edit = (doc, change) => A.change(doc, { time: 0 }, change);

let state = 20261120;
const random = (bound) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * bound);
};
const pick = (items) => items[random(items.length)];

/** Several replicas edit at random; before one edit in four, on average, a replica merges another one. */
function world(actors, steps, act) {
  let start = edit(A.init({ actor: actor(200) }), (doc) => {
    doc.map = {};
    doc.list = [1, 2, 3];
    doc.text = "some text to begin with";
    doc.count = new A.Counter(1);
  });
  const replicas = actors.map((n) => A.clone(start, { actor: actor(n) }));
  for (let step = 0; step < steps; step++) {
    const at = random(replicas.length);
    if (random(4) === 0) replicas[at] = A.merge(replicas[at], A.clone(pick(replicas)));
    replicas[at] = act(replicas[at], step);
  }
  return replicas.reduce((all, one) => A.merge(all, one));
}

const everything = (doc, step) => {
  const kind = random(14);
  return edit(doc, (d) => {
    const length = d.text.length;
    if (kind === 0) d.map[pick(["a", "b", "c", "ключ", "🔑"])] = pick([1, -5, 2.5, true, false, null, "text", new Date(1e12)]);
    else if (kind === 1) d.map[pick(["a", "b", "c"])] = { nested: [step, { deep: "words" }], raw: new Uint8Array([1, 2, step & 255]) };
    else if (kind === 2) for (const key of Object.keys(d.map).slice(0, 1)) delete d.map[key];
    else if (kind === 3) d.list.push(step, new A.ImmutableString("s" + step), { x: 1 });
    else if (kind === 4) d.list.splice(random(d.list.length + 1), random(3), null, false);
    else if (kind === 5 && d.list.length > 0) d.list[random(d.list.length)] = pick([step, "t", [1, [2]]]);
    else if (kind === 6) d.count.increment(pick([1, -1, 1000]));
    else if (kind === 7) d.count = new A.Counter(step);
    else if (kind === 8 && length > 2) A.mark(d, ["text"], { start: 0, end: 1 + random(length - 1), expand: pick(["both", "none", "before", "after"]) }, pick(["bold", "link"]), pick([true, "https://example.org", null, 3]));
    else if (kind === 9 && length > 4) A.unmark(d, ["text"], { start: 1, end: 1 + random(length - 1), expand: "none" }, "bold");
    else if (kind === 10) A.splitBlock(d, ["text"], random(length + 1), { type: new A.ImmutableString("paragraph"), parents: [], attrs: {} });
    else if (kind === 11) A.splice(d, ["text"], random(length + 1), 0, pick(["typed", "é世🌍", "x"]));
    else A.splice(d, ["text"], random(length), Math.min(random(6), length), pick(["", "y"]));
  });
};

const typing = (doc) => edit(doc, (d) => A.splice(d, ["text"], random(d.text.length + 1), random(8) === 0 && d.text.length > 8 ? 1 : 0, random(8) === 0 ? "" : "k"));

let conflicts = A.init({ actor: actor(1) });
conflicts = edit(conflicts, (d) => Object.assign(d, { key: 0, items: ["a"] }));
for (let round = 0; round < 6; round++) {
  const sides = [3, 9, 5].map((n) => edit(A.clone(conflicts, { actor: actor(n + 16 * round) }), (d) => {
    d.key = n;
    d.items[0] = "v" + n;
    d.items.unshift(n);
  }));
  conflicts = edit(sides.reduce((all, one) => A.merge(all, one)), (d) => (round % 2 ? delete d.key : (d.key = "joined")));
  if (round % 2) conflicts = edit(conflicts, (d) => (d.key = round));
}

let whole = edit(A.init({ actor: actor(7) }), (d) => Object.assign(d, { text: "the whole text is taken out and put in again ".repeat(30) }));
whole = edit(whole, (d) => A.splice(d, ["text"], 0, d.text.length, "new"));
whole = edit(whole, (d) => A.updateText(d, ["text"], "knew"));
whole = A.emptyChange(whole, { time: 0 });
whole = edit(whole, (d) => (d.text = "replaced"));
const past = A.getHeads(whole);
whole = edit(whole, (d) => (d.more = 1));
whole = A.changeAt(whole, past, { time: 0 }, (d) => (d.aside = 2)).newDoc;

const histories = {
  everything: world([1, 2, 3, 250], 300, everything),
  typing: world([4, 5], 400, typing),
  conflicts,
  whole,
};
const out = {
  automerge: "3.5.0",
  histories: Object.entries(histories).map(([name, doc]) => ({
    name,
    heads: [...A.getHeads(doc)].sort(),
    operations: A.getAllChanges(doc).map((change) => A.decodeChange(change).ops.length),
    changes: A.getAllChanges(doc).map(hex),
  })),
};
writeFileSync(join(here, "operations.json"), `${JSON.stringify(out, null, 1)}\n`);
