import { addWindow, type RoomSession, useRoom, useSettings, useShownWindows } from "../../room";
import { LIMITS } from "../../room/schema/document";
import { readCards, readChat, readNote, readResults } from "../../room/schema/read";
import { attachmentTexts, selectionTexts } from "../../texts";
import { showComments } from "../comments/view";
import { attach } from "../composer/attachments";
import { focusComposer } from "../composer/question";
import { idOfTarget, jumpTo, kindOfTarget } from "../shared/jump";
import { type personIn, usePersonOf } from "../shared/people";
import { draftIn } from "../shared/useDraft";
import { pinned, withQuote } from "./quotes";
import { type PinTarget, SelectionToolbar } from "./SelectionToolbar";
import { anchorOf, type Selected } from "./selected";
import { useSelected } from "./useSelected";

/** The tools for a selected text of an answer, a note, a card or a chat message. */
export function SelectionTools() {
  const room = useRoom();
  const [selected, forget, byKeyboard] = useSelected();
  const { spectatorChat } = useSettings();
  if (selected === null || !(room.canEdit || spectatorChat)) return null;
  return (
    <ConnectedToolbar selected={selected} byKeyboard={byKeyboard} forget={forget} canEdit={room.canEdit} />
  );
}

type ToolsProps = {
  readonly selected: Selected;
  readonly byKeyboard: boolean;
  readonly forget: () => void;
  readonly canEdit: boolean;
};

function ConnectedToolbar({ selected, byKeyboard, forget, canEdit }: ToolsProps) {
  const room = useRoom();
  const person = usePersonOf();
  const windows = useShownWindows();
  const { target, text } = selected;
  const notes = windows
    .filter((each) => each.type === "note" && each.ref !== null && each.state !== "closed")
    .map((each) => ({ id: each.ref ?? "", title: each.title || selectionTexts.newNote }))
    .filter(({ id }) => `note:${id}` !== target);
  const finish = (action: () => void) => () => {
    forget();
    document.getSelection()?.removeAllRanges();
    action();
  };
  return (
    <SelectionToolbar
      selected={selected}
      byKeyboard={byKeyboard}
      notes={notes}
      onClose={forget}
      onQuote={finish(() => quoteToChat(room, text))}
      onAsk={canEdit ? finish(() => askAbout(room, target, text)) : null}
      onComment={
        canEdit && kindOfTarget(target) !== "chat"
          ? () => {
              const draft = anchorOf(room, selected);
              finish(() => showComments(room, { target, draft }))();
            }
          : null
      }
      onPin={
        canEdit
          ? (note) => {
              const source = sourceOf(room, target, person);
              finish(() => pinTo(room, note, text, source))();
            }
          : null
      }
    />
  );
}

/** Puts a quote into the message that this person is writing, and shows the chat. */
function quoteToChat(room: RoomSession, text: string): void {
  const draft = draftIn(room, "chat");
  draft.set(withQuote(draft.get(), text));
  jumpTo(room, { target: "chat:", words: "" });
}

function askAbout(room: RoomSession, target: string, text: string): void {
  if (!attach(room, { kind: "quote", text, from: target })) {
    room.notify(attachmentTexts.full(LIMITS.attachments));
    return;
  }
  focusComposer(room);
}

/** Appends a quote to a note, or to a new note. */
function pinTo(room: RoomSession, note: PinTarget | null, text: string, source: string): void {
  const id = note?.id ?? room.newId();
  if (note === null)
    room.run(
      addWindow({
        ...room.authorship(),
        id: room.newId(),
        type: "note",
        title: selectionTexts.pinnedTitle,
        x: 420,
        y: 84,
        width: 320,
        height: 260,
        ref: id,
      }),
    );
  const shared = room.texts.at(["notes", id, "text"]);
  const before = readNote(room.handle.doc(), id);
  const insert = pinned(before, text, source);
  shared.edit({
    splices: [{ from: before.length, to: before.length, insert }],
    kind: "other",
    editor: pinTo,
  });
  room.announce(selectionTexts.pinnedTo(note?.title ?? selectionTexts.pinnedTitle));
  if (note === null) return;
  room.notify(selectionTexts.pinnedTo(note.title));
}

/** The place of a quote in words. */
function sourceOf(room: RoomSession, target: string, person: ReturnType<typeof personIn>): string {
  const doc = room.handle.doc();
  const id = idOfTarget(target);
  switch (kindOfTarget(target)) {
    case "result":
      return selectionTexts.answerOf(
        person(readResults(doc).find(({ request }) => request === id)?.by ?? "").name,
      );
    case "card":
      return selectionTexts.cardOf(person(readCards(doc).find((card) => card.id === id)?.by ?? "").name);
    case "note":
      return selectionTexts.noteTitled(
        room.windows.shown.get().find((each) => each.ref === id)?.title ?? selectionTexts.newNote,
      );
    default:
      return selectionTexts.messageOf(person(readChat(doc).find((entry) => entry.id === id)?.by ?? "").name);
  }
}
