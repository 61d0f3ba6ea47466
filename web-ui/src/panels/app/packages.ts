import { withBase } from "../../page/base";
import { withTimeout } from "../../page/timeout";
import type { PackageList, VendoredPackage } from "./imports";

const FOLDER = withBase("/~~vendor~~/");
const ADDRESS = `${FOLDER}index.json`;
/** The time that the list of packages may take. After that the app says that it has no packages. */
const LIST_MS = 15_000;

let loading: Promise<PackageList> | null = null;

/** The packages that apps may import, from the server. A failed fetch is tried again by the next app. */
export function packageList(): Promise<PackageList> {
  loading ??= withTimeout(LIST_MS, fetchList(), "list of packages").catch((problem) => {
    loading = null;
    throw problem;
  });
  return loading;
}

async function fetchList(): Promise<PackageList> {
  const response = await fetch(ADDRESS);
  if (!response.ok) throw new Error(`the list of packages was answered with ${response.status}`);
  const list = readList(await response.json());
  if (list === null) throw new Error("the list of packages is malformed");
  return list;
}

/** Reads the list. An entry without an address on this server is left out. */
export function readList(raw: unknown): PackageList | null {
  if (typeof raw !== "object" || raw === null) return null;
  const { set, packages, files } = raw as Record<string, unknown>;
  if (typeof packages !== "object" || packages === null) return null;
  const read: Record<string, VendoredPackage> = {};
  for (const [name, entry] of Object.entries(packages)) {
    if (typeof entry !== "object" || entry === null) continue;
    const { url, integrity, exports } = entry as Record<string, unknown>;
    if (typeof url !== "string" || !/^\/(?!\/)/.test(url)) continue;
    read[name] = {
      url: withBase(url),
      ...(typeof integrity === "string" ? { integrity } : {}),
      exports: Array.isArray(exports) ? exports.filter((each) => typeof each === "string") : [],
    };
  }
  const name = typeof set === "string" ? set : "";
  return { set: name, packages: read, integrity: readHashes(name, files) };
}

/** The hashes of the files of a set. Their paths are relative to the set. */
function readHashes(set: string, files: unknown): Readonly<Record<string, string>> {
  if (set === "" || typeof files !== "object" || files === null) return {};
  const hashes: Record<string, string> = {};
  for (const [path, entry] of Object.entries(files)) {
    const integrity = (entry as { integrity?: unknown } | null)?.integrity;
    if (path.endsWith(".js") && typeof integrity === "string") hashes[`${FOLDER}${set}/${path}`] = integrity;
  }
  return hashes;
}
