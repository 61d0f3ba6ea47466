import { fileNameOf, isCore, loadLayout, type RoomSession, saveFile } from "../room";
import { desktopTexts, layoutTexts } from "../texts";
import { LAYOUT_LENGTH_MAX, LayoutProblem, matchLayout, readLayout, writeLayout } from "./layoutFile";

/** Downloads the layout that this person sees as a file. */
export function saveLayout(room: RoomSession): void {
  const name = `${fileNameOf(room.handle.doc())}.layout.json`;
  saveFile(name, new Blob([writeLayout(room.windows.shown.get())], { type: "application/json" }));
}

/** Asks for a layout file, and loads it. */
export function chooseLayoutFile(room: RoomSession): void {
  const field = document.createElement("input");
  field.type = "file";
  field.accept = ".json,application/json";
  field.onchange = () => {
    const file = field.files?.[0];
    if (file !== undefined) void loadFile(room, file);
  };
  field.click();
}

async function loadFile(room: RoomSession, file: File): Promise<void> {
  try {
    if (file.size > 4 * LAYOUT_LENGTH_MAX) throw new LayoutProblem(layoutTexts.tooLarge);
    importLayout(room, await file.text());
  } catch (problem) {
    if (problem instanceof LayoutProblem) room.notify(problem.message);
    else room.notify(layoutTexts.unreadable);
  }
}

/**
 * Loads a layout. Places, sizes, order and the states of shared windows are one undo step for all people. The states of
 * core windows are this person's own. Windows that the layout does not name stay as they are.
 */
export function importLayout(room: RoomSession, text: string): void {
  const { placed, missing } = matchLayout(readLayout(text), room.windows.shown.get());
  if (placed.length === 0) throw new LayoutProblem(layoutTexts.noneFits);
  room.windows.maximise(null);
  const step = room.run(
    loadLayout(
      layoutTexts.importLayout,
      placed.map(({ window, entry }) => ({
        id: window.id,
        place: entry,
        state: isCore(window) ? null : entry.state,
      })),
    ),
  );
  for (const { window, entry } of placed) {
    if (isCore(window) && room.windows.stateOf(window) !== entry.state)
      room.windows.setState(window.id, entry.state);
  }
  const words = missing === 0 ? layoutTexts.imported : layoutTexts.importedPartly(missing);
  if (step === null) room.notify(words);
  else room.notifyStep(words, desktopTexts.undo, step);
}
