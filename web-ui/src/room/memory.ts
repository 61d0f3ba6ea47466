import type { Role } from "./document";

/** What this browser remembers outside the documents: who one is, and which rooms one has a key for. */
export interface KnownRoom {
  readonly slug: string;
  readonly key: string;
  readonly title: string;
  readonly role: Role;
  readonly documentId: string;
  readonly automergeUrl: string;
  readonly storageId: string;
  /** The identity that joined, so that the room opens offline. */
  readonly identity: string;
  readonly visitedAt: number;
  /** The identity that owns the room, or null while nobody does. */
  readonly owner?: string | null;
}

export interface KnownMe {
  readonly identity: string;
  /** Of an identity that has no key pair (yet); see credential.ts. */
  readonly token?: string;
  readonly name: string;
}

const ME = "parlor.me";
const ROOMS = "parlor.rooms";
const ROOMS_MAX = 50;

function read<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(name);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

function write(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** As long as this page stays open, where the browser keeps nothing. */
let meHere: KnownMe | null = null;

export const memory = {
  me: (): KnownMe | null => read<KnownMe>(ME) ?? meHere,
  setMe(me: KnownMe): boolean {
    const kept = write(ME, me);
    meHere = kept ? null : me;
    return kept;
  },
  /** Whether what is remembered here outlives the page; see `browserKeeps` in credential.ts. */
  lasts(): boolean {
    const trial = "parlor.trial";
    if (!write(trial, 1)) return false;
    const kept = read<number>(trial) === 1;
    try {
      localStorage.removeItem(trial);
    } catch {
      return false;
    }
    return kept;
  },
  rooms: (): KnownRoom[] => read<KnownRoom[]>(ROOMS) ?? [],
  room: (slug: string): KnownRoom | null => memory.rooms().find((room) => room.slug === slug) ?? null,
  setRoom(room: KnownRoom): boolean {
    const others = memory.rooms().filter((other) => other.slug !== room.slug);
    return write(ROOMS, [room, ...others].slice(0, ROOMS_MAX));
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
};
