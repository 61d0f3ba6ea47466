import { int, str } from "./scalars";

/** The most versions that an app window keeps. A new version above it drops the oldest from the list. */
export const VERSIONS_MAX = 100;

/** One version of an app: a code block of an answer, or a note with code that people edit. */
export interface AppVersion {
  /** `result:<request>#<block>`, `result:<request>` for the app's block in that answer, or `note:<id>`. */
  readonly ref: string;
  readonly by: string;
  readonly at: number;
  /** Whether the version is the answer to a request to fix an error of the version before. */
  readonly fix: boolean;
  /** The version that this one was made from; empty for the first. It is shown until this version has code. */
  readonly from: string;
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
    return [{ ref, by: str(entry.by), at: int(entry.at), fix: entry.fix === true, from: str(entry.from) }];
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
