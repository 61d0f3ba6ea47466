import { DropdownMenu } from "radix-ui";
import { useEffect, useRef } from "react";
import { Icon } from "../../icon/Icon";
import { type RoomSession, useRoom, useWindows } from "../../room";
import { LIMITS } from "../../room/schema/document";
import { attachmentTexts, imageTexts } from "../../texts";
import { useUploads } from "../images/PendingImages";
import { IMAGE_TYPES } from "../images/prepare";
import { type Uploads, uploadsAt } from "../images/uploads";
import { attach, attachmentsIn } from "./attachments";

/** The images on their way into the next question. */
export const questionUploads = (room: RoomSession): Uploads => uploadsAt(room, "question");

/** Attaches something to the next question, or says that the question takes no more. */
export function tryAttach(room: RoomSession, attachment: Parameters<typeof attach>[1]): boolean {
  const isAttached = attach(room, attachment);
  if (!isAttached) room.announce(attachmentTexts.full(LIMITS.attachments));
  return isAttached;
}

/** Adds images to the next question, up to the number that a question takes. */
export function addImages(room: RoomSession, files: readonly File[]): void {
  const uploads = questionUploads(room);
  const free = LIMITS.attachments - attachmentsIn(room).get().length - uploads.all.get().length;
  if (files.length > free) room.announce(attachmentTexts.full(LIMITS.attachments));
  uploads.add(files.slice(0, Math.max(0, free)));
}

/** Attaches each image of the question as soon as the server has it. */
function useStoredImages(room: RoomSession): void {
  const uploads = questionUploads(room);
  const all = useUploads(uploads);
  useEffect(() => {
    for (const { key, alt, state } of all) {
      if (state.kind !== "stored") continue;
      if (tryAttach(room, { kind: "image", id: state.image.id, title: alt })) uploads.remove(key);
    }
  }, [all, room, uploads]);
}

/** The menu that attaches an image or a note of the room to the next question. */
export function AttachMenu() {
  const room = useRoom();
  const windows = useWindows();
  const field = useRef<HTMLInputElement>(null);
  useStoredImages(room);
  if (!room.canEdit) return null;
  const notes = windows.filter(({ type, ref }) => type === "note" && ref !== null);
  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="composer-tool" aria-label={attachmentTexts.menu}>
          <Icon name="clip" />
          <span>{attachmentTexts.menuShort}</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="start" side="top" sideOffset={8} collisionPadding={8}>
            <DropdownMenu.Item className="menu-item" onSelect={() => field.current?.click()}>
              <Icon name="image" />
              {attachmentTexts.image}
            </DropdownMenu.Item>
            {notes.length > 0 && (
              <DropdownMenu.Label className="menu-label">{attachmentTexts.notes}</DropdownMenu.Label>
            )}
            {notes.map(({ id, ref, title }) => (
              <DropdownMenu.Item
                key={id}
                className="menu-item"
                onSelect={() => {
                  if (ref !== null) tryAttach(room, { kind: "note", id: ref, title });
                }}
              >
                <Icon name="note" />
                {title || attachmentTexts.untitled}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        accept={IMAGE_TYPES.join(",")}
        aria-label={imageTexts.add}
        data-images="question"
        onChange={(event) => {
          addImages(room, [...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}
