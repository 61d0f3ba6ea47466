import { int, str } from "./scalars";

/** The most versions that an app window keeps. A new version above it drops the oldest from the list. */
export const VERSIONS_MAX = 100;
/** The most further files of one version, the limit of a deploy. Files above it are left out. */
export const FILES_MAX = 99;

/** One version of an app: a code block of an answer, or a note with code that people edit. */
export interface AppVersion {
  /**
   * `result:<request>#<block>`, `result:<request>` for the app's blocks in that answer, `chat:<entry>#<block>`, or
   * `note:<id>`.
   */
  readonly ref: string;
  readonly by: string;
  readonly at: number;
  /** Whether the version is the answer to a request to fix an error of the version before. */
  readonly fix: boolean;
  /** The version that this one was made from; empty for the first. It is shown until this version has code. */
  readonly from: string;
  /** The notes with the other files of a version that people edit. Other files stay as in the version before. */
  readonly files?: readonly FileNote[];
}

/** A file of an app whose code is a note. */
export interface FileNote {
  /** The path of the file, without a leading slash. */
  readonly name: string;
  readonly note: string;
}

type Props = Readonly<Record<string, unknown>>;

/** The versions of an app window, oldest first. A damaged entry is left out. */
export function appVersionsOf(props: Props): readonly AppVersion[] {
  if (!Array.isArray(props.versions)) return [];
  const seen = new Set<string>();
  return props.versions.flatMap((raw: unknown) => {
    if (typeof raw !== "object" || raw === null) return [];
    const entry = raw as Record<string, unknown>;
    const ref = str(entry.ref);
    if (ref === "" || seen.has(ref)) return [];
    seen.add(ref);
    const files = fileNotesOf(entry.files);
    return [
      {
        ref,
        by: str(entry.by),
        at: int(entry.at),
        fix: entry.fix === true,
        from: str(entry.from),
        ...(files.length > 0 && { files }),
      },
    ];
  });
}

function fileNotesOf(raw: unknown): readonly FileNote[] {
  if (!Array.isArray(raw)) return [];
  return raw.slice(0, FILES_MAX).flatMap((each: unknown) => {
    if (typeof each !== "object" || each === null) return [];
    const { name, note } = each as Record<string, unknown>;
    const file = { name: str(name), note: str(note) };
    return file.name === "" || file.note === "" ? [] : [file];
  });
}

/** The shared state of an app window: JSON by key. */
export function appStateOf(props: Props): Readonly<Record<string, string>> {
  const raw = props.state;
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return {};
  const state: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) {
    const json = str(value);
    if (json !== "") state[key] = json;
  }
  return state;
}
