import { useEffect, useRef } from "react";
import { LIMITS, useRoom, useTitle } from "../room";
import { truncated } from "../room/schema/scalars";
import { shellTexts } from "../texts";
import { SharedInput } from "./sharedInput";

/** The room's title, edited in place. Two people who type in it at once both keep their text and their carets. */
export function TitleField() {
  const room = useRoom();
  const title = useTitle();
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const input = field.current;
    if (input === null) return;
    const shared = new SharedInput({
      input,
      text: room.texts.at(["title"]),
      show: shownTitle,
      undo: () => room.undo(),
      redo: () => room.redo(),
    });
    return () => shared.dispose();
  }, [room]);

  return (
    <>
      <h1 className="unseen">{title || shellTexts.untitledRoom}</h1>
      <span className="title-box" data-value={title || "Untitled room"}>
        <input
          dir="auto"
          ref={field}
          className="title"
          size={1}
          aria-label={shellTexts.roomTitle}
          placeholder={shellTexts.untitledRoom}
          maxLength={LIMITS.title}
          readOnly={!room.canEdit}
          spellCheck={false}
          autoComplete="off"
          onFocus={() => room.presence.setTyping(null)}
          onKeyDown={(event) => {
            if ((event.key === "Enter" && !event.nativeEvent.isComposing) || event.key === "Escape")
              event.currentTarget.blur();
          }}
        />
      </span>
    </>
  );
}

/** The title as the field shows it. Each line end unit becomes a space, so that positions stay the same. */
const shownTitle = (raw: string): string => truncated(raw, LIMITS.title).replace(/[\r\n]/g, " ");
