/**
 * The path below which the server is, such as `/parlor`; empty for the root of its host. The server writes it into the
 * page's HTML. All requests, links and addresses of the page begin with it.
 */
export const basePath = readBase(
  typeof document === "undefined"
    ? null
    : document.querySelector<HTMLMetaElement>('meta[name="parlor-base"]'),
);

export function readBase(meta: { readonly content: string } | null): string {
  return meta === null ? "" : meta.content.replace(/\/$/, "");
}

/** The path of a URL, for a path of the server. */
export const withBase = (path: string, base = basePath): string => base + path;

/** The server's path, for the path of a URL. */
export const withoutBase = (path: string, base = basePath): string =>
  path === base ? "/" : path.startsWith(`${base}/`) ? path.slice(base.length) : path;
