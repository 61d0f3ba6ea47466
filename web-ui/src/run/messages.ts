import { runTexts } from "../texts";

/**
 * The messages between the room's page and the frame that runs an app. The page posts one `Init` to the frame and
 * transfers a MessagePort with it. All other messages use that port, except `Warm`, which may come before. The page
 * trusts no message of the frame.
 */

/** The limits of messages from the frame to the page. The page drops messages above them. */
export const MESSAGE_LIMITS = {
  /** The maximum length of all texts of one message together, in UTF-16 units. Longer texts are cut. */
  units: 8 * 1024,
  /** The maximum number of messages in a second. Further messages are dropped and counted. */
  perSecond: 50,
} as const;

/** The limits of the state that all people share in one app. */
export const STATE_LIMITS = {
  /** The maximum number of keys. A new key above it is refused. */
  keys: 64,
  /** The maximum length of a key, in UTF-16 units. A longer key is refused. */
  keyUnits: 64,
  /** The maximum size of a value as JSON, in bytes of UTF-8. A larger value is refused. */
  valueBytes: 4 * 1024,
  /** The maximum number of writes in a second. Faster writes of the same key are merged into one. */
  perSecond: 10,
} as const;

/** The name of the message with which the page starts an app in the frame. */
export const INIT = "parlor-init";

/** The name of the message with which the page has a frame load packages before it has an app. */
export const WARM = "parlor-warm";

/** The global function that guarded code calls in each loop and function. */
export const LOOP_GUARD = "__parlorLoopGuard";

export interface AppFile {
  readonly name: string;
  readonly code: string;
}

/** The beginning of the specifier of one of the app's own modules in the frame; the file's name follows. */
export const OWN_MODULE = "~~app/";

/** What the frame runs. The first file is shown; the others are modules in JavaScript. */
export interface Program {
  readonly kind: "html" | "svg" | "module";
  readonly files: readonly AppFile[];
  /** The addresses of the packages that the code imports, by specifier. */
  readonly imports: Readonly<Record<string, string>>;
  /** The hashes of the packages, by address. */
  readonly integrity: Readonly<Record<string, string>>;
  /** The code of modules that replace packages that this server does not have, by specifier. */
  readonly stubs: Readonly<Record<string, string>>;
}

export interface Viewer {
  readonly identity: string;
  readonly name: string;
  /** Whether this person may change the shared state. */
  readonly canEdit: boolean;
}

export interface Init {
  readonly type: typeof INIT;
  readonly program: Program;
  readonly env: Readonly<Record<string, string>>;
  readonly viewer: Viewer;
  /** The shared state: JSON by key. */
  readonly state: Readonly<Record<string, string>>;
  /** The width of the frame in the page, in CSS pixels; 0 if it is not shown. */
  readonly width: number;
}

/** The packages of the server, and those of them that the next app is likely to use. No code of an app is in it. */
export interface Warm {
  readonly type: typeof WARM;
  readonly imports: Program["imports"];
  readonly integrity: Program["integrity"];
  readonly load: readonly string[];
}

/** A message of the page to the frame. A `json` of null means that the key was removed. */
export type ToFrame =
  | { readonly type: "state"; readonly key: string; readonly json: string | null }
  | { readonly type: "ping"; readonly id: number };

export const LEVELS = ["log", "info", "warn", "error", "debug"] as const;
export type Level = (typeof LEVELS)[number];

export type ErrorKind = "load" | "runtime" | "promise" | "export";
const ERROR_KINDS: readonly ErrorKind[] = ["load", "runtime", "promise", "export"];

export interface AppError {
  readonly type: "error";
  readonly kind: ErrorKind;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly stack: string;
}

/** A message of the frame to the page. */
export type FromFrame =
  | { readonly type: "ready" }
  | { readonly type: "rendered" }
  | AppError
  | { readonly type: "console"; readonly level: Level; readonly text: string }
  | { readonly type: "blocked"; readonly url: string }
  | { readonly type: "link"; readonly url: string }
  | { readonly type: "state"; readonly key: string; readonly json: string | null }
  | { readonly type: "pong"; readonly id: number };

/** Reads a message of the frame. Returns null for anything that is not one. Texts are cut to the limit. */
export function readMessage(data: unknown): FromFrame | null {
  if (typeof data !== "object" || data === null) return null;
  const raw = data as Record<string, unknown>;
  const budget = new TextBudget(MESSAGE_LIMITS.units);
  switch (raw.type) {
    case "ready":
    case "rendered":
      return { type: raw.type };
    case "pong":
      return typeof raw.id === "number" ? { type: "pong", id: raw.id } : null;
    case "error":
      return {
        type: "error",
        kind: ERROR_KINDS.find((kind) => kind === raw.kind) ?? "runtime",
        file: budget.take(raw.file, 200),
        line: place(raw.line),
        column: place(raw.column),
        message: budget.take(raw.message, 2_000),
        stack: budget.take(raw.stack),
      };
    case "console":
      return {
        type: "console",
        level: LEVELS.find((level) => level === raw.level) ?? "log",
        text: budget.take(raw.text),
      };
    case "blocked":
    case "link":
      return { type: raw.type, url: budget.take(raw.url, 2_000) };
    case "state":
      return typeof raw.key === "string" && (raw.json === null || typeof raw.json === "string")
        ? { type: "state", key: raw.key, json: raw.json }
        : null;
    default:
      return null;
  }
}

const place = (value: unknown): number | null =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;

/** Cuts the texts of one message, so that they have a limited length together. */
class TextBudget {
  constructor(private left: number) {}

  take(value: unknown, unitsMax: number = this.left): string {
    const text = typeof value === "string" ? value : "";
    const cut = text.slice(0, Math.min(unitsMax, this.left));
    this.left -= cut.length;
    return cut;
  }
}

/** A limit of events in a second, with a burst of the same size. Times are milliseconds of one clock. */
export class RateLimit {
  #tokens: number;
  #at: number;

  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.#tokens = perSecond;
    this.#at = now;
  }

  /** Whether a further event is within the limit now. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.perSecond, this.#tokens + ((now - this.#at) * this.perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Characters that a browser, the server or a reader would take for something else: control characters and halves. */
const UNCLEAR = /[\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * The reason why a key and its value cannot be shared state, or null. `keys` are the keys that exist.
 */
export function stateProblem(key: string, json: string | null, keys: readonly string[]): string | null {
  if (key === "" || key.length > STATE_LIMITS.keyUnits) return runTexts.keyLength(STATE_LIMITS.keyUnits);
  if (UNCLEAR.test(key) || key in {}) return runTexts.keyCharacters;
  if (json === null) return null;
  if (new TextEncoder().encode(json).length > STATE_LIMITS.valueBytes)
    return runTexts.valueLargerThanKibUse(key, STATE_LIMITS.valueBytes / 1024);
  if (!keys.includes(key) && keys.length >= STATE_LIMITS.keys)
    return runTexts.sharedStateKeysAlreadySet(STATE_LIMITS.keys);
  try {
    JSON.parse(json);
    return null;
  } catch {
    return runTexts.valueNotJson(key);
  }
}
