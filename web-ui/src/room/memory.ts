import type { Role } from "./schema/document";

/** This browser's record of a room that the person has joined. It is enough to open the room offline. */
export interface RoomRecord {
  readonly slug: string;
  readonly key: string;
  readonly title: string;
  readonly role: Role;
  readonly documentId: string;
  readonly automergeUrl: string;
  readonly storageId: string;
  /** The identity that joined. */
  readonly identity: string;
  readonly visitedAt: number;
  /** The identity that owns the room, or null if the room has no owner. */
  readonly owner?: string | null;
  /** The room that this room was forked from, with its slug if this person may enter it. */
  readonly parent?: { readonly title: string; readonly slug: string | null } | null;
}

/** The identity of the person who uses this browser. */
export interface OwnIdentity {
  readonly identity: string;
  /** The token of an identity that has no key pair (yet); see credential.ts. */
  readonly token?: string;
  readonly name: string;
}

const ME = "parlor.me";
const ROOMS = "parlor.rooms";
const ROOMS_MAX = 50;

/** The values that localStorage did not accept, by name. They are lost when the page is closed. */
const unsaved = new Map<string, string>();
/** Whether the identity is for this page only. Then nothing about it is written to localStorage. */
let meIsTemporary = false;

/** The values that are written together, this long after the first of them: `localStorage` may wait for the disk. */
const SOON_MS = 1_000;
const soon = new Map<string, string>();
let soonTimer: ReturnType<typeof setTimeout> | undefined;

function writeSoon(name: string, text: string): void {
  soon.set(name, text);
  soonTimer ??= setTimeout(writeNow, SOON_MS);
}

function writeNow(): void {
  clearTimeout(soonTimer);
  soonTimer = undefined;
  const texts = [...soon];
  soon.clear();
  for (const [name, text] of texts) browserStorage.setItem(name, text);
}

// A page may be closed or frozen before the timer.
globalThis.addEventListener?.("pagehide", writeNow);
globalThis.document?.addEventListener("visibilitychange", writeNow);

/** Like localStorage, but it never throws. A value that the browser does not store is kept until the page is closed. */
export const browserStorage: Pick<Storage, "getItem" | "setItem"> = {
  getItem(name) {
    const value = soon.get(name) ?? unsaved.get(name);
    if (value !== undefined) return value;
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  setItem(name, text) {
    soon.delete(name);
    try {
      localStorage.setItem(name, text);
      unsaved.delete(name);
    } catch {
      unsaved.set(name, text);
    }
  },
};

/** Whether localStorage accepts a value now. A browser may forbid it or have no space left. */
function acceptsWrites(): boolean {
  try {
    const trial = "parlor.trial";
    localStorage.setItem(trial, "1");
    localStorage.removeItem(trial);
    return true;
  } catch {
    return false;
  }
}

function read<T>(name: string): T | null {
  try {
    const text = browserStorage.getItem(name);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Returns whether the value outlives this page. */
function write(name: string, value: unknown): boolean {
  browserStorage.setItem(name, JSON.stringify(value));
  return !unsaved.has(name);
}

/** The values that this browser keeps outside the documents: the person's identity, the rooms with keys, and flags. */
export const memory = {
  me: (): OwnIdentity | null => read<OwnIdentity>(ME),
  setMe(me: OwnIdentity): boolean {
    if (!meIsTemporary) return write(ME, me);
    unsaved.set(ME, JSON.stringify(me));
    return false;
  },
  /** Uses this identity until the page is closed. The stored identity stays in the browser. */
  setTemporaryMe(me: OwnIdentity): void {
    meIsTemporary = true;
    memory.setMe(me);
  },
  /** Whether identity and rooms outlive the page. */
  outlivesPage: (): boolean => !unsaved.has(ME) && !unsaved.has(ROOMS) && acceptsWrites(),
  rooms: (): RoomRecord[] => read<RoomRecord[]>(ROOMS) ?? [],
  room: (slug: string): RoomRecord | null => memory.rooms().find((room) => room.slug === slug) ?? null,
  setRoom(room: RoomRecord): boolean {
    const others = memory.rooms().filter((other) => other.slug !== room.slug);
    const rooms = [room, ...others].slice(0, ROOMS_MAX);
    if (!meIsTemporary) return write(ROOMS, rooms);
    unsaved.set(ROOMS, JSON.stringify(rooms));
    return false;
  },
  forgetRoom: (slug: string): boolean =>
    write(
      ROOMS,
      memory.rooms().filter((room) => room.slug !== slug),
    ),
  flag: (name: string, fallback: boolean): boolean => read<boolean>(`parlor.${name}`) ?? fallback,
  setFlag: (name: string, value: boolean): boolean => write(`parlor.${name}`, value),
  value: <T>(name: string): T | null => read<T>(`parlor.${name}`),
  setValue: (name: string, value: unknown): boolean => write(`parlor.${name}`, value),
  /** Keeps a value that changes often, and writes it within a second, at the latest when the page is closed. */
  setValueSoon: (name: string, value: unknown): void => writeSoon(`parlor.${name}`, JSON.stringify(value)),
};
