import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { CommandItem } from "../command/CommandItem";
import { Icon } from "../icon/Icon";
import { withBase } from "../page/base";
import { go, roomPath } from "../page/route";
import { DONE_SOUND } from "../panels/attention";
import { playDone } from "../panels/doneSound";
import { memory, type ParentRoom, switchHere, usePartState, useRoom, useUndo } from "../room";
import { chatTexts, paletteTexts, shellTexts } from "../texts";
import { ThemeItems } from "./ThemeSwitch";

export function MoreMenu({ phone }: { readonly phone: boolean }) {
  const room = useRoom();
  useUndo(); // The state of Undo and Redo in the open menu.
  const cursors = usePartState("cursors");
  const [sound, setSound] = useState(() => memory.flag(DONE_SOUND, false));
  const { parent } = room.record;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="icon-btn" data-more-menu aria-label={shellTexts.more}>
        <Icon name="more" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={8} collisionPadding={8}>
          {parent !== null && parent !== undefined && <ParentItem parent={parent} />}
          {phone && (
            <>
              <CommandItem id="share" />
              <CommandItem id="undo" />
              <CommandItem id="redo" />
              <DropdownMenu.Separator className="menu-line" />
            </>
          )}
          {phone && <CommandItem id="search" />}
          <CommandItem id="comments" />
          <CommandItem id="settings_open" />
          <CommandItem id="fork" />
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Label className="menu-label">{shellTexts.theme}</DropdownMenu.Label>
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
              {shellTexts.otherPeoplesCursors}
              <DropdownMenu.ItemIndicator className="menu-hint">
                <Icon name="check" />
              </DropdownMenu.ItemIndicator>
            </DropdownMenu.CheckboxItem>
          )}
          <DropdownMenu.CheckboxItem
            className="menu-item"
            checked={sound}
            onCheckedChange={(on) => {
              memory.setFlag(DONE_SOUND, on);
              setSound(on);
              if (on) playDone();
            }}
          >
            <Icon name="bell" />
            {chatTexts.doneSound}
            <DropdownMenu.ItemIndicator className="menu-hint">
              <Icon name="check" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.CheckboxItem>
          <CommandItem id="export_automerge" />
          <CommandItem id="export_json" />
          <CommandItem id="export_markdown" />
          <DropdownMenu.Separator className="menu-line" />
          <CommandItem id="palette" />
          <CommandItem id="help" />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The room that this room was forked from, as a link if this person may enter it. */
function ParentItem({ parent }: { readonly parent: ParentRoom }) {
  const words = paletteTexts.forkOf(parent.title || shellTexts.untitledRoom);
  const { slug } = parent;
  return (
    <>
      {slug === null ? (
        <DropdownMenu.Label className="menu-label">{words}</DropdownMenu.Label>
      ) : (
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => {
            const known = memory.room(slug);
            go(known === null ? withBase(`/r/${slug}`) : roomPath(slug, known.key));
          }}
        >
          <Icon name="left" />
          <span className="menu-words">{words}</span>
        </DropdownMenu.Item>
      )}
      <DropdownMenu.Separator className="menu-line" />
    </>
  );
}
