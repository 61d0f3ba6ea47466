import { DropdownMenu } from "radix-ui";
import { Icon } from "../icon/Icon";
import {
  addWindow,
  arrangeWindows,
  type Place,
  type RoomWindow,
  setWindowState,
  useRoom,
  useWindows,
} from "../room";
import { cascade, freeSpot, initialLayout, tile } from "./arrange";
import { returnFocus } from "./focus";
import { byAge, titleOf, WINDOW_ICON } from "./panels";

/** Opens new windows, lists all windows with their state, and arranges them [U34]. */
export function WindowsMenu() {
  const room = useRoom();
  const windows = useWindows();
  const listed = [...windows].sort(
    (a, b) => Number(a.state === "closed") - Number(b.state === "closed") || byAge(a, b),
  );

  const add = (type: "note" | "pattern"): void => {
    const id = room.newId();
    const count = windows.filter((window) => window.type === type).length + 1;
    const title = type === "note" ? `Note ${count}` : "Pattern · tide";
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
    room.announce(`${title} opened`);
    returnFocus(`[data-window="${id}"]`);
  };
  const show = (window: RoomWindow): void => {
    room.run(setWindowState(window.id, "open"));
    returnFocus(`[data-window="${window.id}"]`);
  };
  const arrange = (label: string, layout: (windows: readonly RoomWindow[]) => Map<string, Place>): void => {
    const open = windows.filter((window) => window.state === "open").sort(byAge);
    const step = room.run(arrangeWindows(label, layout(open)));
    if (step === null) room.notify(`${label}: done`);
    else room.notifyStep(`${label}: done`, "Undo", step);
  };

  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="btn" data-windows-menu>
        <Icon name="windows" />
        Windows
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
            New note
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={!room.canEdit} onSelect={() => add("pattern")}>
            <Icon name="wave" />
            New pattern
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Group aria-label="All windows">
            {listed.map((window) => (
              <DropdownMenu.Item
                key={window.id}
                className="menu-item"
                disabled={!room.canEdit}
                onSelect={() => show(window)}
              >
                <Icon name={WINDOW_ICON[window.type]} />
                <span className="menu-words">{titleOf(window)}</span>
                {window.state !== "open" && (
                  <span className="menu-hint">{window.state === "closed" ? "closed" : "minimised"}</span>
                )}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Group>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => arrange("Tile", tile)}
          >
            <Icon name="tile" />
            Tile
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => arrange("Cascade", cascade)}
          >
            <Icon name="cascade" />
            Cascade
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!room.canEdit}
            onSelect={() => arrange("Reset", initialLayout)}
          >
            <Icon name="rotate" />
            Reset
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
