/*
 * Closes what the policy of a preview leaves open, for the app's window and for each frame that the app makes. A frame
 * of the app with its own document (`srcdoc`) has fresh globals, so the text of this function becomes the first script
 * of that document. The function therefore uses nothing from outside, and calls only functions that it has taken before
 * any code of the app ran: an app may replace all others.
 *
 * A browser with the header Connection-Allowlist needs none of this for WebRTC. For others it is best effort.
 */
export function isolate(self: Window & typeof globalThis, own: string): void {
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
  const getter = (target: object, name: string) =>
    Object.getOwnPropertyDescriptor(target, name)?.get as () => unknown;
  const countOf = getter(self, "length");
  const { document } = self;
  const { HTMLIFrameElement, Element, MutationObserver, DocumentFragment, Document } = self;
  const windowOf = getter(HTMLIFrameElement.prototype, "contentWindow");
  const addressOf = getter(HTMLIFrameElement.prototype, "src");
  const { getAttribute, setAttribute, removeAttribute, attachShadow } = Element.prototype;
  const inDocument = Document.prototype.querySelectorAll;
  const inShadow = DocumentFragment.prototype.querySelectorAll;
  const lengthOf = getter(self.NodeList.prototype, "length");
  const { startsWith, slice } = String.prototype;
  const { exec } = RegExp.prototype;
  const { observe } = MutationObserver.prototype;

  const guard = `<script>{const f=${own};f(window,String(f))}</script>`;
  const doctype = /^\s*<!doctype[^>]*>/i;
  const script = /^javascript:/i;

  const guardFrame = (frame: HTMLIFrameElement): void => {
    if (apply(exec, script, [apply(addressOf, frame, [])]) !== null) apply(removeAttribute, frame, ["src"]);
    const html = apply(getAttribute, frame, ["srcdoc"]) as string | null;
    if (html === null) return;
    const found = apply(exec, doctype, [html]) as RegExpExecArray | null;
    const head = found === null ? "" : found[0];
    const rest = apply(slice, html, [head.length]) as string;
    if (!apply(startsWith, rest, [guard])) apply(setAttribute, frame, ["srcdoc", head + guard + rest]);
  };

  const shadows: ShadowRoot[] = [];
  const guardFrames = (): void => {
    const count = apply(countOf, self, []) as number;
    if (count === 0) return;
    const known: unknown[] = [];
    for (let at = -1; at < shadows.length; at++) {
      const root = shadows[at];
      const list =
        root === undefined ? apply(inDocument, document, ["iframe"]) : apply(inShadow, root, ["iframe"]);
      const length = apply(lengthOf, list, []) as number;
      for (let i = 0; i < length; i++) {
        const frame = (list as NodeListOf<HTMLIFrameElement>)[i] as HTMLIFrameElement;
        guardFrame(frame);
        known[known.length] = apply(windowOf, frame, []);
      }
    }
    // A frame in a closed shadow tree of the parser cannot be found, so it is emptied.
    for (let i = 0; i < count; i++) {
      const inner = self[i] as Window;
      let isKnown = false;
      for (let k = 0; k < known.length; k++) if (known[k] === inner) isKnown = true;
      if (!isKnown) inner.location.replace("about:blank");
    }
  };

  const observer = new MutationObserver(guardFrames);
  const watch = (root: Node): void =>
    void apply(observe, observer, [
      root,
      { subtree: true, childList: true, attributes: true, attributeFilter: ["srcdoc", "src"] },
    ]);
  watch(document);
  Element.prototype.attachShadow = function (this: Element, init: ShadowRootInit): ShadowRoot {
    const root = apply(attachShadow, this, [init]) as ShadowRoot;
    shadows[shadows.length] = root;
    watch(root);
    return root;
  };
}
