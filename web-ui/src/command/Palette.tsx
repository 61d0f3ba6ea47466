import { Dialog } from "radix-ui";
import { useId, useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { useRoom, useSource } from "../room";
import { Cell } from "../room/store";
import { paletteTexts } from "../texts";
import { filterCommands } from "./filter";
import { isApple, matchesKey, shownKey } from "./keys";
import "./palette.css";
import { commandsIn, type PageCommand, runCommand } from "./registry";

/** Whether the palette is open. */
export const paletteOpen = new Cell(false);

const selectAll = (open: boolean): boolean => open;

/** The palette: all commands of the room, filtered by typed letters [U29]. */
export function Palette() {
  const open = useSource(paletteOpen, selectAll);
  const chosen = useRef<PageCommand | null>(null);
  /** The element that had the focus before, such as a text field. */
  const before = useRef<Element | null>(null);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => paletteOpen.set(next)}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog palette"
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
            const command = chosen.current;
            chosen.current = null;
            // The focus returns to where it was. After that the command may move it.
            if (command !== null) requestAnimationFrame(() => runCommand(command));
          }}
        >
          <Dialog.Title className="unseen">{paletteTexts.title}</Dialog.Title>
          <Commands
            onChoose={(command) => {
              chosen.current = command;
              paletteOpen.set(false);
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Commands({ onChoose }: { readonly onChoose: (command: PageCommand) => void }) {
  const room = useRoom();
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const listId = useId();
  const found = filterCommands(commandsIn(room).all(), typed);
  const active = found[Math.min(place, found.length - 1)];
  const optionId = (command: PageCommand): string => `${listId}-${command.id}`;

  const move = (to: number): void => {
    const next = (to + found.length) % Math.max(1, found.length);
    setPlace(next);
    const command = found[next];
    if (command !== undefined)
      document.getElementById(optionId(command))?.scrollIntoView({ block: "nearest" });
  };
  const choose = (command: PageCommand): void => {
    if ((command.blocked?.() ?? null) === null) onChoose(command);
  };
  return (
    <>
      <input
        dir="auto"
        className="field palette-field"
        role="combobox"
        aria-label={paletteTexts.field}
        aria-expanded="true"
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={active === undefined ? undefined : optionId(active)}
        placeholder={paletteTexts.placeholder}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="go"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setPlace(0);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          const at = Math.min(place, found.length - 1);
          if (event.key === "ArrowDown") move(at + 1);
          else if (event.key === "ArrowUp") move(at - 1);
          else if (event.key === "Enter" && active !== undefined) choose(active);
          // The same key closes the palette again. Without this, the browser would take it.
          else if (matchesKey("Mod+K", event, isApple())) paletteOpen.set(false);
          else return;
          event.preventDefault();
        }}
      />
      <div className="palette-list" id={listId} role="listbox" aria-label={paletteTexts.title}>
        {found.map((command, index) => {
          const reason = command.blocked?.() ?? null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and handles the keys
            <div
              key={command.id}
              id={optionId(command)}
              className="palette-option"
              role="option"
              tabIndex={-1}
              aria-selected={command === active}
              aria-disabled={reason !== null}
              onPointerMove={() => setPlace(index)}
              onClick={() => choose(command)}
            >
              <Icon name={command.icon} />
              <span className="palette-name">
                {command.name}
                {reason !== null && <small>{reason}</small>}
              </span>
              {command.keys !== undefined && <kbd>{shownKey(command.keys, isApple())}</kbd>}
            </div>
          );
        })}
      </div>
      {found.length === 0 && (
        <p className="palette-none" role="status">
          {paletteTexts.none}
        </p>
      )}
    </>
  );
}
