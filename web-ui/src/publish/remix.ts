import { type AppName, type AppsApi, AppsProblem, type FoundApp, type StoredFile } from "./api";

/** A file of an app that becomes a note. */
export interface RemixedFile {
  /** Without the slash at the beginning. */
  readonly name: string;
  readonly text: string;
}

/** The files of a published app, on their way into a room. */
export interface Remix {
  readonly app: AppName;
  /** The file with which the app starts. */
  readonly entry: RemixedFile;
  readonly others: readonly RemixedFile[];
  /** Names of files that cannot become notes: pictures, or longer than a note. */
  readonly left: readonly string[];
}

/** The most UTF-16 units that a note takes; the server's `RoomLimits.NOTE_LENGTH_MAX`. */
const NOTE_LENGTH_MAX = 200_000;

const TEXT = /\.(html?|jsx?|tsx?|mjs|css|json|svg|md|txt|csv)$/i;
/** The files with which an app starts if none is marked, best first. */
const ENTRIES: readonly RegExp[] = [/^\/index\.html$/, /^\/App\.[jt]sx$/, /\.html$/, /\.[jt]sx$/, /\.svg$/];

/** Reads the source of a published app. Rejects with `AppsProblem`. */
export async function readRemix(api: AppsApi, app: AppName): Promise<Remix> {
  const found = await api.find(app);
  const { fsId } = found;
  if (found.grant === "unpublished") throw new AppsProblem("not-published", "");
  if (fsId === undefined || found.grant === "not-found") throw new AppsProblem("not-found", "");
  // The server adds its own files under names with two tildes.
  const written = found.fileSystem.filter(({ fileName }) => !fileName.startsWith("/~~"));
  const fits = ({ fileName, size }: StoredFile): boolean =>
    TEXT.test(fileName) && size <= 4 * NOTE_LENGTH_MAX;
  const texts = withoutModules(await readAll(api, found, fsId, written.filter(fits)));
  const short = texts.filter(({ text }) => text.length <= NOTE_LENGTH_MAX);
  const entryName = entryOf(written)?.slice(1);
  const entry = short.find(({ name }) => name === entryName);
  if (entry === undefined) throw new AppsProblem("nothing-to-remix", "");
  const taken = new Set(short.map(({ name }) => name));
  return {
    app,
    entry,
    others: short.filter((file) => file !== entry),
    left: written
      .map(({ fileName }) => fileName.slice(1))
      .filter((name) => !taken.has(name) && !isModuleOfText(name, taken)),
  };
}

/** Whether a file is the module that publishing made for a style sheet, JSON or drawing beside it. */
const isModuleOfText = (name: string, names: ReadonlySet<string>): boolean =>
  /\.(css|json|svg)\.js$/.test(name) && names.has(name.slice(0, -".js".length));

/** The files as their author wrote them: without the modules of texts, and with imports of the texts. */
function withoutModules(files: readonly RemixedFile[]): readonly RemixedFile[] {
  const names = new Set(files.map(({ name }) => name));
  const modules = files.filter(({ name }) => isModuleOfText(name, names)).map(({ name }) => name);
  return files
    .filter(({ name }) => !modules.includes(name))
    .map(({ name, text }) => ({
      name,
      text: text.replace(/(["'])([^"'\n]+\.(?:css|json|svg))\.js\1/g, (whole, quote: string, path: string) =>
        modules.some((each) => each.endsWith(`${path.split("/").at(-1)}.js`))
          ? `${quote}${path}${quote}`
          : whole,
      ),
    }));
}

async function readAll(
  api: AppsApi,
  { userSlug, appSlug, grant }: FoundApp,
  fsId: string,
  files: readonly StoredFile[],
): Promise<readonly RemixedFile[]> {
  const read = async ({ fileName }: StoredFile): Promise<RemixedFile> => ({
    name: fileName.slice(1),
    text: await api.source({ userSlug, appSlug }, fsId, fileName),
  });
  try {
    return await Promise.all(files.map(read));
  } catch (cause) {
    // The server serves no file of an unpublished app, not even to its user.
    const hidden = grant === "owner" && cause instanceof AppsProblem && cause.code === "not-found";
    throw hidden ? new AppsProblem("not-published", "") : cause;
  }
}

/** The file with which the app starts: an index page wins over the marked file. */
function entryOf(files: readonly StoredFile[]): string | undefined {
  const names = files.map(({ fileName }) => fileName);
  const marked = files.find(({ entryPoint }) => entryPoint === true)?.fileName;
  if (names.includes("/index.html")) return "/index.html";
  if (marked !== undefined) return marked;
  for (const pattern of ENTRIES) {
    const name = names.find((each) => pattern.test(each));
    if (name !== undefined) return name;
  }
  return undefined;
}

const keyOf = (slug: string): string => `parlor.remix.${slug}`;
/** Remixes that sessionStorage did not take, by the room's slug. */
const unstored = new Map<string, Remix>();

/** Keeps a remix until the room with this slug is open in this tab, also if the page is reloaded before. */
export function sendRemix(slug: string, remix: Remix): void {
  try {
    sessionStorage.setItem(keyOf(slug), JSON.stringify(remix));
  } catch {
    unstored.set(slug, remix);
  }
}

/** Takes the remix that was sent to this room, or null. */
export function takeRemix(slug: string): Remix | null {
  const kept = unstored.get(slug) ?? null;
  unstored.delete(slug);
  try {
    const text = sessionStorage.getItem(keyOf(slug));
    sessionStorage.removeItem(keyOf(slug));
    return text === null ? kept : (JSON.parse(text) as Remix);
  } catch {
    return kept;
  }
}
