/*
 * Closes what the policy of a preview leaves open, for the app's window and for each frame that the app makes. A frame
 * of the app with its own document (`srcdoc`) has fresh globals, so the text of this function becomes the first script
 * of that document. The function therefore uses nothing from outside, and calls only functions that it has taken before
 * any code of the app ran: an app may replace all others.
 *
 * A browser with the header Connection-Allowlist needs none of this for WebRTC. For others it is best effort.
 */
export function isolate(self: Window & typeof globalThis, own: string, isInner = false): void {
  const networkConstructors = [
    "RTCPeerConnection",
    "webkitRTCPeerConnection",
    "RTCDataChannel",
    "RTCSessionDescription",
    "RTCIceCandidate",
    "RTCIceTransport",
    "RTCCertificate",
    "RTCRtpSender",
    "RTCRtpReceiver",
    "RTCRtpTransceiver",
    "WebTransport",
  ];
  for (const name of networkConstructors)
    Object.defineProperty(self, name, { value: undefined, writable: false, configurable: false });

  const { apply } = Reflect;

  // A dialog covers the whole room. So an app shows at most three in ten seconds, and its frames show none.
  const dialogsMax = isInner ? 0 : 3;
  const dialogMs = 10_000;
  const now = self.performance.now.bind(self.performance);
  let dialogs = 0;
  let dialogsSince = Number.NEGATIVE_INFINITY;
  const answers = { alert: undefined, confirm: false, prompt: null, print: undefined };
  for (const name of ["alert", "confirm", "prompt", "print"] as const) {
    const show = self[name] as (...texts: unknown[]) => unknown;
    const limited = (...texts: unknown[]): unknown => {
      if (now() - dialogsSince > dialogMs) {
        dialogs = 0;
        dialogsSince = now();
      }
      dialogs += 1;
      return dialogs > dialogsMax ? answers[name] : apply(show, self, texts);
    };
    Object.defineProperty(self, name, { value: limited, writable: false, configurable: false });
  }

  // Each worker is a thread. Too many take the processor time of the whole machine. A worker may start further workers,
  // which no script of a page sees, so this is best effort.
  const workersMax = isInner ? 0 : 16;
  let workers = 0;
  const { construct } = Reflect;
  for (const name of ["Worker", "SharedWorker"] as const) {
    const original = self[name] as unknown as (new () => object) | undefined;
    if (original === undefined) continue;
    const limited = new Proxy(original, {
      construct(target, values, derived): object {
        if (workers >= workersMax) throw new self.RangeError(`An app may run at most ${workersMax} workers.`);
        const worker = construct(target, values, derived) as object;
        workers += 1;
        return worker;
      },
    });
    Object.defineProperty(self, name, { value: limited, writable: false, configurable: false });
    const own = { value: limited, writable: false, configurable: false };
    Object.defineProperty(original.prototype, "constructor", own);
  }
  const { terminate } = self.Worker.prototype;
  const ended = new WeakSet<Worker>();
  const { has, add } = WeakSet.prototype;
  self.Worker.prototype.terminate = function (this: Worker): void {
    apply(terminate, this, []);
    if (apply(has, ended, [this])) return;
    apply(add, ended, [this]);
    workers -= 1;
  };

  const getter = (target: object, name: string) =>
    Object.getOwnPropertyDescriptor(target, name)?.get as () => unknown;
  const { document } = self;
  const { HTMLIFrameElement, Element, MutationObserver, DocumentFragment, Document, ShadowRoot } = self;
  const addressOf = getter(HTMLIFrameElement.prototype, "src");
  const { getAttribute, setAttribute, removeAttribute, attachShadow } = Element.prototype;
  const inDocument = Document.prototype.querySelectorAll;
  const inShadow = DocumentFragment.prototype.querySelectorAll;
  const lengthOf = getter(self.NodeList.prototype, "length");
  const { startsWith, slice } = String.prototype;
  const { exec, [Symbol.replace]: replaceAll } = RegExp.prototype;
  const { join } = Array.prototype;
  const { observe } = MutationObserver.prototype;

  const guard = `<script>{const f=${own};f(window,String(f),true)}</script>`;
  const doctype = /^\s*<!doctype[^>]*>/i;
  const script = /^javascript:/i;

  const guardFrame = (frame: HTMLIFrameElement): void => {
    if (apply(exec, script, [apply(addressOf, frame, [])]) !== null) apply(removeAttribute, frame, ["src"]);
    const html = apply(getAttribute, frame, ["srcdoc"]) as string | null;
    if (html === null) return;
    const found = apply(exec, doctype, [html]) as RegExpExecArray | null;
    const head = found === null ? "" : found[0];
    const rest = apply(slice, html, [head.length]) as string;
    if (!apply(startsWith, rest, [guard]))
      apply(setAttribute, frame, ["srcdoc", head + guard + withoutShadows(rest)]);
  };

  // Shadow trees of the parser cannot be observed, so markup makes none.
  const shadowAttribute = /shadowrootmode/gi;
  Object.defineProperties(shadowAttribute, { exec: { value: exec }, flags: { value: "gi" } });
  const withoutShadows = (html: unknown): string =>
    apply(replaceAll, shadowAttribute, [`${html}`, "data-shadow"]) as string;
  for (const { prototype } of [Element, ShadowRoot, Document])
    for (const name of Object.getOwnPropertyNames(prototype))
      if (name.endsWith("HTMLUnsafe")) Reflect.deleteProperty(prototype, name);
  Reflect.deleteProperty(Document, "parseHTMLUnsafe");
  for (const name of ["write", "writeln"] as const) {
    const write = Document.prototype[name];
    Document.prototype[name] = function (this: Document, ...texts: string[]): void {
      apply(write, this, [withoutShadows(apply(join, texts, [""]))]);
    };
  }

  const shadows: ShadowRoot[] = [];
  const guardFrames = (): void => {
    for (let at = -1; at < shadows.length; at++) {
      const root = shadows[at];
      const list =
        root === undefined ? apply(inDocument, document, ["iframe"]) : apply(inShadow, root, ["iframe"]);
      const length = apply(lengthOf, list, []) as number;
      for (let i = 0; i < length; i++) {
        guardFrame((list as NodeListOf<HTMLIFrameElement>)[i] as HTMLIFrameElement);
      }
    }
  };

  const observer = new MutationObserver(guardFrames);
  const watch = (root: Node): void =>
    void apply(observe, observer, [
      root,
      { subtree: true, childList: true, attributes: true, attributeFilter: ["srcdoc", "src"] },
    ]);
  watch(document);
  // A copy of a shadow tree would not be observed.
  Element.prototype.attachShadow = function (this: Element, init: ShadowRootInit): ShadowRoot {
    const root = apply(attachShadow, this, [{ ...init, clonable: false }]) as ShadowRoot;
    shadows[shadows.length] = root;
    watch(root);
    return root;
  };
}
