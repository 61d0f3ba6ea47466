import { paletteOpen } from "../command/Palette";
import { commandsIn, type PageCommand } from "../command/registry";
import { addWindowCommands } from "../desktop/windowCommands";
import { withBase } from "../page/base";
import { go } from "../page/route";
import { showComments } from "../panels/comments/view";
import { addPanelCommands } from "../panels/panelCommands";
import { SEARCH_KEY, showSearch } from "../panels/search/view";
import {
  ApiProblem,
  browserStoresData,
  fileNameOf,
  type RoomSession,
  saveCopy,
  saveFile,
  switchHere,
} from "../room";
import { offHere, stateOf } from "../room/parts";
import { readSettings } from "../room/schema/read";
import { paletteTexts, searchTexts, selectionTexts, shellTexts } from "../texts";
import { shownDialog } from "./dialogs";
import { showHelp } from "./help";
import { cycleRegions } from "./regions";
import { setTheme } from "./theme";

const prepared = new WeakSet<RoomSession>();

/** Puts all commands of the page into the registry of a room, once. */
export function addRoomCommands(room: RoomSession, phone: () => boolean): void {
  if (prepared.has(room)) return;
  prepared.add(room);
  addPanelCommands(room);
  addWindowCommands(room, phone);
  commandsIn(room).add(shellCommands(room, phone));
}

function shellCommands(room: RoomSession, phone: () => boolean): readonly PageCommand[] {
  return [
    {
      id: "undo",
      name: shellTexts.undo,
      icon: "undo",
      keys: "Mod+Z",
      blocked: () => (room.history.canUndo ? null : paletteTexts.nothingToUndo),
      run: () => room.undo(),
    },
    {
      id: "redo",
      name: shellTexts.redo,
      icon: "redo",
      keys: "Mod+Shift+Z",
      blocked: () => (room.history.canRedo ? null : paletteTexts.nothingToRedo),
      run: () => room.redo(),
    },
    { id: "share", name: shellTexts.share, icon: "link", run: () => shownDialog.set("share") },
    {
      id: "search",
      name: searchTexts.title,
      icon: "search",
      keys: SEARCH_KEY,
      inFields: true,
      run: () => showSearch(room),
    },
    { id: "comments", name: selectionTexts.allComments, icon: "comment", run: () => showComments(room, {}) },
    {
      id: "settings_open",
      name: shellTexts.roomSettings,
      icon: "settings",
      run: () => shownDialog.set("settings"),
    },
    {
      id: "fork",
      name: paletteTexts.fork,
      words: paletteTexts.forkWords,
      icon: "copy",
      blocked: () => (room.socket.connection.get().state === "open" ? null : paletteTexts.forkOffline),
      run: () => void fork(room),
    },
    ...exportCommands(room),
    ...viewCommands(room, phone),
  ];
}

function exportCommands(room: RoomSession): readonly PageCommand[] {
  const download = async (name: string, as: "json" | "markdown"): Promise<void> => {
    try {
      saveFile(name, await room.api.export(as));
    } catch {
      room.notify(shellTexts.fileComesServerNotAnswer);
    }
  };
  return [
    {
      id: "export_automerge",
      name: shellTexts.exportAsAutomerge,
      icon: "download",
      run: () => saveCopy(room),
    },
    {
      id: "export_json",
      name: shellTexts.exportJsonCanImported,
      icon: "layers",
      run: () => void download(`${fileNameOf(room.handle.doc())}.json`, "json"),
    },
    {
      id: "export_markdown",
      name: shellTexts.exportAsMarkdown,
      icon: "note",
      run: () => void download("room.md", "markdown"),
    },
  ];
}

function viewCommands(room: RoomSession, phone: () => boolean): readonly PageCommand[] {
  const cursors = (): string => stateOf("cursors", readSettings(room.doc.get()).parts);
  return [
    {
      id: "cursors",
      name: shellTexts.otherPeoplesCursors,
      icon: "cursor",
      listed: () => !phone(),
      blocked: () => (cursors() === "off-for-all" ? paletteTexts.offForAll : null),
      run: () => switchHere("cursors", offHere.get().has("cursors")),
    },
    {
      id: "theme_system",
      name: paletteTexts.theme(shellTexts.matchSystem),
      icon: "system",
      run: () => setTheme("system"),
    },
    {
      id: "theme_light",
      name: paletteTexts.theme(shellTexts.light),
      icon: "sun",
      run: () => setTheme("light"),
    },
    {
      id: "theme_dark",
      name: paletteTexts.theme(shellTexts.dark),
      icon: "moon",
      run: () => setTheme("dark"),
    },
    {
      id: "region_next",
      name: paletteTexts.nextRegion,
      icon: "right",
      keys: "F6",
      inFields: true,
      run: () => cycleRegions(false),
    },
    {
      id: "region_previous",
      name: paletteTexts.previousRegion,
      icon: "left",
      keys: "Shift+F6",
      inFields: true,
      run: () => cycleRegions(true),
    },
    {
      id: "rooms",
      name: shellTexts.parlorAllRooms,
      icon: "home",
      run: () => go(withBase("/")),
    },
    {
      id: "help",
      name: shellTexts.keyboardShortcuts,
      icon: "help",
      keys: "?",
      run: () => showHelp.set(true),
    },
    {
      id: "palette",
      name: paletteTexts.title,
      icon: "more",
      keys: "Mod+K",
      inFields: true,
      listed: () => !paletteOpen.get(),
      run: () => paletteOpen.set(true),
    },
  ];
}

/** Makes a copy of the room that belongs to this person, and opens it. */
async function fork(room: RoomSession): Promise<void> {
  room.notify(paletteTexts.forking);
  try {
    const { links } = await room.api.fork();
    const link = new URL(links[(await browserStoresData()) ? "player" : "host"], window.location.href);
    go(link.pathname + link.hash);
  } catch (problem) {
    room.notify(
      problem instanceof ApiProblem && !problem.unreachable ? problem.message : paletteTexts.forkFailed,
    );
  }
}
