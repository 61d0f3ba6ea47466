import { useCallback } from "react";
import { setNoteText, useDoc, useRoom } from "../../room";
import { hasNote } from "../../room/schema/read";
import { notesTexts } from "../../texts";
import { CommentCount } from "../comments/CommentCount";
import { useImageTarget } from "../images/AddImage";
import { uploadsAt } from "../images/uploads";
import { CollabText } from "./CollabText";
import { NoteImages } from "./NoteImages";

export type NoteProps = {
  readonly note: string | null;
  readonly title: string;
  readonly place: string;
  /** Attaches an image of the note to the next question. */
  readonly onAttachImage: (id: string, alt: string) => void;
};

/** A note that several people edit at once. */
export function NotePanel({ note, title, place, onAttachImage }: NoteProps) {
  const room = useRoom();
  const exists = useDoc(useCallback((doc) => note !== null && hasNote(doc, note), [note]));
  const imageTarget = useImageTarget(
    room.canEdit && note !== null && exists ? (files) => uploadsAt(room, `note:${note}`).add(files) : null,
  );
  if (note === null) return <p className="p-empty">{notesTexts.windowNoNoteShow}</p>;
  if (!exists) {
    return (
      <p className="p-empty">
        {notesTexts.noteNotStarted}{" "}
        {room.canEdit && (
          <button type="button" className="p-link" onClick={() => room.change(setNoteText(note, ""))}>
            {notesTexts.startWriting}
          </button>
        )}
      </p>
    );
  }
  return (
    <div className="note" data-quotable={`note:${note}`} {...imageTarget}>
      <CollabText
        path={["notes", note, "text"]}
        label={notesTexts.note(title)}
        placeholder={room.canEdit ? notesTexts.writeTogether : notesTexts.nothingWrittenYet}
        readOnly={!room.canEdit}
        carets
        place={place}
        commentsOf={note}
      />
      <NoteImages note={note} onAttach={onAttachImage} />
      <CommentCount target={`note:${note}`} className="note-comments" />
    </div>
  );
}
