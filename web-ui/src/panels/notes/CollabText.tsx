import { Compartment, EditorState, type Transaction } from "@codemirror/state";
import { EditorView, placeholder as placeholderText } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { usePart, useRoom } from "../../room";
import { at } from "../../room/commands/command";
import { makeText } from "../../room/schema/texts";
import { boundTo } from "./binding";
import { remoteCarets } from "./carets";
import { basics } from "./editing";
import "./notes.css";

export type CollabTextProps = {
  /** The path of the text in the document. The text must exist. */
  readonly path: readonly string[];
  readonly label: string;
  readonly placeholder?: string;
  readonly readOnly?: boolean;
  /** Shows other people's carets, and sends them this person's caret. */
  readonly carets?: boolean;
  readonly autoFocus?: boolean;
  /** Enter ends the editing instead of starting a new line. */
  readonly singleLine?: boolean;
  /** The place that presence reports while this person types here. */
  readonly place?: string;
  readonly onDone?: () => void;
  readonly onLength?: (length: number) => void;
};

/**
 * An editor bound to one collaborative text. Every key is a splice, so the letters of two people who type in it all
 * stay. Undo and redo are the room's.
 */
export function CollabText(props: CollabTextProps) {
  const {
    path,
    label,
    placeholder,
    readOnly = false,
    carets = false,
    autoFocus = false,
    singleLine = false,
  } = props;
  const room = useRoom();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const caretsOn = usePart("carets") && carets;
  const joined = path.join("\n");
  const calls = useRef(props);
  calls.current = props;

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const where = joined.split("\n");
    if (!readOnly) makeCollaborative(room, where);
    const text = room.texts.at(where);
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text.shown.text,
        extensions: [
          basics({
            singleLine,
            onDone: () => calls.current.onDone?.(),
            undo: () => room.undo(),
            redo: () => room.redo(),
          }),
          EditorView.contentAttributes.of({ "aria-label": label }),
          placeholder === undefined ? [] : placeholderText(placeholder),
          readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : [],
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            calls.current.onLength?.(update.state.doc.length);
            const { place: here } = calls.current;
            if (here !== undefined && update.transactions.some(isTyping)) room.presence.setTyping(here);
          }),
          boundTo(text),
          caretsOf.of([]),
        ],
      }),
    });
    editor.current = view;
    calls.current.onLength?.(view.state.doc.length);
    if (autoFocus) {
      view.focus();
      view.dispatch({ selection: { anchor: view.state.doc.length } });
    }
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [room, joined, label, placeholder, readOnly, autoFocus, singleLine]);

  // A separate compartment, so that the editor and its caret stay when a host switches the carets on or off.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new editor has no carets yet
  useEffect(() => {
    const extension = caretsOn ? remoteCarets(room, joined.split("\n"), readOnly) : [];
    editor.current?.dispatch({ effects: caretsOf.reconfigure(extension) });
  }, [room, joined, label, placeholder, readOnly, caretsOn, autoFocus, singleLine]);

  return <div className="collab" ref={host} />;
}

const caretsOf = new Compartment();

const isTyping = (transaction: Transaction): boolean =>
  transaction.isUserEvent("input") || transaction.isUserEvent("delete");

/** A scalar cannot be spliced: the first edit turns it into a text with the same content. */
function makeCollaborative(room: ReturnType<typeof useRoom>, path: readonly string[]): void {
  if (typeof at(room.handle.doc(), path) === "string") return;
  room.change((doc) => {
    makeText(doc, path);
  });
}
