import { getCursor, getCursorPosition, type Prop } from "@automerge/automerge/slim";
import { type Extension, type Range, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import { hash } from "../../room/names";
import { guarded } from "../../room/parts";
import { assignColors, colorVar } from "../../room/people";
import type { RoomDoc } from "../../room/schema/document";
import { readParticipants } from "../../room/schema/read";
import type { RoomSession } from "../../room/session";
import { documentPosition, editorPosition } from "./binding";

/*
 * Shows other people's carets in a text. A caret is sent as two Automerge cursors. A cursor refers to a character, not
 * to a position, so the caret keeps its place while people type. The person is found in presence by the sender's peer
 * id.
 */

/**
 * The ephemeral message with a caret: `anchor` and `head` are Automerge cursors, or null if the person left the text.
 */
export type CaretMessage = {
  readonly type: "parlor-caret";
  readonly text: string;
  readonly anchor: string | null;
  readonly head: string | null;
};

type Caret = { readonly anchor: string; readonly head: string; readonly at: number; readonly moves: number };
type ShownCaret = {
  readonly from: number;
  readonly to: number;
  readonly head: number;
  readonly name: string;
  readonly color: string;
  readonly key: string;
};

/**
 * A caret that is not sent again for this time is removed. Presence usually removes the caret of a person who leaves
 * sooner. New people get all carets at once, so carets are sent again only rarely.
 */
const CARET_TTL_MS = 150_000;
const RENEW_MS = 60_000;
const SEND_EVERY_MS = 60;
const TEXT_MAX = 120;
const CARETS_MAX = 40;

export function isCaretMessage(message: unknown): message is CaretMessage {
  if (typeof message !== "object" || message === null) return false;
  const { type, text, anchor, head } = message as Record<string, unknown>;
  const isCursorOrNull = (value: unknown) =>
    value === null || (typeof value === "string" && value.length <= 200);
  return (
    type === "parlor-caret" &&
    typeof text === "string" &&
    text.length <= TEXT_MAX &&
    isCursorOrNull(anchor) &&
    isCursorOrNull(head)
  );
}

/** The type of the message with which a new editor requests the carets of the people who are in the text. */
const CARET_REQUEST = "parlor-caret-ask";

function requestsCarets(message: unknown, ownText: string): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { type, text } = message as Record<string, unknown>;
  return type === CARET_REQUEST && text === ownText;
}

const showCarets = StateEffect.define<readonly ShownCaret[]>();

const caretField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (carets, transaction) => {
    let next = carets.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(showCarets)) next = decorate(effect.value);
    return next;
  },
  provide: (self) => EditorView.decorations.from(self),
});

function decorate(carets: readonly ShownCaret[]): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const caret of carets) {
    if (caret.from < caret.to) {
      const style = `--p:${caret.color}`;
      ranges.push(
        Decoration.mark({ class: "caret-range", attributes: { style } }).range(caret.from, caret.to),
      );
    }
    ranges.push(Decoration.widget({ widget: new CaretWidget(caret), side: 1 }).range(caret.head));
  }
  return Decoration.set(ranges, true);
}

class CaretWidget extends WidgetType {
  constructor(private readonly caret: ShownCaret) {
    super();
  }

  override eq(other: CaretWidget): boolean {
    return other.caret.key === this.caret.key;
  }

  override toDOM(): HTMLElement {
    const bar = document.createElement("span");
    bar.className = "caret";
    bar.style.setProperty("--p", this.caret.color);
    bar.setAttribute("aria-hidden", "true");
    const name = document.createElement("b");
    // The name is drawn by a style, so that it is no part of the text for screen readers and for the clipboard.
    name.dataset.name = this.caret.name;
    bar.append(name);
    return bar;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

type MeasuredName = { readonly bar: HTMLElement; readonly flipped: boolean };

/** Measures which names do not fit between their caret and the right edge, and must be shown left of the caret. */
function measureNames(view: EditorView): MeasuredName[] {
  const edge = view.scrollDOM.getBoundingClientRect().right;
  return [...view.contentDOM.querySelectorAll<HTMLElement>(".caret")].map((bar) => {
    const width = bar.firstElementChild?.getBoundingClientRect().width ?? 0;
    return { bar, flipped: bar.getBoundingClientRect().left + width > edge };
  });
}

function flipNames(all: readonly MeasuredName[]): void {
  for (const { bar, flipped } of all) bar.toggleAttribute("data-flip", flipped);
}

/** Shows other people's carets in the text at `path`. Unless `silent`, also sends this person's caret to them. */
export function remoteCarets(room: RoomSession, path: readonly string[], silent: boolean): Extension {
  const plugin = ViewPlugin.define((view) => new Carets(view, room, path, silent));
  return [caretField, plugin];
}

class Carets implements PluginValue {
  readonly #text: string;
  readonly #path: Prop[];
  readonly #others = new Map<string, Caret>();
  readonly #stop: (() => void)[];
  #sendTimer: ReturnType<typeof setTimeout> | undefined;
  #drawFrame = 0;
  #drawn = "";
  #lastSent = "";
  #composing = false;

  constructor(
    private readonly view: EditorView,
    private readonly room: RoomSession,
    path: readonly string[],
    private readonly silent: boolean,
  ) {
    this.#text = path.join("/");
    this.#path = [...path];
    const draw = guarded("carets", () => this.#scheduleDraw());
    room.handle.on("change", draw);
    const renew = setInterval(
      guarded("carets", () => {
        this.#sendAgain();
        draw();
      }),
      RENEW_MS,
    );
    let knownPeers: ReadonlyMap<string, unknown> = room.presence.peers.get();
    const onPeersChanged = guarded("carets", () => {
      const peers = room.presence.peers.get();
      if ([...peers.keys()].some((peer) => !knownPeers.has(peer))) this.#sendAgain();
      knownPeers = peers;
      draw();
    });
    this.#stop = [
      () => room.handle.off("change", draw),
      () => clearInterval(renew),
      room.onBroadcast(
        guarded("carets", (senderId: string, message: unknown) => this.#receive(senderId, message)),
      ),
      room.presence.peers.subscribe(onPeersChanged),
    ];
    if (knownPeers.size > 0) room.broadcast({ type: CARET_REQUEST, text: this.#text });
  }

  /** Sends this person's caret even if it has not changed, since some person does not know it yet. */
  #sendAgain(): void {
    this.#lastSent = "";
    this.#scheduleSend();
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.#scheduleSend();
    if (update.geometryChanged) this.#measure();
    if (this.#composing && !this.view.compositionStarted) this.#scheduleDraw();
  }

  #measure(): void {
    this.view.requestMeasure({ key: this, read: measureNames, write: flipNames });
  }

  destroy(): void {
    for (const stop of this.#stop) stop();
    clearTimeout(this.#sendTimer);
    cancelAnimationFrame(this.#drawFrame);
    if (this.#lastSent !== "" && this.#lastSent !== "null") this.#send(null, null);
  }

  #receive(senderId: string, message: unknown): void {
    if (requestsCarets(message, this.#text)) this.#sendAgain();
    if (!isCaretMessage(message) || message.text !== this.#text) return;
    if (message.anchor === null || message.head === null) this.#others.delete(senderId);
    else if (this.#others.has(senderId) || this.#others.size < CARETS_MAX) {
      const { anchor, head } = message;
      const before = this.#others.get(senderId);
      const moved = before === undefined || before.anchor !== anchor || before.head !== head;
      this.#others.set(senderId, {
        anchor,
        head,
        at: Date.now(),
        moves: (before?.moves ?? 0) + (moved ? 1 : 0),
      });
    }
    this.#scheduleDraw();
  }

  /**
   * Draws in the next frame. The document may change inside an update of the editor, and the editor then accepts no
   * dispatch.
   */
  #scheduleDraw(): void {
    cancelAnimationFrame(this.#drawFrame);
    this.#drawFrame = requestAnimationFrame(guarded("carets", () => this.#draw()));
  }

  #draw(): void {
    // Drawing a caret into the text that an input method composes would end the composition.
    this.#composing = this.view.compositionStarted;
    if (this.#composing) return;
    const doc = this.room.handle.doc();
    const participants = readParticipants(doc as RoomDoc);
    const colors = assignColors(participants);
    const shown: ShownCaret[] = [];
    for (const [senderId, caret] of this.#others) {
      const person = this.room.presence.peers.get().get(senderId);
      if (Date.now() - caret.at > CARET_TTL_MS) this.#others.delete(senderId);
      else if (person !== undefined) {
        const anchor = this.#place(caret.anchor);
        const head = this.#place(caret.head);
        const name = participants.find((each) => each.id === person.identity)?.name ?? person.name;
        const color = colorVar(colors.get(person.identity) ?? (hash(person.identity) % 12) + 1);
        // A cursor may refer to a character that has not arrived yet. The next change of the document draws again.
        if (anchor !== null && head !== null) {
          const key = `${senderId}/${name}/${color}/${caret.moves}`;
          shown.push({ from: Math.min(anchor, head), to: Math.max(anchor, head), head, name, color, key });
        }
      }
    }
    const drawn = JSON.stringify(shown);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.view.dispatch({ effects: showCarets.of(shown) });
    this.#measure();
  }

  #place(cursor: string): number | null {
    const length = this.view.state.doc.length;
    if (cursor === "end") return length;
    try {
      const at = getCursorPosition(this.room.handle.doc(), [...this.#path], cursor);
      const shown = editorPosition(this.view, at);
      return shown === null ? null : Math.min(shown, length);
    } catch {
      return null;
    }
  }

  #scheduleSend(): void {
    if (this.silent || this.#sendTimer !== undefined) return;
    this.#sendTimer = setTimeout(
      guarded("carets", () => {
        this.#sendTimer = undefined;
        this.#sendIfChanged();
      }),
      SEND_EVERY_MS,
    );
  }

  #sendIfChanged(): void {
    const { anchor, head } = this.view.state.selection.main;
    const focused = this.view.hasFocus;
    const cursors = focused ? [this.#cursor(anchor), this.#cursor(head)] : [null, null];
    const state = focused ? cursors.join("/") : "null";
    if (this.room.presence.peers.get().size === 0) return;
    if (state === this.#lastSent || (!focused && this.#lastSent === "")) return;
    this.#lastSent = state;
    this.#send(cursors[0] ?? null, cursors[1] ?? null);
  }

  #cursor(position: number): string | null {
    const length = this.view.state.doc.length;
    if (position >= length) return "end";
    try {
      return getCursor(this.room.handle.doc(), [...this.#path], documentPosition(this.view, position));
    } catch {
      return null;
    }
  }

  #send(anchor: string | null, head: string | null): void {
    const message: CaretMessage = { type: "parlor-caret", text: this.#text, anchor, head };
    this.room.broadcast(message);
  }
}
