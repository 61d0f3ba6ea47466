// Documents with random histories by Automerge for JavaScript, in all types that it can write. Each line of output is
// `document {"version", "seed", "chunk", "changes"}` with the saved document and its changes in base64.
// Usage: node random-documents.mjs VERSION FIRST-SEED COUNT, where VERSION is 2 or 3.
const [, , version, firstSeed, count] = process.argv
const library = await import(version === "2" ? "automerge-2" : "@automerge/automerge")
const A = version === "2" ? library.next : library
const Immutable = A.ImmutableString ?? A.RawString

/** A generator of random numbers (mulberry32), so that a seed gives the same document again. */
function generator(seed) {
  let state = seed >>> 0
  return max => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % max
  }
}

const KEYS = ["", "a", "b", "\u00fc", "\u{1f600}", "with space", "\u0000", "\ue000", "x".repeat(300), "list", "text", "map", "n"]
const WORDS = ["", "x", "word ", "e\u0301", "\u{1f468}\u200d\u{1f469}", "\u0000", "\n", "\u05d0"]
const NUMBERS = [
  0, -0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64,
  1e300, 0.1, -1.5, 5e-324, Number.MAX_VALUE, Number.EPSILON, Infinity, -Infinity, NaN,
]
const INTEGERS = [0, 1, -1, 63, 64, -65, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1]
const BIG_INTEGERS = version === "2" ? INTEGERS : [0n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]
const DATES = [0, -1, 1, 1.5, 253402300799999, -62135596800000, 8.64e15, -8.64e15]

function scalar(random) {
  const one = list => list[random(list.length)]
  switch (random(11)) {
    case 0: return one(NUMBERS)
    case 1: return new A.Int(one(INTEGERS))
    case 2: return new A.Uint(Math.abs(one(INTEGERS)))
    case 3: return new A.Float64(one(NUMBERS))
    case 4: return random(2) === 0
    case 5: return null
    case 6: return new Date(one(DATES))
    case 7: return new Uint8Array(Array.from({ length: random(40) }, () => random(256)))
    case 8: return new A.Counter(random(7) - 3)
    case 9: return one(BIG_INTEGERS)
    default: return new Immutable(one(WORDS).repeat(random(5)))
  }
}

function value(random, depth) {
  if (depth > 4 || random(3) > 0) return scalar(random)
  switch (random(3)) {
    case 0: return Object.fromEntries(Array.from({ length: random(3) }, () => [KEYS[random(KEYS.length)], value(random, depth + 1)]))
    case 1: return Array.from({ length: random(4) }, () => value(random, depth + 1))
    default: return WORDS[random(WORDS.length)]
  }
}

/** One edit somewhere below the object at the path. */
function edit(random, root, path) {
  const object = path.reduce((parent, key) => parent[key], root)
  if (Array.isArray(object)) editList(random, root, path, object)
  else editMap(random, root, path, object)
}

function editMap(random, root, path, map) {
  const key = KEYS[random(KEYS.length)]
  const present = map[key]
  if (present instanceof A.Counter) return random(2) === 0 ? present.increment(random(9)) : present.decrement(random(9))
  // The library's text functions take a path as one string, in which an empty key is lost.
  const hasTextPath = ![...path, key].includes("")
  if (typeof present === "string" && hasTextPath && random(4) > 0) return editText(random, root, [...path, key], present)
  if (isContainer(present) && path.length < 5 && random(4) > 0) return edit(random, root, [...path, key])
  if (present !== undefined && random(4) === 0) delete map[key]
  else map[key] = value(random, path.length)
}

function editList(random, root, path, list) {
  const at = random(list.length + 1)
  if (at === list.length || random(3) === 0) A.insertAt(list, at, value(random, path.length))
  else if (random(3) === 0) A.deleteAt(list, at, Math.min(1 + random(2), list.length - at))
  else if (isContainer(list[at]) && path.length < 5) edit(random, root, [...path, at])
  else if (list[at] instanceof A.Counter) list[at].increment(1)
  else list[at] = value(random, path.length)
}

function editText(random, root, path, text) {
  const from = random(text.length + 1)
  const to = from + random(text.length - from + 1)
  if (to > from && random(3) === 0) {
    const expand = ["before", "after", "both", "none"][random(4)]
    if (random(4) === 0) A.unmark(root, path, { start: from, end: to, expand }, "bold")
    else A.mark(root, path, { start: from, end: to, expand }, ["bold", "link"][random(2)], [true, "url", 5, null][random(4)])
  } else {
    A.splice(root, path, from, random(3) === 0 ? to - from : 0, WORDS[random(WORDS.length)])
  }
}

const isContainer = value =>
  value !== null && typeof value === "object" && !(value instanceof Uint8Array) && !(value instanceof Date) && !(value instanceof A.Counter) && !(value instanceof Immutable)

function randomDocument(seed) {
  const random = generator(seed)
  const actors = 1 + random(4)
  const actor = i => Array.from({ length: 16 }, (_, at) => ((at === 0 ? i * 37 + seed : seed * (at + 1) + i) & 255).toString(16).padStart(2, "0")).join("")
  let copies = [A.init({ actor: actor(0) })]
  for (let i = 1; i < actors; i++) copies.push(A.init({ actor: actor(i) }))
  for (let i = random(30); i >= 0; i--) {
    const at = random(actors)
    const options = random(5) === 0 ? { message: WORDS[random(WORDS.length)], time: random(2) * 1_700_000_000 } : { time: 0 }
    copies[at] =
      random(20) === 0
        ? A.emptyChange(copies[at], options)
        : A.change(copies[at], options, root => {
            for (let edits = random(5); edits >= 0; edits--) edit(random, root, [])
          })
    if (random(3) === 0) {
      const [to, from] = [random(actors), random(actors)]
      if (to !== from) copies[to] = A.merge(copies[to], copies[from])
    }
  }
  for (let i = 1; i < actors; i++) copies[0] = A.merge(copies[0], copies[i])
  return copies[0]
}

/** Faults of the library with its own values. Such a seed gives no document. */
const FAULTS = ["_am_raw_value_", "cannot increment a non-numeric value"]

/** The document; undefined if a fault of the library prevents it. */
function documentOf(seed) {
  try {
    return randomDocument(seed)
  } catch (failure) {
    if (FAULTS.some(fault => String(failure).includes(fault))) return undefined
    throw failure
  }
}

const base64 = bytes => Buffer.from(bytes).toString("base64")
for (let seed = Number(firstSeed), made = 0; made < Number(count); seed++) {
  const document = documentOf(seed)
  if (document === undefined) continue
  made++
  const fact = { version, seed, chunk: base64(A.save(document)), changes: A.getAllChanges(document).map(base64) }
  if (!process.stdout.write(`document ${JSON.stringify(fact)}\n`)) await new Promise(resolve => process.stdout.once("drain", resolve))
}
