import { DropdownMenu } from "radix-ui";
import { useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { fileNameOf, saveCopy, saveFile, switchHere, usePartState, useRoom, useUndo } from "../room";
import { showHelp } from "./help";
import { LaterSettingsDialog, LaterShareDialog } from "./laterDialogs";
import { ThemeItems } from "./ThemeSwitch";

export function MoreMenu({ phone }: { readonly phone: boolean }) {
  const room = useRoom();
  const { canUndo, canRedo } = useUndo();
  const cursors = usePartState("cursors");
  const [sharing, setSharing] = useState(false);
  const [setting, setSetting] = useState(false);
  const more = useRef<HTMLButtonElement>(null);

  const download = async (name: string, as: "json" | "markdown"): Promise<void> => {
    try {
      saveFile(name, await room.api.export(as));
    } catch {
      room.notify("This file comes from the server, which does not answer now.");
    }
  };

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger ref={more} className="icon-btn" aria-label="More">
          <Icon name="more" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={8} collisionPadding={8}>
            {phone && (
              <>
                <DropdownMenu.Item className="menu-item" onSelect={() => setSharing(true)}>
                  <Icon name="link" />
                  Share
                </DropdownMenu.Item>
                <DropdownMenu.Item className="menu-item" disabled={!canUndo} onSelect={() => room.undo()}>
                  <Icon name="undo" />
                  Undo
                </DropdownMenu.Item>
                <DropdownMenu.Item className="menu-item" disabled={!canRedo} onSelect={() => room.redo()}>
                  <Icon name="redo" />
                  Redo
                </DropdownMenu.Item>
                <DropdownMenu.Separator className="menu-line" />
              </>
            )}
            <DropdownMenu.Item className="menu-item" onSelect={() => setSetting(true)}>
              <Icon name="settings" />
              Room settings
            </DropdownMenu.Item>
            <DropdownMenu.Separator className="menu-line" />
            <DropdownMenu.Label className="menu-label">Theme</DropdownMenu.Label>
            <ThemeItems />
            <DropdownMenu.Separator className="menu-line" />
            {!phone && (
              <DropdownMenu.CheckboxItem
                className="menu-item"
                checked={cursors === "on"}
                disabled={cursors === "off-for-all"}
                onCheckedChange={(shown) => switchHere("cursors", shown)}
              >
                <Icon name="cursor" />
                Other people's cursors
                <DropdownMenu.ItemIndicator className="menu-hint">
                  <Icon name="check" />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.CheckboxItem>
            )}
            <DropdownMenu.Item className="menu-item" onSelect={() => saveCopy(room)}>
              <Icon name="download" />
              Export as Automerge
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item"
              onSelect={() => void download(`${fileNameOf(room.handle.doc())}.json`, "json")}
            >
              <Icon name="layers" />
              Export as JSON (can be imported)
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item" onSelect={() => void download("room.md", "markdown")}>
              <Icon name="note" />
              Export as Markdown
            </DropdownMenu.Item>
            <DropdownMenu.Separator className="menu-line" />
            <DropdownMenu.Item className="menu-item" onSelect={() => showHelp.set(true)}>
              <Icon name="help" />
              Keyboard shortcuts
              <kbd>?</kbd>
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <LaterShareDialog open={sharing} onOpenChange={setSharing} />
      <LaterSettingsDialog open={setting} onOpenChange={setSetting} opener={more} />
    </>
  );
}
