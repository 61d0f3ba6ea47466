import { Compartment, EditorState, type Transaction } from "@codemirror/state";
import { EditorView, placeholder as placeholderText } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { usePart, useRoom } from "../../room";
import { valueAt } from "../../room/commands/command";
import { makeText } from "../../room/schema/texts";
import { bindTo, documentPosition, editorPosition } from "./binding";
import type { CollabTextProps } from "./CollabText";
import { remoteCarets } from "./carets";
import { baseExtensions } from "./editing";
import { takesOver } from "./largeEdits";
import { useNoteMarks } from "./noteMarks";
import { type OpenEditor, registerEditor } from "./openEditors";
import "./notes.css";

/**
 * An editor bound to one collaborative text. Every key press is a splice, so the letters of two people who type at once
 * are all kept. Undo and redo are those of the room's history.
 */
export function TextEditor(props: CollabTextProps) {
  const {
    path,
    label,
    placeholder,
    readOnly = false,
    carets = false,
    autoFocus = false,
    singleLine = false,
    code = false,
  } = props;
  const room = useRoom();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const caretsOn = usePart("carets") && carets;
  // The effects depend on this string, because the array is a new object at each render.
  const pathKey = path.join("\n");
  const latestProps = useRef(props);
  latestProps.current = props;

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const textPath = pathKey.split("\n");
    if (!readOnly) makeCollaborative(room, textPath);
    const text = room.texts.at(textPath);
    const view = new EditorView({
      parent,
      dispatchTransactions: (transactions, shown) => {
        if (!transactions.some((each) => takesOver(room, text, each, shown))) shown.update(transactions);
      },
      state: EditorState.create({
        doc: text.shown.text,
        extensions: [
          baseExtensions({
            singleLine,
            code,
            onDone: () => latestProps.current.onDone?.(),
            undo: () => room.undo(),
            redo: () => room.redo(),
          }),
          EditorView.contentAttributes.of({ "aria-label": label }),
          placeholder === undefined ? [] : placeholderText(placeholder),
          readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : [],
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            latestProps.current.onLength?.(update.state.doc.length);
            const { place: typingPlace } = latestProps.current;
            if (typingPlace !== undefined && update.transactions.some(isTyping))
              room.presence.setTyping(typingPlace);
          }),
          bindTo(text),
          caretCompartment.of([]),
        ],
      }),
    });
    editor.current = view;
    registerEditor(view, openEditor(view));
    latestProps.current.onLength?.(view.state.doc.length);
    if (autoFocus) {
      view.focus();
      view.dispatch({ selection: { anchor: view.state.doc.length } });
    }
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [room, pathKey, label, placeholder, readOnly, autoFocus, singleLine, code]);

  // The carets are in a compartment, so that the editor and its selection stay when a host switches them on or off.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new editor has no carets yet
  useEffect(() => {
    const extension = caretsOn ? remoteCarets(room, pathKey.split("\n"), readOnly) : [];
    editor.current?.dispatch({ effects: caretCompartment.reconfigure(extension) });
  }, [room, pathKey, label, placeholder, readOnly, caretsOn, autoFocus, singleLine, code]);

  useNoteMarks(host, props.commentsOf ?? null, [label, placeholder, readOnly, autoFocus].join("|"));

  return <div className="collab" ref={host} />;
}

/** The editor as the rest of the page uses it. */
const openEditor = (view: EditorView): OpenEditor => ({
  selected: () => {
    const { from, to } = view.state.selection.main;
    const text = view.state.sliceDoc(from, to);
    return { text, from: documentPosition(view, from), to: documentPosition(view, to) };
  },
  show: (range, words) => {
    const { doc } = view.state;
    const from = range === undefined ? doc.toString().indexOf(words) : editorPosition(view, range.from);
    const to = range === undefined ? (from ?? -1) + words.length : editorPosition(view, range.to);
    view.focus();
    if (from === null || to === null || from < 0 || to > doc.length) return;
    view.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
  },
});

const caretCompartment = new Compartment();

const isTyping = (transaction: Transaction): boolean =>
  transaction.isUserEvent("input") || transaction.isUserEvent("delete");

/** Replaces a scalar by a collaborative text with the same content, since a scalar cannot be spliced. */
function makeCollaborative(room: ReturnType<typeof useRoom>, path: readonly string[]): void {
  if (typeof valueAt(room.handle.doc(), path) === "string") return;
  room.change((doc) => {
    makeText(doc, path);
  });
}
