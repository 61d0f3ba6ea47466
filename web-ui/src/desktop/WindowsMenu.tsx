import { DropdownMenu } from "radix-ui";
import { CommandItem } from "../command/CommandItem";
import { commandsIn, runCommand } from "../command/registry";
import { Icon } from "../icon/Icon";
import { useRoom, useShownWindows, useSource } from "../room";
import { desktopTexts } from "../texts";
import { minimapShown } from "./minimapState";
import { byAge, titleOf, WINDOW_ICON } from "./panels";
import { showWindow } from "./windowCommands";
import { canChangeState } from "./windowState";

/** From this number of windows, the menu says how to find one. */
const MANY_WINDOWS = 10;

/** Opens new windows, lists all windows with their state, and arranges them [U34]. */
export function WindowsMenu() {
  const room = useRoom();
  const windows = useShownWindows();
  const listed = [...windows].sort(
    (a, b) => Number(a.state === "closed") - Number(b.state === "closed") || byAge(a, b),
  );

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
          <CommandItem id="window_open_note" />
          <CommandItem id="window_open_pattern" />
          <DropdownMenu.Separator className="menu-line" />
          <CommandItem id="layout_tile" />
          <CommandItem id="layout_cascade" />
          <CommandItem id="layout_reset" />
          <CommandItem id="layout_export" />
          <CommandItem id="layout_import" />
          <DropdownMenu.Separator className="menu-line" />
          <MinimapItem />
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
                onSelect={() => showWindow(room, window)}
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

const selectAll = (shown: boolean): boolean => shown;

/** Switches the minimap on or off in this browser. */
function MinimapItem() {
  const command = commandsIn(useRoom()).get("minimap");
  const shown = useSource(minimapShown, selectAll);
  return (
    <DropdownMenu.CheckboxItem
      className="menu-item"
      checked={shown}
      onCheckedChange={() => runCommand(command)}
    >
      <Icon name={command.icon} />
      {command.name}
      <DropdownMenu.ItemIndicator className="menu-hint">
        <Icon name="check" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}
