import { useCallback, useRef } from "react";
import { setNoteText, useDoc, useRoom } from "../../room";
import { hasNote } from "../../room/schema/read";
import { CommentCount } from "../comments/CommentCount";
import { useNoteMarks } from "../comments/noteMarks";
import { CollabText } from "./CollabText";

export type NoteProps = { readonly note: string | null; readonly title: string; readonly place: string };

/** A note that several people edit at once. */
export function NotePanel({ note, title, place }: NoteProps) {
  const room = useRoom();
  const host = useRef<HTMLDivElement>(null);
  const exists = useDoc(useCallback((doc) => note !== null && hasNote(doc, note), [note]));
  if (note === null) return <p className="p-empty">This window has no note to show.</p>;
  if (!exists) {
    return (
      <p className="p-empty">
        This note has not been started.{" "}
        {room.canEdit && (
          <button type="button" className="p-link" onClick={() => room.change(setNoteText(note, ""))}>
            Start writing
          </button>
        )}
      </p>
    );
  }
  return (
    <div className="note" ref={host} data-quotable={`note:${note}`}>
      <CollabText
        path={["notes", note, "text"]}
        label={`Note: ${title}`}
        placeholder={room.canEdit ? "Write together…" : "Nothing written yet"}
        readOnly={!room.canEdit}
        carets
        place={place}
      />
      <NoteMarks key={title} host={host} note={note} />
      <CommentCount target={`note:${note}`} className="note-comments" />
    </div>
  );
}

/**
 * The marks of comments. It stands behind the editor, so that the editor exists when this mounts. A new title makes a new
 * editor, so the title is this component's key.
 */
function NoteMarks({
  host,
  note,
}: {
  readonly host: React.RefObject<HTMLDivElement | null>;
  readonly note: string;
}) {
  useNoteMarks(host, note);
  return null;
}
