import { useEffect, useRef, useState } from "react";
import { LIMITS, type RoomWindow, renameWindow, useRoom } from "../room";
import { desktopTexts } from "../texts";
import { titleOf } from "./panels";

export interface TitleEdit {
  readonly editing: boolean;
  begin(): void;
  end(title: string | null): void;
}

/** The editing state of a window's title. `end` takes the new title, or null to cancel. */
export function useTitleEdit(window: RoomWindow): TitleEdit {
  const room = useRoom();
  const [editing, setEditing] = useState(false);
  return {
    editing,
    begin: () => {
      if (room.canEdit) setEditing(true);
    },
    end: (title) => {
      setEditing(false);
      const trimmed = title?.trim() ?? "";
      if (trimmed !== "" && trimmed !== window.title) room.run(renameWindow(window.id, trimmed));
    },
  };
}

/** A window's title, or the field in which it is edited. Enter and leaving the field keep the title, Esc cancels. */
export function WindowTitle({ window, edit }: { readonly window: RoomWindow; readonly edit: TitleEdit }) {
  const field = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => {
    if (!edit.editing) return;
    ended.current = false;
    // A closing menu moves the focus to its button, so this waits a frame.
    const frame = requestAnimationFrame(() => field.current?.select());
    return () => cancelAnimationFrame(frame);
  }, [edit.editing]);

  if (!edit.editing) return <h2 className="window-title">{titleOf(window)}</h2>;
  const end = (title: string | null): void => {
    if (ended.current) return;
    ended.current = true;
    edit.end(title);
  };
  return (
    <input
      dir="auto"
      ref={field}
      className="window-title-field"
      aria-label={desktopTexts.windowTitle}
      defaultValue={titleOf(window)}
      maxLength={LIMITS.title}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") end(event.currentTarget.value);
        if (event.key === "Escape") end(null);
        event.stopPropagation();
      }}
    />
  );
}
