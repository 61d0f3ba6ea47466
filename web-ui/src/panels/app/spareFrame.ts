import { OWN_MODULE, type Program, WARM, type Warm } from "../../run/messages";
import type { AppLanguage } from "./blocks";
import { planImports } from "./imports";
import { packageList } from "./packages";
import { ownPreviewAddress } from "./previewHost";
import { transform } from "./program";

/*
 * A frame for the next app, loaded while an answer with an app is still written: its process runs, its script is there,
 * and for a component React is loaded. So the app shows sooner. It has no code of an app, and its host has a random name
 * that no other frame has. It keeps the rules of every frame: the same sandbox, policy and document.
 */

/** The header says the same; the attribute holds if a proxy drops the header. */
const SANDBOX = "allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads";
/** What a component needs. */
const PACKAGES = ["react", "react/jsx-runtime", "react-dom/client"];

declare global {
  interface Element {
    /** Moves a node without a reload of the frames in it. Not every browser has it. */
    moveBefore(node: Node, before: Node | null): void;
  }
}

export type Kind = "component" | "page";

interface Spare {
  readonly element: HTMLIFrameElement;
  readonly kind: Kind;
  /** Whether the frame's document has loaded. Then it takes an app. */
  loaded: boolean;
}

let spare: Spare | null = null;
/** The number of the latest preparation. A preparation that was dropped makes no frame later. */
let latest = 0;

/** A frame of an app, with the address of its document. It is not yet in the page. */
export function newFrame(address: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.className = "app-frame";
  frame.setAttribute("sandbox", SANDBOX);
  frame.referrerPolicy = "no-referrer";
  frame.src = address;
  return frame;
}

/** Loads a frame for an app of this kind out of view, in place of an earlier one of the other kind. */
export async function prepareSpareFrame(kind: Kind): Promise<void> {
  if (spare?.kind === kind) return;
  dropSpareFrame();
  const preparation = latest;
  if (kind === "component") void transform({ name: "App.jsx", code: "" });
  const list = kind === "component" ? await packageList().catch(() => null) : null;
  const address = await ownPreviewAddress(crypto.randomUUID());
  // Without `moveBefore`, a frame that moves in the page loads again, so a spare frame would save nothing.
  if (preparation !== latest || address === null || !("moveBefore" in document.body)) return;
  const made: Spare = { element: newFrame(address), kind, loaded: false };
  spare = made;
  const { element } = made;
  element.addEventListener("load", () => (made.loaded = true), { once: true });
  if (list !== null) {
    const { imports, integrity } = planImports("", list);
    const warm: Warm = { type: WARM, imports, integrity, load: PACKAGES.filter((name) => name in imports) };
    // The frame has an opaque origin, which no target origin names.
    element.addEventListener("load", () => element.contentWindow?.postMessage(warm, "*"), { once: true });
  }
  const holder = document.createElement("div");
  holder.hidden = true;
  holder.append(element);
  document.body.append(holder);
}

/** Removes the spare frame. */
export function dropSpareFrame(): void {
  latest += 1;
  spare?.element.parentElement?.remove();
  spare = null;
}

/** Gives the spare frame to a program that can run in it, or null. The caller moves the frame into its own place. */
export function takeSpareFrame(program: Program): Spare | null {
  const taken = spare;
  if (taken === null || !fits(program, taken.kind)) return null;
  latest += 1;
  spare = null;
  return taken;
}

/** Moves a frame with its loaded document. */
export function moveFrame(element: HTMLIFrameElement, to: Element): void {
  const holder = element.parentElement;
  to.moveBefore(element, null);
  holder?.remove();
}

export const kindOf = (language: AppLanguage): Kind =>
  language === "jsx" || language === "tsx" ? "component" : "page";

/**
 * Whether a program can run in a spare frame. For components, the frame has an import map with only the packages of the
 * server, and some browsers take no second map. So a component with files of its own, or with packages that the server
 * does not have, needs a new frame.
 */
export const fits = ({ kind, files, stubs }: Program, spareKind: Kind): boolean =>
  kind === "module"
    ? spareKind === "component" &&
      Object.keys(stubs).length === 0 &&
      files.every(({ code }) => !code.includes(OWN_MODULE))
    : spareKind === "page";
