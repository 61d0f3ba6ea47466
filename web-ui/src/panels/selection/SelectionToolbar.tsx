import { DropdownMenu } from "radix-ui";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Icon, type IconName } from "../../icon/Icon";
import { useRoom } from "../../room";
import { selectionTexts } from "../../texts";
import { FlatText } from "../marks/flatText";
import { drawOnChange, paint } from "../marks/paint";
import { boxOf, type Selected } from "./selected";
import "./selection.css";

/** A note to which a quote can be pinned. */
export type PinTarget = { readonly id: string; readonly title: string };

export type ToolbarProps = {
  readonly selected: Selected;
  readonly byKeyboard: boolean;
  /** Each action is null if this person may not use it here. */
  readonly onQuote: (() => void) | null;
  readonly onAsk: (() => void) | null;
  readonly onComment: (() => void) | null;
  /** `note` is null for a new note. */
  readonly onPin: ((note: PinTarget | null) => void) | null;
  readonly notes: readonly PinTarget[];
  readonly onClose: () => void;
};

/** The toolbar at a selected text. Alt Enter moves the focus into it, Escape leaves it. */
export function SelectionToolbar(props: ToolbarProps) {
  const { selected, byKeyboard, onClose } = props;
  const room = useRoom();
  const bar = useRef<HTMLDivElement>(null);
  const place = usePlace(selected, bar);
  useChosenMark(selected);
  useEffect(() => {
    if (byKeyboard) room.announce(selectionTexts.hint);
  }, [byKeyboard, room]);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key === "Enter" && event.altKey && !event.isComposing) {
        event.preventDefault();
        event.stopPropagation();
        bar.current?.querySelector("button")?.focus();
      }
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(bar.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      buttons[(at + step + buttons.length) % buttons.length]?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
      selected.root.closest<HTMLElement>("[tabindex], .cm-content")?.focus({ preventScroll: true });
    }
  };
  return createPortal(
    <div
      ref={bar}
      className="selection-bar"
      role="toolbar"
      aria-label={selectionTexts.toolbar}
      data-selection-tools
      style={place === null ? { visibility: "hidden" } : { left: `${place.left}px`, top: `${place.top}px` }}
      onKeyDown={onKeyDown}
      // The text stays selected while a button is pressed.
      onMouseDown={(event) => event.preventDefault()}
    >
      <Tool icon="chat" label={selectionTexts.quoteToChat} onClick={props.onQuote} />
      <Tool icon="spark" label={selectionTexts.ask} onClick={props.onAsk} />
      {props.onPin !== null && <PinMenu notes={props.notes} onPin={props.onPin} />}
      <Tool icon="comment" label={selectionTexts.comment} onClick={props.onComment} />
    </div>,
    document.body,
  );
}

type ToolProps = {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: (() => void) | null;
};

function Tool({ icon, label, onClick }: ToolProps) {
  if (onClick === null) return null;
  return (
    <button type="button" title={label} onClick={onClick}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}

function PinMenu({
  notes,
  onPin,
}: {
  readonly notes: readonly PinTarget[];
  readonly onPin: (note: PinTarget | null) => void;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" title={selectionTexts.pin}>
          <Icon name="pin" />
          <span>{selectionTexts.pin}</span>
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          data-selection-tools
        >
          {notes.map((note) => (
            <DropdownMenu.Item key={note.id} className="menu-item" onSelect={() => onPin(note)}>
              <Icon name="note" />
              <span className="menu-words">{note.title}</span>
            </DropdownMenu.Item>
          ))}
          <DropdownMenu.Item className="menu-item" onSelect={() => onPin(null)}>
            <Icon name="plus" />
            {selectionTexts.newNote}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Space between the toolbar and the text, and between the toolbar and the edge of the page, in pixels. */
const GAP_PX = 8;
/** On a touch screen the system's own menu stands above the text, and its handles below. */
const TOUCH_GAP_PX = 28;

/** The place of the toolbar: above the text with a mouse, below it with touch, always inside of the page. */
function usePlace(selected: Selected, bar: React.RefObject<HTMLElement | null>) {
  const [place, setPlace] = useState<{ readonly left: number; readonly top: number } | null>(null);
  useLayoutEffect(() => {
    const element = bar.current;
    if (element === null) return;
    const isTouch = window.matchMedia("(pointer: coarse)").matches;
    const move = (): void => {
      const box = boxOf(selected);
      if (box === null) {
        setPlace(null);
        return;
      }
      const { offsetWidth: width, offsetHeight: height } = element;
      const above = box.top - height - GAP_PX;
      const below = box.bottom + (isTouch ? TOUCH_GAP_PX : GAP_PX);
      const wanted = isTouch || above < GAP_PX ? below : above;
      setPlace({
        left: Math.max(GAP_PX, Math.min(box.left, window.innerWidth - width - GAP_PX)),
        top: Math.max(GAP_PX, Math.min(wanted, window.innerHeight - height - GAP_PX)),
      });
    };
    move();
    window.addEventListener("scroll", move, { capture: true, passive: true });
    window.addEventListener("resize", move);
    return () => {
      window.removeEventListener("scroll", move, { capture: true });
      window.removeEventListener("resize", move);
    };
  }, [selected, bar]);
  return place;
}

/** Keeps the selected text marked when the page draws it again and the browser drops its selection. */
function useChosenMark(selected: Selected): void {
  useEffect(() => {
    const { root } = selected;
    if (root.querySelector(".cm-editor") !== null) return;
    let clear = (): void => undefined;
    const draw = (): void => {
      clear();
      clear = (): void => undefined;
      if (isSelectedIn(root)) return;
      const flat = new FlatText(root);
      const isSame = flat.text.slice(selected.from, selected.to) === selected.text;
      const range = isSame ? flat.range(selected) : null;
      clear = paint("chosen", range === null ? [] : [range]);
    };
    const stop = drawOnChange(root, draw, true);
    document.addEventListener("selectionchange", draw);
    return () => {
      stop();
      document.removeEventListener("selectionchange", draw);
      clear();
    };
  }, [selected]);
}

/** Whether the browser itself shows a selection in an element. */
function isSelectedIn(root: Element): boolean {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && root.contains(selection.anchorNode);
}
