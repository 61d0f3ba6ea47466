import { commandsIn, type PageCommand } from "../command/registry";
import {
  addWindow,
  arrangeWindows,
  isCore,
  memory,
  type Place,
  type RoomSession,
  type RoomWindow,
} from "../room";
import { desktopTexts, layoutTexts } from "../texts";
import { cascade, freeSpot, initialLayout, tile } from "./arrange";
import { returnFocus } from "./focus";
import { chooseLayoutFile, saveLayout } from "./layouts";
import { minimapShown } from "./minimapState";
import { byAge, titleOf, WINDOW_ICON } from "./panels";
import { canChangeState, openWindow } from "./windowState";

const PATTERN_NAMES = [
  "tide",
  "dune",
  "moss",
  "ember",
  "frost",
  "fern",
  "shale",
  "dusk",
  "reed",
  "loam",
  "mist",
  "coral",
];

/** The title of a new pattern when the room has `count` patterns already. */
function patternTitle(count: number): string {
  const round = Math.floor(count / PATTERN_NAMES.length);
  const name = PATTERN_NAMES[count % PATTERN_NAMES.length] ?? "";
  return desktopTexts.patternNamed(round === 0 ? name : `${name} ${round + 1}`);
}

/** The author of the windows that the server puts into a new room. */
const SERVER = "parlor";

function add(room: RoomSession, type: "note" | "pattern"): void {
  const windows = room.windows.shown.get();
  const id = room.newId();
  const count = windows.filter((window) => window.type === type).length;
  const title = type === "note" ? desktopTexts.noteNumbered(count + 1) : patternTitle(count);
  const place = freeSpot(windows, type === "note" ? 320 : 296, type === "note" ? 220 : 150);
  room.run(
    addWindow({
      id,
      type,
      title,
      ...place,
      ref: type === "note" ? room.newId() : null,
      ...room.authorship(),
    }),
  );
  room.announce(desktopTexts.opened(title));
  returnFocus(`[data-window="${id}"]`);
}

function finish(room: RoomSession, text: string, step: ReturnType<RoomSession["run"]>): void {
  if (step === null) room.notify(text);
  else room.notifyStep(text, desktopTexts.undo, step);
}

function arrange(
  room: RoomSession,
  label: string,
  text: string,
  layout: (windows: readonly RoomWindow[]) => Map<string, Place>,
): void {
  room.windows.maximise(null);
  const open = room.windows.shown
    .get()
    .filter((window) => window.state === "open")
    .sort(byAge);
  finish(room, text, room.run(arrangeWindows(label, layout(open))));
}

/** Brings all windows of a new room back: the core windows for this person, the room's first note for all people. */
function reset(room: RoomSession): void {
  room.windows.maximise(null);
  const isInitial = (window: RoomWindow): boolean =>
    isCore(window) || (window.type === "note" && window.by === SERVER);
  const arranged = room.windows.shown
    .get()
    .filter((window) => window.state === "open" || isInitial(window))
    .sort(byAge);
  const opened = new Set(arranged.filter((window) => !isCore(window)).map(({ id }) => id));
  const step = room.run(arrangeWindows(desktopTexts.reset, initialLayout(arranged), opened));
  room.windows.showCore();
  finish(room, desktopTexts.layoutReset, step);
}

/** The commands for windows. `phone` tells whether the page shows tabs instead of a desk. */
export function addWindowCommands(room: RoomSession, phone: () => boolean): void {
  const blocked = (): string | null => (room.canEdit ? null : layoutTexts.spectator);
  const desk = (): boolean => !phone();
  commandsIn(room).add([
    {
      id: "window_open_note",
      name: desktopTexts.newNote,
      icon: "plus",
      blocked,
      run: () => add(room, "note"),
    },
    {
      id: "window_open_pattern",
      name: desktopTexts.newPattern,
      icon: "wave",
      blocked,
      listed: desk,
      run: () => add(room, "pattern"),
    },
    {
      id: "layout_tile",
      name: desktopTexts.tile,
      words: layoutTexts.arrangeWords,
      icon: "tile",
      blocked,
      listed: desk,
      run: () => arrange(room, desktopTexts.tile, desktopTexts.windowsTiled, tile),
    },
    {
      id: "layout_cascade",
      name: desktopTexts.cascade,
      words: layoutTexts.arrangeWords,
      icon: "cascade",
      blocked,
      listed: desk,
      run: () => arrange(room, desktopTexts.cascade, desktopTexts.windowsCascaded, cascade),
    },
    {
      id: "layout_reset",
      name: desktopTexts.resetLayout,
      words: layoutTexts.arrangeWords,
      icon: "rotate",
      blocked,
      listed: desk,
      run: () => reset(room),
    },
    {
      id: "layout_export",
      name: layoutTexts.exportLayout,
      words: layoutTexts.fileWords,
      icon: "download",
      run: () => saveLayout(room),
    },
    {
      id: "layout_import",
      name: layoutTexts.importLayout,
      words: layoutTexts.fileWords,
      icon: "up",
      blocked,
      run: () => chooseLayoutFile(room),
    },
    {
      id: "minimap",
      name: layoutTexts.minimap,
      icon: "windows",
      listed: desk,
      run: () => {
        const shown = !minimapShown.get();
        minimapShown.set(shown);
        memory.setFlag("minimap", shown);
        room.announce(shown ? layoutTexts.minimapOn : layoutTexts.minimapOff);
      },
    },
  ]);
  commandsIn(room).addSource(() => (phone() ? [] : goCommands(room)));
}

/** One command for each window, which brings it to the front. */
function goCommands(room: RoomSession): readonly PageCommand[] {
  return [...room.windows.shown.get()].sort(byAge).map((window) => ({
    id: `window_show_${window.id}`,
    name: layoutTexts.goTo(titleOf(window)),
    icon: WINDOW_ICON[window.type],
    blocked: () => (canChangeState(room, window) ? null : layoutTexts.spectator),
    run: () => showWindow(room, window),
  }));
}

/** Opens a window, brings it to the front and gives it the focus. */
export function showWindow(room: RoomSession, window: RoomWindow): void {
  openWindow(room, window);
  const maximised = room.windows.maximised.get();
  if (maximised !== null && maximised !== window.id) room.windows.maximise(null);
  returnFocus(`[data-window="${window.id}"]`);
}
