import { useCallback, useEffect, useMemo } from "react";
import { Icon } from "../../icon/Icon";
import { setNoteText, useDoc, useRoom } from "../../room";
import { str } from "../../room/schema/scalars";
import { imageTexts } from "../../texts";
import { AddImage } from "../images/AddImage";
import { PendingImages, useUploads } from "../images/PendingImages";
import { RoomImage } from "../images/RoomImage";
import { uploadsAt } from "../images/uploads";
import { imageLine, imageLines } from "./imageLines";

type NoteImagesProps = {
  readonly note: string;
  /** Attaches an image to the next question. */
  readonly onAttach: (id: string, alt: string) => void;
};

/** The images that lines of a note name, below the note, and the images on their way into it. */
export function NoteImages({ note, onAttach }: NoteImagesProps) {
  const room = useRoom();
  const text = useDoc(useCallback((doc) => str(doc.notes?.[note]?.text), [note]));
  const shown = useMemo(() => imageLines(text), [text]);
  const uploads = uploadsAt(room, `note:${note}`);
  const pending = useUploads(uploads);

  useEffect(() => {
    for (const { key, alt, state } of pending) {
      if (state.kind !== "stored") continue;
      uploads.remove(key);
      room.change((doc) => {
        const before = str(doc.notes?.[note]?.text);
        const gap = before === "" || before.endsWith("\n") ? "" : "\n";
        setNoteText(note, `${before}${gap}${imageLine(state.image.id, alt)}\n`)(doc);
      });
    }
  }, [pending, uploads, room, note]);

  return (
    <>
      <PendingImages uploads={uploads} />
      <div className="note-foot">
        {shown.length > 0 && (
          <ul className="note-images" aria-label={imageTexts.ofNote}>
            {shown.map(({ id, alt }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a note may show one image twice
              <li key={`${id}-${at}`}>
                <RoomImage id={id} alt={alt} />
                {room.canEdit && (
                  <button
                    type="button"
                    className="p-icon"
                    aria-label={imageTexts.attach}
                    title={imageTexts.attach}
                    onClick={() => onAttach(id, alt)}
                  >
                    <Icon name="clip" />
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
        {room.canEdit && (
          <AddImage className="p-icon" onFiles={(files) => uploads.add(files)} label={imageTexts.addToNote} />
        )}
      </div>
    </>
  );
}
