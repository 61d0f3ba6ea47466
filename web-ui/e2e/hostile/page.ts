import type { HostileApp } from "./app";

const DENIED = "SecurityError";

/** Takes the port of the run script, as soon as the script answers a ping. */
const STEAL = `
const real = MessagePort.prototype.postMessage;
const port = await new Promise((resolve) => { MessagePort.prototype.postMessage = function (...values) { resolve(this); return real.apply(this, values); }; });
MessagePort.prototype.postMessage = real;`;

const MARKUP = '<img src=x onerror="top.pwned=1"><b data-forged>forged</b><script>top.pwned=1</script>';
/** The markup as a string in a script. It does not end the script's element. */
const QUOTED = JSON.stringify(MARKUP).replaceAll("</", "<\\/");

/** Apps that try to reach or disturb the page around them, its data and its person. */
export const PAGE_APPS: readonly HostileApp[] = [
  {
    name: "top-navigation",
    tries: "a navigation of the page around the app, in several ways",
    code: `
const to = (path) => FOREIGN + "/" + path;
await attempt("assign", () => { top.location = to("assign"); });
await attempt("href", () => { top.location.href = to("href"); });
await attempt("replace", () => top.location.replace(to("replace")));
await attempt("parent", () => parent.location.replace(to("parent")));
await attempt("script", () => { top.location = "javascript:document.title='pwned'"; });
await attempt("open", () => window.open(to("open"), "_top"));
await attempt("openParent", () => window.open(to("open"), "_parent"));
await attempt("hash", () => { top.location.hash = "#pwned"; });
await attempt("stop", () => top.stop());
await attempt("close", () => top.close());`,
    preview: { replace: DENIED, parent: DENIED },
    published: { replace: DENIED, parent: DENIED },
  },
  {
    name: "parent-access",
    tries: "access to the document, storage and functions of the page around it",
    code: `
await attempt("document", () => parent.document.title);
await attempt("storage", () => top.localStorage.length);
await attempt("eval", () => parent.eval("1"));
await attempt("frameElement", () => String(frameElement && frameElement.ownerDocument.title));
await attempt("siblings", () => { for (let i = 0; i < parent.length; i++) if (parent[i] !== window) return parent[i].document.title; return "none"; });
await attempt("write", () => parent.document.write("pwned"));
await attempt("setter", () => { parent.pwned = 1; });
await attempt("name", () => { parent.name = "pwned"; });
await attempt("domain", () => { document.domain = "localhost"; return parent.document.title; });
await attempt("domainBase", () => { document.domain = location.hostname; return parent.document.title; });`,
    preview: {
      document: DENIED,
      storage: DENIED,
      eval: DENIED,
      setter: DENIED,
      name: DENIED,
      domain: DENIED,
    },
    published: { document: DENIED, storage: DENIED, eval: DENIED, setter: DENIED, name: DENIED },
  },
  {
    name: "opener-access",
    tries: "access to the page that opened it",
    code: `
await attempt("opener", () => String(window.opener));
await attempt("title", () => window.opener.document.title);
await attempt("navigate", () => { window.opener.location = FOREIGN; });`,
    preview: { opener: "null", title: "TypeError" },
    published: { opener: "null", title: "TypeError" },
    byPath: { opener: "null" },
  },
  {
    name: "storage",
    tries: "all kinds of storage of the room's page",
    code: `
const clean = (text) => /parlor.(me|rooms|credential|windows|undo)|parlor-keys|automerge|token/i.test(text) ? "stolen " + text : "nothing of the room";
await attempt("local", () => { localStorage.setItem("pwned", "1"); return clean(Object.keys(localStorage).join()); });
await attempt("session", () => clean(JSON.stringify(sessionStorage)));
await attempt("databases", async () => clean((await indexedDB.databases()).map((d) => d.name).join()));
await attempt("open", () => new Promise((resolve, reject) => { const r = indexedDB.open("pwned"); r.onsuccess = () => resolve("own"); r.onerror = () => reject(r.error); }));
await attempt("delete", () => new Promise((resolve, reject) => { const r = indexedDB.deleteDatabase("automerge"); r.onsuccess = () => resolve("own"); r.onerror = () => reject(r.error); }));
await attempt("caches", async () => clean((await caches.keys()).join()));
await attempt("files", async () => { const root = await navigator.storage.getDirectory(); return clean(String(root.name)); });
await attempt("access", () => document.requestStorageAccess());
await attempt("prototype", () => Object.getPrototypeOf(document).constructor.name);
await attempt("native", () => { delete window.localStorage; return clean(Object.keys(Object.getOwnPropertyDescriptor(Window.prototype, "localStorage")?.get.call(window) ?? {}).join()); });
await attempt("channel", () => { const c = new BroadcastChannel("parlor"); c.postMessage("forged"); return listened(c); });
tried.stolen = String(Object.values(tried).some((text) => text.startsWith("stolen")));`,
    preview: {
      stolen: "false",
      local: "nothing of the room",
      databases: DENIED,
      open: DENIED,
      caches: DENIED,
      channel: "nothing happened",
    },
    published: { stolen: "false", channel: "nothing happened" },
    byPath: { stolen: "false", databases: DENIED, open: DENIED, caches: DENIED, channel: "nothing happened" },
  },
  {
    name: "cookies",
    tries: "cookies of the room, and cookies on the domain above the app",
    code: `
await attempt("read", () => document.cookie);
for (const domain of ["localhost", ".localhost", "127.0.0.1", location.hostname])
  await attempt("set " + domain, () => { document.cookie = "pwned=1; path=/; domain=" + domain; });
await attempt("bomb", () => { for (let i = 0; i < 50; i++) document.cookie = "bomb" + i + "=" + "x".repeat(4000) + "; path=/; domain=localhost"; });
await attempt("store", async () => { await cookieStore.set({ name: "pwned", value: "1", domain: "localhost" }); return "set"; });
await attempt("native", () => Object.getOwnPropertyDescriptor(Document.prototype, "cookie").get.call(document));`,
    preview: { read: "", native: DENIED },
    byPath: { read: DENIED, native: DENIED },
  },
  {
    name: "secrets",
    tries: "the key, token or address of the room: referrer, ancestors, history, performance, messages",
    code: `
const heard = [];
addEventListener("message", ({ data }) => heard.push(JSON.stringify(data)));
const all = [document.referrer, [...(location.ancestorOrigins ?? [])].join(), window.name, location.href, JSON.stringify(performance.getEntries().map((e) => e.name)),
  JSON.stringify(globalThis.navigation?.entries().map((e) => e.url)), JSON.stringify(window.parlor ?? {}), Object.keys(globalThis).join()];
if (parent !== window) for (const ask of [{ type: "viewer" }, { type: "token" }, "init"]) parent.postMessage(ask, "*");
await pause(300);
const text = all.join() + heard.join();
tried.path = String(text.includes(ROOM));
tried.key = String(/#k=|[?&]k=|"token"|Bearer/.test(text));
tried.referrer = document.referrer;`,
    preview: { path: "false", key: "false", referrer: "" },
    published: { path: "false", key: "false", referrer: "" },
    byPath: { path: "false", key: "false", referrer: "" },
  },
  {
    name: "message-flood",
    tries: "very many and very large messages to the page",
    code: `
for (let i = 0; i < 20_000; i++) parent.postMessage({ i, html: ${QUOTED} }, "*");
for (let i = 0; i < 5; i++) top.postMessage("x".repeat(10_000_000), "*");
for (let i = 0; i < 5; i++) { const buffer = new ArrayBuffer(20_000_000); top.postMessage(buffer, "*", [buffer]); }
let deep = null; for (let i = 0; i < 5_000; i++) deep = [deep];
await attempt("deep", () => top.postMessage(deep, "*"));`,
    byPath: null,
  },
  {
    name: "forged-init",
    tries: "a second init to itself, and an init to the page and to other apps",
    code: `
const forged = { type: "parlor-init", program: { kind: "html", files: [{ name: "a", code: "<h1 id=forged>forged</h1>" }], imports: {}, integrity: {}, stubs: {} }, env: {}, viewer: { identity: "forged", name: "forged", canEdit: true }, state: {} };
const send = (target, message) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = ({ data }) => { tried.answered = JSON.stringify(data); }; target.postMessage(message, "*", [port2]); };
send(window, forged);
for (const message of [forged, { type: "init" }, { type: "viewer", viewer: { identity: "forged", name: "forged" } }, { type: "ready" }, { type: "state", key: "a", json: "1" }]) {
  send(parent, message); send(top, message);
  for (let i = 0; i < parent.length; i++) if (parent[i] !== window) send(parent[i], message);
}
await pause(400);
tried.replaced = String(document.getElementById("forged") !== null);
tried.viewer = String(window.parlor?.viewer.name ?? "");`,
    preview: { replaced: "false" },
  },
  {
    name: "stolen-port",
    tries: "forged messages with markup on the port of the run script",
    code: `
if (location.pathname === "/~run/") {
  ${STEAL}
  const html = ${QUOTED};
  for (const message of [
    { type: "error", kind: html, file: html, line: html, column: {}, message: html, stack: html.repeat(9_000) },
    { type: "console", level: "__proto__", text: html }, { type: "console", level: "error", text: { toString: html } },
    { type: "blocked", url: "javascript:top.pwned=1" }, { type: "blocked", url: html }, { type: "link", url: "javascript:top.pwned=1" },
    { type: "link", url: "data:text/html," + html }, { type: "pong", id: Number.MAX_VALUE }, { type: "rendered", __proto__: { type: "ready" } },
    { type: "state", key: "__proto__", json: '"polluted"' }, { type: "state", key: "constructor", json: '{"prototype":{"pwned":1}}' },
    { type: "state", key: html, json: JSON.stringify(html) }, { type: "state", key: "a\\u0000b", json: "1" }, { type: "state", key: "\\ud800", json: "1" },
    { type: "state", key: "fish \\ud83d\\udc1f", json: "1" }, { type: "state", key: "a", json: "{" }, { type: "state", key: "x".repeat(65), json: "1" },
    { type: "state", key: "big", json: '"' + "x".repeat(5_000) + '"' }, null, 1, "ready", [], new Map([["type", "ready"]]), new Blob(["x"]),
  ]) port.postMessage(message);
}`,
  },
  {
    name: "port-flood",
    tries: "a flood of messages on the port of the run script",
    code: `
if (location.pathname === "/~run/") {
  ${STEAL}
  for (let round = 0; round < 40; round++) { for (let i = 0; i < 1_000; i++) port.postMessage({ type: "console", level: "log", text: "flood " + i }); await pause(0); }
}`,
    leaves: /sent too many messages/,
    byPath: null,
  },
  {
    name: "state-flood",
    tries: "shared state with hostile keys, too large values, too many keys and too many writes",
    code: `
const set = (key, value) => parlor.state.set(key, value);
if (window.parlor) {
await attempt("large", () => set("large", "x".repeat(5 * 1024)));
await attempt("long", () => set("k".repeat(65), 1));
await attempt("empty", () => set("", 1));
await attempt("proto", () => { set("__proto__", { pwned: 1 }); return {}.pwned; });
await attempt("fish", () => { set("fish \\ud83d\\udc1f", 1); return "set"; });
await attempt("half", () => { set("half \\ud800", 1); return "set"; });
await attempt("nul", () => { set("nul\\u0000", 1); return "set"; });
await attempt("markup", () => { set(${JSON.stringify(MARKUP.slice(0, 40))}, ${QUOTED}); return "set"; });
await attempt("many", () => { for (let i = 0; i < 70; i++) set("key" + i, i); return "set"; });
await attempt("fast", () => { for (let i = 0; i < 1_000; i++) set("key1", i); return "set"; });
await attempt("cyclic", () => { const a = {}; a.a = a; set("cyclic", a); });
await attempt("getter", () => set("getter", { toJSON() { throw new RangeError("no"); } }));
}`,
    preview: {
      large: "Error",
      long: "Error",
      empty: "Error",
      proto: "Error",
      half: "Error",
      nul: "Error",
      many: "Error",
      fast: "set",
      cyclic: "TypeError",
      getter: "RangeError",
    },
  },
  {
    name: "modals",
    tries: "a flood of dialogs, prints and prompts",
    code: `
const count = async (name, show) => attempt(name, () => { const from = performance.now(); for (let i = 0; i < 10; i++) show("hostile " + i); return performance.now() - from < 60_000; });
await count("alert", (text) => alert(text));
await count("confirm", (text) => confirm(text));
await count("prompt", (text) => prompt(text));
await count("print", () => print());
await attempt("frame", async () => { document.body.append(made("iframe", { srcdoc: "<script>for (let i = 0; i < 5; i++) alert('nested')<\\/script>" })); await pause(300); });
onbeforeunload = (event) => { event.preventDefault(); return "stay"; };`,
  },
  {
    name: "room-frames",
    tries: "frames of the room, of the API and of the front page",
    code: `
const shown = async (url) => { const frame = made("iframe", { src: url }); document.body.append(frame); await pause(250); try { return frame.contentDocument ? "blank" : "other origin"; } catch { return "other origin"; } };
for (const path of [ROOM, "/", "/api/config", "/~run/", "/sync", "/vibe/ada/app"]) await attempt(path, () => shown(SERVER + path));
await attempt("api", () => fetch(SERVER + "/api/config").then((r) => r.status));
await attempt("create", () => fetch(SERVER + "/api/rooms", { method: "POST", body: '{"title":"forged"}', headers: { "content-type": "text/plain" }, mode: "no-cors" }).then((r) => r.type));
await attempt("socket", () => listened(new WebSocket(SERVER.replace("http", "ws") + "/sync")));`,
    preview: { api: "TypeError", create: "TypeError", socket: "error" },
    published: { api: "TypeError", create: "TypeError", socket: "error" },
    byPath: { api: "TypeError", create: "TypeError", socket: "error" },
  },
  {
    name: "path-tricks",
    tries: "paths that lead out of its folder",
    code: `
const paths = ["/~run/../api/config", "/~run/%2e%2e/api/config", "/~run/..%2fapi/config", "/~~vendor~~/../api/config", "/~~transformed~~/../../api/config",
  "/~~vendor~~/%2e%2e/%2e%2e/web/index.html", "/~run/run.js/../../api/config", "/a/../api/config", "/__proto__", "/constructor/prototype", "/~z1234567~/"];
for (const path of paths) {
  await attempt("fetch " + path, () => fetch(path).then((r) => r.text()).then((text) => /storageId|"syncPath"|PARLOR/.test(text) ? "reached" : "nothing"));
  await attempt("script " + path, () => settled(made("script", { src: path })));
}
tried.reached = String(Object.values(tried).includes("reached"));`,
    preview: { reached: "false" },
    published: { reached: "false" },
    byPath: { reached: "false" },
  },
  {
    name: "downloads",
    tries: "many downloads without a press",
    code: `
for (let i = 0; i < 10; i++) await attempt("blob " + i, () => made("a", { href: URL.createObjectURL(new Blob(["x"])), download: "../../pwned" + i + ".exe" }).click());
await attempt("data", () => made("a", { href: "data:text/html,<script>1</script>", download: "a.html" }).click());
await attempt("picker", () => showSaveFilePicker());`,
    preview: { picker: DENIED },
  },
  {
    name: "screen",
    tries: "full screen, pointer lock, keyboard lock and wake lock",
    code: `
await attempt("full", () => document.documentElement.requestFullscreen());
await attempt("pointer", () => document.documentElement.requestPointerLock());
await attempt("keyboard", () => navigator.keyboard.lock());
await attempt("wake", () => navigator.wakeLock.request("screen"));
await attempt("orientation", () => screen.orientation.lock("portrait"));
await attempt("pip", () => documentPictureInPicture.requestWindow());
await attempt("move", () => { window.moveTo(0, 0); window.resizeTo(1, 1); });`,
    preview: { full: "TypeError" },
  },
  {
    name: "clipboard",
    tries: "the clipboard of the person",
    code: `
await attempt("read", () => navigator.clipboard.readText());
await attempt("items", () => navigator.clipboard.read());
await attempt("write", () => navigator.clipboard.writeText("pwned"));
await attempt("command", () => { const field = document.body.appendChild(made("textarea", { value: "pwned" })); field.select(); return document.execCommand("copy"); });
await attempt("paste", () => document.execCommand("paste"));`,
    preview: { read: "NotAllowedError", items: "NotAllowedError", write: "NotAllowedError", paste: "false" },
    published: { read: "NotAllowedError", items: "NotAllowedError", paste: "false" },
    byPath: { read: "NotAllowedError" },
  },
  {
    name: "permissions",
    tries: "camera, microphone, place, notifications, devices and credentials",
    code: `
await attempt("camera", () => navigator.mediaDevices.getUserMedia({ video: true }));
await attempt("display", () => navigator.mediaDevices.getDisplayMedia());
await attempt("place", () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(() => resolve("found"), () => reject(new DOMException("", "NotAllowedError")))));
await attempt("notify", () => Notification.requestPermission());
await attempt("usb", () => navigator.usb.requestDevice({ filters: [] }));
await attempt("bluetooth", () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }));
await attempt("midi", () => navigator.requestMIDIAccess());
await attempt("credentials", () => navigator.credentials.get({ password: true }));
await attempt("payment", () => new PaymentRequest([{ supportedMethods: FOREIGN }], { total: { label: "a", amount: { currency: "EUR", value: "1" } } }).show());
await attempt("protocol", () => navigator.registerProtocolHandler("web+pwned", FOREIGN + "?%s"));
await attempt("idle", () => new IdleDetector().start());`,
    preview: { place: "NotAllowedError" },
    published: { place: "NotAllowedError" },
  },
  {
    name: "history",
    tries: "floods of the history, and steps back that would leave the page",
    code: `
await attempt("push", () => { for (let i = 0; i < 150; i++) history.pushState(i, "", "#" + i); });
await attempt("hash", () => { for (let i = 0; i < 50; i++) location.hash = "h" + i; });
await attempt("top", () => top.history.back());
await attempt("back", async () => { history.go(-400); await pause(200); });
await attempt("traverse", () => navigation.back().committed);
await attempt("far", async () => { for (let i = 0; i < 20; i++) { history.go(-i); await pause(5); } });`,
  },
  {
    name: "titles",
    tries: "a flood of titles, icons and colours of the page",
    code: `
for (let i = 0; i < 1_000; i++) document.title = "pwned " + i;
document.head.append(made("link", { rel: "icon", href: "data:image/png;base64,AAAA" }), made("meta", { name: "theme-color", content: "red" }));
await attempt("badge", () => navigator.setAppBadge(99));
await attempt("parent", () => { parent.document.title = "pwned"; });
await attempt("share", () => navigator.share({ title: "pwned", url: FOREIGN }));
await attempt("media", () => { navigator.mediaSession.metadata = new MediaMetadata({ title: "pwned" }); });`,
    preview: { parent: DENIED },
    published: { parent: DENIED },
  },
  {
    name: "service-worker",
    tries: "service workers and shared workers that would see requests of the server",
    code: `
const blob = URL.createObjectURL(new Blob(["onfetch=(e)=>e.respondWith(new Response('pwned'))"], { type: "text/javascript" }));
await attempt("blob", () => navigator.serviceWorker.register(blob));
await attempt("server", () => navigator.serviceWorker.register(SERVER + "/sw.js"));
await attempt("root", () => navigator.serviceWorker.register("/sw.js", { scope: "/" }));
await attempt("run", () => navigator.serviceWorker.register("/~run/run.js", { scope: "/" }));
await attempt("shared", () => new SharedWorker(SERVER + "/sw.js"));`,
    preview: { blob: DENIED, server: DENIED, root: DENIED, run: DENIED },
    published: { blob: "TypeError", server: DENIED },
    byPath: { blob: DENIED, server: DENIED, root: DENIED },
  },
  {
    name: "prototypes",
    tries: "changed prototypes and globals, to make the run script betray something",
    code: `
Object.prototype.polluted = "pwned"; Object.prototype.canEdit = true;
JSON.stringify = () => '{"type":"parlor-init"}'; Array.isArray = () => true; Map.prototype.get = () => ({ pwned: 1 });
Promise.prototype.then = function () { return this; }; Function.prototype.call = () => "pwned"; performance.now = () => 0; Date.now = () => 0;
window.parlor = { viewer: { identity: "forged" } }; window.addEventListener = () => 0; console.log = console.error;
document.getElementById('out').dataset.done = 'yes'; document.getElementById('out').textContent = '{}'; return;`,
  },
  {
    name: "covering",
    tries: "content that covers or imitates the page around it",
    html: `<style>html, body { position: fixed; inset: -9999px; z-index: 2147483647; background: red }</style>
<dialog id="dialog" data-forged>Your session has ended. Type the room's key.</dialog><div popover id="popover" data-forged>forged</div>`,
    code: `
await attempt("dialog", () => document.getElementById("dialog").showModal());
await attempt("popover", () => document.getElementById("popover").showPopover());
await attempt("scroll", () => { document.body.scrollIntoView({ block: "end" }); scrollTo(0, 99_999); location.hash = "dialog"; });
await attempt("nodes", () => { let html = ""; for (let i = 0; i < 20_000; i++) html += "<i></i>"; const box = document.body.appendChild(made("div", {})); box.innerHTML = html; return box.childElementCount; });`,
  },
];
