import { type RoomSession, useRoom, useSource } from "../../room";
import type { NewAttachment } from "../../room/commands/content";
import { LIMITS } from "../../room/schema/document";
import { beginning } from "../../room/schema/scalars";
import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

/**
 * Something that goes with the next question. `id` names a note or an image; a quote has its text, and `from` names the
 * place of the quote as the server expects it (`result:<request>`, `note:<id>`, `card:<id>`, `chat:<id>`).
 */
export type DraftAttachment =
  | { readonly kind: "note"; readonly id: string; readonly title: string }
  | { readonly kind: "quote"; readonly text: string; readonly from: string | null }
  | { readonly kind: "image"; readonly id: string; readonly title: string };

const attachments = perRoom(() => new Cell<readonly DraftAttachment[]>([]));

/** What goes with the question that this person is writing. It is private until the question is sent. */
export const attachmentsIn = (room: RoomSession): Cell<readonly DraftAttachment[]> => attachments(room);

export const useAttachments = (): readonly DraftAttachment[] =>
  useSource(attachmentsIn(useRoom()), selectAll);

const selectAll = <T>(value: T): T => value;

/** Adds an attachment. Returns false, and changes nothing, if the question has the most attachments already. */
export function attach(room: RoomSession, attachment: DraftAttachment): boolean {
  const cell = attachmentsIn(room);
  const all = cell.get();
  if (all.some((each) => isSame(each, attachment))) return true;
  if (all.length >= LIMITS.attachments) return false;
  cell.set([
    ...all,
    attachment.kind === "quote"
      ? { ...attachment, text: beginning(attachment.text, LIMITS.quote) }
      : attachment,
  ]);
  return true;
}

export function detach(room: RoomSession, attachment: DraftAttachment): void {
  const cell = attachmentsIn(room);
  cell.set(cell.get().filter((each) => each !== attachment));
}

function isSame(a: DraftAttachment, b: DraftAttachment): boolean {
  if (a.kind === "quote" || b.kind === "quote")
    return a.kind === "quote" && b.kind === "quote" && a.text === b.text && a.from === b.from;
  return a.kind === b.kind && a.id === b.id;
}

/** The attachments as the request names them [GE17]. */
export function toRequest(all: readonly DraftAttachment[]): readonly NewAttachment[] {
  return all.flatMap((each): readonly NewAttachment[] => {
    switch (each.kind) {
      case "note":
        return [{ kind: "note", id: each.id }];
      case "quote":
        return [{ kind: "text", text: each.text, from: each.from }];
      default:
        return [];
    }
  });
}
