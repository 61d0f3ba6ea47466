// Writes room-js.json, guest-names.json and order-keys.json, which the Java code must read or reproduce.
//
//   cd web-ui && node ../docs/vectors/make-room.mjs
//
// The script needs @automerge/automerge 3.5.0 and fractional-indexing-jittered 1.x in node_modules of the current folder.
// Each run writes the same bytes: actors, times and "random" numbers are fixed.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const folder = dirname(fileURLToPath(import.meta.url));
const A = require("@automerge/automerge");
const automergeVersion = JSON.parse(
  readFileSync(join(process.cwd(), "node_modules/@automerge/automerge/package.json"), "utf8"),
).version;
const jittered = await import(pathToFileURL(require.resolve("fractional-indexing-jittered")).href);

const write = (name, value) => writeFileSync(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

// --- a room as browsers write it ------------------------------------------------------------------------------------

const S = (text) => new A.ImmutableString(text);
const actor = (n) => String(n).padStart(2, "0").repeat(16);
const options = (message) => ({ message, time: 1_750_000_000 });

let doc = A.change(A.init({ actor: actor(1) }), options("genesis"), (d) => {
  d.schema = 1;
  d.title = "Café 🦦 room"; // a plain string is collaborative text
  d.settings = {
    turnMode: S("turns"),
    maxPlayers: 4.25, // a float where an integer belongs
    status: S("active"),
    stackRule: "combine", // a choice that is collaborative text instead of a scalar
    model: null,
    systemPrompt: "Answer in English.",
  };
  d.participants = {
    id_anna: { name: S("Anna"), avatar: S("🦊"), color: null, role: S("host"), joinedAt: 1_750_000_000_123 },
    id_ben: {
      name: "Ben",
      avatar: null,
      color: S("#c05"),
      role: S("player"),
      joinedAt: new Date(1_750_000_001_000), // a timestamp
    },
    "guest:🦦": { name: S("Otto"), avatar: null, color: null, role: S("spectator"), joinedAt: 7 },
  };
  d.cards = {
    c1: {
      type: S("role"),
      text: "You are a lighthouse keeper.",
      image: null,
      by: S("id_anna"),
      at: 1_750_000_002_000,
      order: S("a0"),
      turn: 0,
      muted: false,
      removedBy: null,
    },
    c2: {
      type: S("token-limit"),
      text: S("50 tokens"), // a text that is a scalar instead of collaborative text
      image: null,
      by: S("id_ben"),
      at: 1_750_000_003_000.75, // a float that is not whole
      order: S("a1"),
      turn: 1,
      muted: false,
      removedBy: null,
    },
  };
  d.windows = {
    w1: {
      type: S("note"),
      title: S("Keep"),
      pos: S("1008,444"),
      size: S("320x186"),
      z: S("a0"),
      state: S("open"),
      ref: S("n1"),
      props: { pinned: true, scale: 1.5 },
      by: S("parlor"),
      at: 1_750_000_000_000,
    },
  };
  d.notes = { n1: { text: "" } };
  d.chat = [
    {
      id: S("m1"),
      by: S("id_ben"),
      at: 1_750_000_004_000,
      kind: S("say"),
      text: S("hello\nthere"),
      replyTo: null,
    },
  ];
  d.generation = { epoch: 0 };
  d.results = {};
});

// a long text, so that this change is stored deflated
doc = A.change(doc, options("note"), (d) => A.splice(d, ["notes", "n1", "text"], 0, 0, "Lead with the tunnel. ".repeat(40)));

// two participants request a generation at the same time, and one of them edits the note
const ask = (d, request, by) => {
  d.generation.lock = { request: S(request), by: S(by), at: 1_750_000_005_000, query: S("Write it."), cards: [S("c1")], seen: 0 };
};
let other = A.change(A.clone(doc, { actor: actor(2) }), options("ask"), (d) => {
  ask(d, "r-ben", "id_ben");
  A.splice(d, ["notes", "n1", "text"], 0, 4, "Open");
});
doc = A.change(doc, options("ask"), (d) => ask(d, "r-anna", "id_anna"));
doc = A.merge(doc, other);
doc = A.change(doc, options("count"), (d) => {
  d.windows.w1.props.count = new A.Counter(3);
});

const winner = doc.generation.lock.request.toString();
write("room-js.json", {
  madeWith: `@automerge/automerge ${automergeVersion}`,
  heads: [...A.getHeads(doc)].sort(),
  changes: A.getAllChanges(doc).map(hex),
  save: hex(A.save(doc)),
  lockWinner: winner,
  lockLoser: winner === "r-anna" ? "r-ben" : "r-anna",
  title: doc.title,
  note: doc.notes.n1.text,
});

// --- names of guests ------------------------------------------------------------------------------------------------

const ADJECTIVES =
  "Amber Blue Quiet Bright Copper Gentle Golden Hazel Indigo Jade Keen Lively Mellow Nimble Olive Patient Plum Rosy Sage Silver Sunny Teal Velvet Warm".split(" ");
const ANIMALS =
  "Otter 🦦 Finch 🐦 Heron 🪶 Fox 🦊 Owl 🦉 Hedgehog 🦔 Badger 🦡 Whale 🐋 Turtle 🐢 Bee 🐝 Koala 🐨 Panda 🐼 Swan 🦢 Dolphin 🐬 Squirrel 🐿️ Penguin 🐧 Robin 🐤 Seal 🦭 Rabbit 🐇 Snail 🐌 Llama 🦙 Moth 🦋 Crab 🦀 Frog 🐸".split(" ");

function guestName(identity) {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits, over UTF-16 units
  for (let i = 0; i < identity.length; i++) hash = Math.imul(hash ^ identity.charCodeAt(i), 0x01000193);
  const n = hash >>> 0;
  const animal = Math.floor(n / 24) % 24;
  return { identity, name: `${ADJECTIVES[n % 24]} ${ANIMALS[2 * animal]}`, avatar: ANIMALS[2 * animal + 1] };
}

write(
  "guest-names.json",
  ["", "parlor", "id_anna", "id_2vJ9dXKp5QyZ", "guest:peer-1", "guest:🦦", ...Array.from({ length: 34 }, (_, i) => `id_${i}`)].map(guestName),
);

// --- order keys -----------------------------------------------------------------------------------------------------

let state = 12345;
const next = () => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return state / 2 ** 32;
};
const cases = [];
const between = (lower, upper) => {
  const random = next();
  Math.random = () => random;
  const key = jittered.generateJitteredKeyBetween(lower, upper);
  cases.push({ lower, upper, random, key });
  return key;
};
let keys = [between(null, null)];
for (let i = 0; i < 60; i++) keys.push(between(keys.at(-1), null));
for (let i = 0; i < 60; i++) keys.unshift(between(null, keys[0]));
for (let i = 0; i < 200; i++) {
  const at = Math.floor(next() * (keys.length - 1));
  keys.splice(at + 1, 0, between(keys[at], keys[at + 1]));
}
for (let i = 0; i < 60; i++) keys.splice(41, 0, between(keys[40], keys[41])); // always at the same position
for (const edge of ["az", "bzz", "yzzzzzzzzzzzzzzzzzzzzzzzzz", "Zz", "a0", "A".repeat(3) + "B"]) {
  try {
    between(edge, null);
    between(null, edge);
  } catch {
    // the library refuses this key, so there is nothing to reproduce
  }
}
write("order-keys.json", cases);
