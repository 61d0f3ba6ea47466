import { useCallback } from "react";
import { setNoteText, useDoc, useRoom } from "../../room";
import { hasNote } from "../../room/schema/read";
import { useImageTarget } from "../images/AddImage";
import { uploadsAt } from "../images/uploads";
import { CollabText } from "./CollabText";
import { NoteImages } from "./NoteImages";

export type NoteProps = { readonly note: string | null; readonly title: string; readonly place: string };

/** A note that several people edit at once. */
export function NotePanel({ note, title, place }: NoteProps) {
  const room = useRoom();
  const exists = useDoc(useCallback((doc) => note !== null && hasNote(doc, note), [note]));
  const imageTarget = useImageTarget(
    room.canEdit && note !== null && exists ? (files) => uploadsAt(room, `note:${note}`).add(files) : null,
  );
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
    <div className="note" {...imageTarget}>
      <CollabText
        path={["notes", note, "text"]}
        label={`Note: ${title}`}
        placeholder={room.canEdit ? "Write together…" : "Nothing written yet"}
        readOnly={!room.canEdit}
        carets
        place={place}
      />
      <NoteImages note={note} />
    </div>
  );
}
