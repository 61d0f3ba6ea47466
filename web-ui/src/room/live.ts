import type { Result } from "./schema/read";
import { Cell } from "./store";

/** A piece of a running answer, which the server sends to all peers as an ephemeral message. */
export interface Delta {
  readonly request: string;
  readonly epoch: number;
  /** The position of this piece in the answer, in UTF-16 units. */
  readonly index: number;
  readonly text: string;
}

const EARLY_DELTAS_MAX = 2_000;

/**
 * The text of one running answer, assembled from the document and from the pieces that arrive ahead of the document.
 * Pieces may arrive late, twice or not at all; the document's text fills every gap.
 */
export class LiveText {
  #text = "";
  #earlyDeltas: Delta[] = [];

  get text(): string {
    return this.#text;
  }

  /** Updates the assembled text from the document. The document's text replaces it if that is longer or differs. */
  mergeDocumentText(text: string): void {
    if (text.length >= this.#text.length || !this.#text.startsWith(text)) this.#text = text;
    this.#appendEarlyDeltas();
  }

  addDelta(delta: Delta): void {
    if (delta.index > this.#text.length) {
      if (this.#earlyDeltas.length < EARLY_DELTAS_MAX) this.#earlyDeltas.push(delta);
      return;
    }
    this.#append(delta);
    this.#appendEarlyDeltas();
  }

  #append({ index, text }: Delta): void {
    if (index <= this.#text.length && index + text.length > this.#text.length) {
      this.#text = this.#text.slice(0, index) + text;
    }
  }

  #appendEarlyDeltas(): void {
    if (this.#earlyDeltas.length === 0) return;
    this.#earlyDeltas.sort((a, b) => a.index - b.index);
    for (const delta of this.#earlyDeltas) this.#append(delta);
    this.#earlyDeltas = this.#earlyDeltas.filter((delta) => delta.index > this.#text.length);
  }
}

/** The running answers of a room. `version` notifies its listeners at most once per animation frame. */
export class LiveAnswers {
  readonly version = new Cell(0);
  readonly #texts = new Map<string, LiveText>();
  #scheduled = false;

  /** The text to show for a result: the document's text if the result has ended, else the longest received text. */
  textOf(result: Pick<Result, "request" | "status" | "text">): string {
    if (result.status !== "running") {
      this.#texts.delete(result.request);
      return result.text;
    }
    const liveText = this.#liveTextOf(result.request);
    liveText.mergeDocumentText(result.text);
    return liveText.text;
  }

  receive(message: unknown): void {
    const delta = readDelta(message);
    if (delta === null) return;
    this.#liveTextOf(delta.request).addDelta(delta);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.version.set(this.version.get() + 1);
    });
  }

  #liveTextOf(request: string): LiveText {
    let liveText = this.#texts.get(request);
    if (liveText === undefined) {
      liveText = new LiveText();
      this.#texts.set(request, liveText);
    }
    return liveText;
  }
}

export function readDelta(message: unknown): Delta | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, request, epoch, index, text } = message as Record<string, unknown>;
  if (type !== "generation-delta" || typeof request !== "string" || typeof text !== "string") return null;
  const start = Number(index);
  return Number.isSafeInteger(start) && start >= 0
    ? { request, epoch: Number(epoch), index: start, text }
    : null;
}
