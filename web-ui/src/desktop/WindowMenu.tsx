import { DropdownMenu } from "radix-ui";
import { Icon } from "../icon/Icon";
import { PatternItems } from "../panels/pattern/PatternItems";
import { actionVerb } from "../panels/people/actionTexts";
import { timeOrDate } from "../panels/shared/time";
import { isCore, type RoomWindow, useActivity, useParticipants, useRoom } from "../room";
import { desktopTexts } from "../texts";
import { titleOf } from "./panels";
import type { KeyMode } from "./useWindowKeys";
import { canChangeState } from "./windowState";

interface Props {
  readonly window: RoomWindow;
  readonly front: boolean;
  readonly maximised: boolean;
  readonly onRename: () => void;
  readonly onKeys: (mode: KeyMode) => void;
  readonly onFront: () => void;
  readonly onMaximise: () => void;
  readonly onStateChange: (state: "minimized" | "closed") => void;
}

/**
 * A window's menu: all actions that a pointer can do, for keyboard and screen reader, and the window's authors [U13].
 */
export function WindowMenu({ window, front, maximised, onRename, onKeys, ...props }: Props) {
  const { onFront, onMaximise, onStateChange } = props;
  const room = useRoom();
  const nameOf = useNames();
  const by = nameOf(window.by);
  const title = titleOf(window);
  const disabled = !room.canEdit;
  const stateFixed = !canChangeState(room, window);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="icon-btn window-more" aria-label={desktopTexts.windowMenu(title)}>
        <Icon name="more" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={keepOwnFocus}
        >
          <DropdownMenu.Item
            className="menu-item"
            disabled={disabled || maximised}
            onSelect={() => onKeys("move")}
          >
            <Icon name="move" />
            {desktopTexts.moveWithArrowKeys}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={disabled || maximised}
            onSelect={() => onKeys("resize")}
          >
            <Icon name="resize" />
            {desktopTexts.resizeWithArrowKeys}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={front} onSelect={onFront}>
            <Icon name="front" />
            {desktopTexts.bringToFront}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={disabled} onSelect={onRename}>
            <Icon name="pencil" />
            {desktopTexts.rename}
          </DropdownMenu.Item>
          {window.type === "pattern" && <PatternItems window={window} off={disabled} />}
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            disabled={stateFixed}
            onSelect={() => onStateChange("minimized")}
          >
            <Icon name="minimise" />
            {desktopTexts.minimiseItem}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={onMaximise}>
            <Icon name={maximised ? "restore" : "maximise"} />
            {maximised ? desktopTexts.restore : desktopTexts.maximise}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={stateFixed}
            onSelect={() => onStateChange("closed")}
          >
            <Icon name="close" />
            {isCore(window) ? desktopTexts.closeForMe : desktopTexts.closeForEveryone}
          </DropdownMenu.Item>
          {(by !== null || window.at > 0) && (
            <DropdownMenu.Label className="menu-label">
              {desktopTexts.openedBy(by ?? desktopTexts.parlor)}
              {window.at > 0 && ` · ${timeOrDate(window.at, Date.now())}`}
            </DropdownMenu.Label>
          )}
          <LastChange window={window} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** A function that gives a person's name for a sentence ("you" for this person), or null for an unknown identity. */
function useNames(): (identity: string) => string | null {
  const { me } = useRoom();
  const participants = useParticipants();
  return (identity) =>
    identity === me.identity ? "you" : (participants.find((person) => person.id === identity)?.name ?? null);
}

/** The last change of the window since it was opened, with its author. */
function LastChange({ window }: { readonly window: RoomWindow }) {
  const nameOf = useNames();
  const last = useActivity().find((each) => each.windows.includes(window.id) && each.at > window.at);
  if (last === undefined) return null;
  return (
    <DropdownMenu.Label className="menu-label menu-last">
      {actionVerb(last.action)} {desktopTexts.by} {nameOf(last.by) ?? desktopTexts.someoneInSentence} ·{" "}
      {timeOrDate(last.at, Date.now())}
    </DropdownMenu.Label>
  );
}

/**
 * Keeps the focus where a menu item has moved it, for example to the window's title. Otherwise the closing menu moves
 * the focus to its button.
 */
function keepOwnFocus(event: Event): void {
  const active = document.activeElement;
  if (active instanceof HTMLElement && active !== document.body && active.closest("[role=menu]") === null) {
    event.preventDefault();
  }
}
