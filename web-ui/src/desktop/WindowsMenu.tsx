import { DropdownMenu } from "radix-ui";
import { Icon } from "../icon/Icon";
import {
  addWindow,
  arrangeWindows,
  isCore,
  type Place,
  type RoomWindow,
  useRoom,
  useShownWindows,
} from "../room";
import { desktopTexts } from "../texts";
import { cascade, freeSpot, initialLayout, tile } from "./arrange";
import { returnFocus } from "./focus";
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
/** From this number of windows, the menu says how to find one. */
const MANY_WINDOWS = 10;

/** Opens new windows, lists all windows with their state, and arranges them [U34]. */
export function WindowsMenu() {
  const room = useRoom();
  const windows = useShownWindows();
  const listed = [...windows].sort(
    (a, b) => Number(a.state === "closed") - Number(b.state === "closed") || byAge(a, b),
  );

  const add = (type: "note" | "pattern"): void => {
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
  };
  const show = (window: RoomWindow): void => {
    openWindow(room, window);
    returnFocus(`[data-window="${window.id}"]`);
  };
  const finish = (text: string, step: ReturnType<typeof room.run>): void => {
    if (step === null) room.notify(text);
    else room.notifyStep(text, desktopTexts.undo, step);
  };
  const arrange = (
    label: string,
    text: string,
    layout: (windows: readonly RoomWindow[]) => Map<string, Place>,
  ): void => {
    room.windows.maximise(null);
    const open = windows.filter((window) => window.state === "open").sort(byAge);
    finish(text, room.run(arrangeWindows(label, layout(open))));
  };
  /** Brings all windows of a new room back: the core windows for this person, the room's first note for all people. */
  const reset = (): void => {
    room.windows.maximise(null);
    const isInitial = (window: RoomWindow): boolean =>
      isCore(window) || (window.type === "note" && window.by === SERVER);
    const arranged = windows.filter((window) => window.state === "open" || isInitial(window)).sort(byAge);
    const opened = new Set(arranged.filter((window) => !isCore(window)).map(({ id }) => id));
    const step = room.run(arrangeWindows(desktopTexts.reset, initialLayout(arranged), opened));
    room.windows.showCore();
    finish(desktopTexts.layoutReset, step);
  };

  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="btn" data-windows-menu>
        <Icon name="windows" />
        {desktopTexts.windows}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <DropdownMenu.Item className="menu-item" disabled={!room.canEdit} onSelect={() => add("note")}>
            <Icon name="plus" />
            {desktopTexts.newNote}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={!room.canEdit} onSelect={() => add("pattern")}>
            <Icon name="wave" />
            {desktopTexts.newPattern}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => arrange(desktopTexts.tile, desktopTexts.windowsTiled, tile)}
          >
            <Icon name="tile" />
            {desktopTexts.tile}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => arrange(desktopTexts.cascade, desktopTexts.windowsCascaded, cascade)}
          >
            <Icon name="cascade" />
            {desktopTexts.cascade}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={!room.canEdit} onSelect={reset}>
            <Icon name="rotate" />
            {desktopTexts.resetLayout}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          {listed.length > MANY_WINDOWS && (
            <DropdownMenu.Label className="menu-label">
              {listed.length} {desktopTexts.windowsTypeFindOne}
            </DropdownMenu.Label>
          )}
          <DropdownMenu.Group aria-label={desktopTexts.allWindows} className="menu-list">
            {listed.map((window) => (
              <DropdownMenu.Item
                key={window.id}
                className="menu-item"
                disabled={!canChangeState(room, window)}
                textValue={titleOf(window)}
                onSelect={() => show(window)}
              >
                <Icon name={WINDOW_ICON[window.type]} />
                <span className="menu-words">{titleOf(window)}</span>
                {window.state !== "open" && (
                  <span className="menu-hint">
                    {window.state === "closed" ? desktopTexts.closed : desktopTexts.minimised}
                  </span>
                )}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Group>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
