import { basePath, withBase } from "../page/base";
import type { AppName } from "./api";

/** The parts of an address around the app's slug, which is editable in the dialog. */
export interface AddressParts {
  readonly before: string;
  readonly after: string;
}

/**
 * The addresses of apps on this server.
 *
 * @param template the address of an app with the places `{user}` and `{app}`, such as
 *   `https://{app}--{user}.apps.example/`; null if the server does not tell it. Then apps have the address of the page
 *   that shows them, which every server has
 */
export class Addresses {
  readonly #template: string;

  constructor(
    template: string | null,
    readonly origin: string,
  ) {
    const usable =
      template?.includes("{user}") && template.includes("{app}") && /^https?:\/\//.test(template);
    this.#template = usable ? (template ?? "") : `${origin}${basePath}/vibe/{user}/{app}`;
  }

  of({ userSlug, appSlug }: AppName): string {
    return this.#template.replace("{user}", userSlug).replace("{app}", appSlug);
  }

  /** The address before and after the app's slug, without the protocol. */
  parts(userSlug: string): AddressParts {
    const [before = "", after = ""] = this.#template
      .replace("{user}", userSlug)
      .replace(/^https?:\/\//, "")
      .replace(/\/$/, "")
      .split("{app}");
    return { before, after };
  }
}

/** The path of the page that shows an app below a bar with its author and Remix. */
export const pagePath = ({ userSlug, appSlug }: AppName): string => withBase(`/vibe/${userSlug}/${appSlug}`);

/** The height of an embedded app, in CSS pixels. */
const EMBED_HEIGHT = 560;

/** HTML that shows an app in another page. Slugs and hosts have no signs with a meaning in HTML. */
export const embedSnippet = (url: string): string =>
  `<iframe src="${url.replace(/[<>"&]/g, encodeURIComponent)}" width="100%" height="${EMBED_HEIGHT}" style="border:0"></iframe>`;

/** The path on the front page that offers to remix an app: `/?remix={user}/{app}`. */
export const remixPath = ({ userSlug, appSlug }: AppName): string =>
  withBase(`/?remix=${userSlug}/${appSlug}`);

/** The app that the query of an address names for a remix; null if it names none. */
export function remixOf(query: string): AppName | null {
  const found = /^([a-z0-9-]{3,30})\/([a-z0-9-]{3,30})$/.exec(new URLSearchParams(query).get("remix") ?? "");
  return found === null ? null : { userSlug: found[1] ?? "", appSlug: found[2] ?? "" };
}
