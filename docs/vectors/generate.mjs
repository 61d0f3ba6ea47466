// Writes the golden byte vectors of change chunks, sync messages and Bloom filters with the real
// Automerge for JavaScript. The result is the same on every run.
//
//   mkdir /tmp/vectors && cd /tmp/vectors && npm install @automerge/automerge@3.5.0
//   node <repository>/docs/vectors/generate.mjs
//
// crdt-core's VectorsTest reads the files. The end of this script describes their fields.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import { createHash } from "node:crypto";

const from = createRequire(join(process.cwd(), "package.json"));
const A = await import(pathToFileURL(from.resolve("@automerge/automerge")));
const version = "3.5.0";
const here = dirname(fileURLToPath(import.meta.url));

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const actor = (n) => n.toString(16).padStart(2, "0").repeat(16);
const edit = (doc, message, change, time = 0) => A.change(doc, { message, time }, change);

function leb(value) {
  const out = [];
  do {
    out.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return out;
}

/** Encodes the change in deflated form. The caller checks that Automerge decodes it to the same hash. */
function deflated(chunk) {
  let at = 9;
  while (chunk[at] & 0x80) at++;
  const contents = deflateRawSync(Buffer.from(chunk.slice(at + 1)));
  return Buffer.concat([Buffer.from(chunk.slice(0, 8)), Buffer.from([2, ...leb(contents.length)]), contents]);
}

// --- change chunks -------------------------------------------------------------------------------

let first = A.init({ actor: actor(1) });
first = edit(first, undefined, (doc) => (doc.title = new A.ImmutableString("a scalar")));
first = edit(first, "a message: grüß dich, 世界 🌍", (doc) => {
  doc.list = [1, -2, 3.5, true, null, new Uint8Array([1, 2, 3]), new Date(1700000000000)];
  doc.counter = new A.Counter(7);
}, 1700000000);
first = edit(first, undefined, (doc) => (doc.text = "collaborative text, ".repeat(40)), -1);
let second = A.clone(first, { actor: actor(2) });
let third = A.clone(first, { actor: actor(3) });
second = edit(second, undefined, (doc) => {
  A.splice(doc, ["text"], 3, 2, "between");
  doc.counter.increment(2);
});
third = edit(third, undefined, (doc) => {
  A.splice(doc, ["text"], 0, 0, "before ");
  delete doc.title;
});
first = A.merge(A.merge(first, second), third);
first = edit(first, "joins two branches", (doc) => {
  doc.list.push({ nested: ["deep"] });
  A.splice(doc, ["text"], 1, 20, "");
});
first = A.emptyChange(first, { message: "empty", time: 4102444800000 });

const chunks = [];
for (const chunk of A.getAllChanges(first)) {
  const decoded = A.decodeChange(chunk);
  const fields = {
    hash: decoded.hash,
    actor: decoded.actor,
    seq: decoded.seq,
    startOp: decoded.startOp,
    time: decoded.time,
    message: decoded.message ?? "",
    deps: [...decoded.deps].sort(),
    plain: hex(chunk),
  };
  chunks.push({ form: "plain", chunk: hex(chunk), ...fields });
  const small = deflated(chunk);
  if (A.decodeChange(small).hash !== decoded.hash) throw new Error("Automerge disagrees");
  chunks.push({ form: "deflated", chunk: hex(small), ...fields });
}
const whole = A.save(first);
const refused = [
  { why: "a document chunk", chunk: hex(whole) },
  { why: "a wrong checksum", chunk: chunks[0].chunk.replace(/^(.{8})../, "$1" + "00") },
  { why: "cut short", chunk: chunks[0].chunk.slice(0, -2) },
  { why: "a byte too many", chunk: chunks[0].chunk + "00" },
  { why: "a wrong magic", chunk: "00" + chunks[0].chunk.slice(2) },
];

// --- sync messages -------------------------------------------------------------------------------

const messages = [];
function record(name, bytes) {
  const decoded = A.decodeSyncMessage(bytes);
  messages.push({
    name,
    message: hex(bytes),
    type: decoded.type === "v2" ? 43 : 42,
    heads: decoded.heads,
    need: decoded.need,
    have: decoded.have.map((have) => ({ lastSync: have.lastSync, bloom: hex(have.bloom) })),
    changes: decoded.changes.map(hex),
    flags: decoded.supportedCapabilities !== undefined && decoded.supportedCapabilities !== null,
  });
}

/** Syncs two documents until neither sends a message, and records every message. */
function talk(name, left, right, leftState = A.initSyncState(), rightState = A.initSyncState(), strip = false) {
  for (let round = 0; round < 20; round++) {
    let toRight, toLeft;
    [leftState, toRight] = A.generateSyncMessage(left, leftState);
    if (toRight) {
      record(`${name}, to the right, round ${round}`, toRight);
      [right, rightState] = A.receiveSyncMessage(right, rightState, strip ? withoutFlags(toRight) : toRight);
    }
    [rightState, toLeft] = A.generateSyncMessage(right, rightState);
    if (toLeft) {
      record(`${name}, to the left, round ${round}`, toLeft);
      [left, leftState] = A.receiveSyncMessage(left, leftState, strip ? withoutFlags(toLeft) : toLeft);
    }
    if (!toRight && !toLeft) return [left, right, leftState, rightState];
  }
  throw new Error("the sync does not end");
}

/** Removes the flags from a message, as a peer without flags sends it: the other side answers with type 42. */
function withoutFlags(bytes) {
  const { supportedCapabilities: _, type: __, ...rest } = A.decodeSyncMessage(bytes);
  const plain = A.encodeSyncMessage({ ...rest, type: "v1" });
  const flags = hex(plain).endsWith("020280") || hex(plain).endsWith("020284") ? 3 : 0;
  return plain.slice(0, plain.length - flags);
}

const copy = () => A.clone(first, { actor: actor(7) });
talk("a new peer", copy(), A.init({ actor: actor(4) }));
talk("a new peer without 43", copy(), A.init({ actor: actor(4) }), undefined, undefined, true);
let online = A.clone(first, { actor: actor(5) });
let [left, right, leftState, rightState] = talk("an equal peer", copy(), online, undefined, undefined, true);
left = edit(left, undefined, (doc) => doc.counter.increment(1));
right = edit(right, undefined, (doc) => (doc.list[0] = 100));
[left, right] = talk("edits of both", left, right, leftState, rightState, true);
for (let i = 0; i < 30; i++) {
  left = edit(left, undefined, (doc) => (doc.left = i));
  right = edit(right, undefined, (doc) => (doc.right = i));
}
talk("offline work of both", left, right, undefined, undefined, true);

// --- Bloom filters -------------------------------------------------------------------------------

const filters = [];
let grown = A.init({ actor: actor(6) });
for (let count = 1; count <= 40; count++) {
  grown = edit(grown, undefined, (doc) => (doc.n = count));
  if (![1, 2, 3, 8, 40].includes(count)) continue;
  const [, message] = A.generateSyncMessage(grown, A.initSyncState());
  const [have] = A.decodeSyncMessage(message).have;
  filters.push({
    hashes: A.getAllChanges(grown).map((chunk) => A.decodeChange(chunk).hash),
    filter: hex(have.bloom),
  });
}
const strangers = Array.from({ length: 200 }, (_, i) =>
  createHash("sha256").update(`stranger ${i}`).digest("hex"),
);

// --- files ---------------------------------------------------------------------------------------

const write = (name, value) =>
  writeFileSync(join(here, name), JSON.stringify({ automerge: version, ...value }, null, 1) + "\n");

// chunk = the bytes on the wire; plain = the same change in plain form
write("chunks.json", { chunks, refused });
// type = 42 or 43; bloom = the bytes of the filter; flags = whether the message has flags
write("sync-messages.json", { messages });
// filter = Automerge's Bloom filter of the hashes; strangers = hashes that were added to no filter
write("bloom-filters.json", { filters, strangers });
