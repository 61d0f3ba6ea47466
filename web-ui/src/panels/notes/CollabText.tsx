import { useCallback } from "react";
import { whenIdle } from "../../page/idle";
import { LazyCode, useLazyCode } from "../../page/lazyCode";
import { useDoc } from "../../room";
import { valueAt } from "../../room/commands/command";
import { str } from "../../room/schema/scalars";
import { loadingTexts } from "../../texts";
import "./notes.css";

/** The editor's code. It is loaded separately: cards, questions and messages can be written before it has arrived. */
const editor = new LazyCode(() => import("./TextEditor"));

/** Fetches the editor when the page is idle, for a room that shows no note yet. */
export const prefetchEditor = (): (() => void) => whenIdle(editor.load);

export type CollabTextProps = {
  /** The path of the text in the document. The text must exist. */
  readonly path: readonly string[];
  readonly label: string;
  readonly placeholder?: string;
  readonly readOnly?: boolean;
  /** Shows other people's carets, and sends them this person's caret. */
  readonly carets?: boolean;
  readonly autoFocus?: boolean;
  /** Whether Enter ends the editing instead of starting a new line. */
  readonly singleLine?: boolean;
  /** Whether the text is code: without spell check and without capitals at the start of a sentence. */
  readonly code?: boolean;
  /** The place that is shown to other people while this person types in this editor. */
  readonly place?: string;
  /** The id of the note whose comments are marked in the text. */
  readonly commentsOf?: string;
  readonly onDone?: () => void;
  readonly onLength?: (length: number) => void;
};

/** A collaborative text with its editor. Until the editor's code has arrived, the text can be read. */
export function CollabText(props: CollabTextProps) {
  const code = useLazyCode(editor);
  if (code !== null && code !== "failed") return <code.TextEditor {...props} />;
  return (
    <div className="collab" aria-busy={code === null}>
      <PlainText path={props.path} />
      {code === "failed" && (
        <p className="p-empty" role="alert">
          {loadingTexts.editorFailed}{" "}
          <button type="button" className="p-link" onClick={editor.load}>
            {loadingTexts.tryAgain}
          </button>
        </p>
      )}
    </div>
  );
}

function PlainText({ path }: Pick<CollabTextProps, "path">) {
  const key = path.join("\n");
  const text = useDoc(useCallback((doc) => str(valueAt(doc, key.split("\n"))), [key]));
  return (
    <p className="collab-plain" dir="auto">
      {text}
    </p>
  );
}
