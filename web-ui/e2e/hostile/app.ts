import type { ForeignListener } from "./listener";

/** The results of an app's attempts by name. A value is the attempt's result as text, or the name of its error. */
export type Tried = Readonly<Record<string, string>>;

/** An app that tries to do harm outside its frame. */
export interface HostileApp {
  /** Also the slug of the published app. */
  readonly name: string;
  readonly tries: string;
  /** Markup before the script. `FOREIGN` is the address of the foreign listener with the app's name. */
  readonly html?: string;
  /**
   * The body of an async function. It has `attempt(name, action)`, `settled(element)`, and the constants FOREIGN (the
   * app's address at the foreign listener), WS, STUN, SERVER (the address of the room's server) and ROOM (the room's
   * path).
   */
  readonly code: string;
  /** What the attempts must give in a preview. An attempt that is not named only has to leave the room unharmed. */
  readonly preview?: Tried;
  /** What the attempts must give on the app's own host. */
  readonly published?: Tried;
  /** What the attempts must give below `/a/` on the server's host; null if the app is not run there. */
  readonly byPath?: Tried | null;
  /**
   * Requests that arrive at the foreign listener from the published app, since no policy of a browser forbids them.
   * docs/security.md lists them.
   */
  readonly arrives?: readonly string[];
  /** For an app that ends its own document or its link to the page: the text that its window shows then. */
  readonly leaves?: RegExp;
}

export interface Surroundings {
  readonly listener: ForeignListener;
  readonly server: string;
  readonly room: string;
}

/** The page of an app. It ends with the results in the element `out`. */
export function pageOf(app: HostileApp, { listener, server, room }: Surroundings): string {
  const foreign = `${listener.url}/${app.name}`;
  return `<!doctype html>
<title>${app.name}</title>
${(app.html ?? "").replaceAll("FOREIGN", foreign).replaceAll("STUN_URL", listener.stun)}
<pre id="out"></pre>
<script>
const FOREIGN = ${JSON.stringify(foreign)}, WS = ${JSON.stringify(`ws://${listener.host}/${app.name}`)};
const STUN = ${JSON.stringify(listener.stun)}, SERVER = ${JSON.stringify(server)}, ROOM = ${JSON.stringify(room)};
const tried = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const attempt = async (name, action) => {
  try { tried[name] = String(await Promise.race([action(), pause(1500).then(() => "nothing happened")])); }
  catch (error) { tried[name] = (error && error.name) || "error"; }
};
const settled = (element, at = document.body ?? document.documentElement) => new Promise((resolve) => {
  for (const type of ["load", "error", "loadeddata"]) element.addEventListener(type, () => resolve(type));
  at.append(element);
});
const made = (tag, fields) => Object.assign(document.createElement(tag), fields);
const listened = (target) => new Promise((resolve) => {
  for (const type of ["open", "error", "close", "message"])
    target.addEventListener(type, (event) => resolve(event.data ?? type));
});
(async () => {
  ${app.code.replaceAll("</script", "<\\/script")}
  const out = document.getElementById("out") ?? document.documentElement.appendChild(made("pre", { id: "out" }));
  out.textContent = JSON.stringify(tried);
  out.dataset.done = "yes";
})();
</script>`;
}

/** The text in the window of an app that has replaced its own document. */
export const LEFT = /The app opened another page|The app is not responding/;
