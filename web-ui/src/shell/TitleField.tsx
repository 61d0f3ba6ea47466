import { useLayoutEffect, useRef } from "react";
import { LIMITS, setTitle, useRoom, useTitle } from "../room";
import { carriedCaret } from "./caret";

/** The room's title, edited in place. Two people typing in it at once both keep their words and their carets. */
export function TitleField() {
  const room = useRoom();
  const title = useTitle();
  const field = useRef<HTMLInputElement>(null);
  const last = useRef({ text: title, start: 0, end: 0 });

  useLayoutEffect(() => {
    const input = field.current;
    if (input === null) return;
    const before = last.current;
    if (document.activeElement === input && before.text !== title) {
      input.setSelectionRange(
        carriedCaret(before.text, title, before.start),
        carriedCaret(before.text, title, before.end),
      );
    }
    last.current = { text: title, start: input.selectionStart ?? 0, end: input.selectionEnd ?? 0 };
  }, [title]);

  const remember = (): void => {
    const input = field.current;
    if (input !== null)
      last.current = { text: input.value, start: input.selectionStart ?? 0, end: input.selectionEnd ?? 0 };
  };

  return (
    <>
      <h1 className="unseen">{title || "Untitled room"}</h1>
      <span className="title-box" data-value={title || "Untitled room"}>
        <input
          ref={field}
          className="title"
          size={1}
          aria-label="Room title"
          value={title}
          placeholder="Untitled room"
          maxLength={LIMITS.title}
          readOnly={!room.canEdit}
          spellCheck={false}
          autoComplete="off"
          onSelect={remember}
          onChange={(event) => {
            remember();
            room.change(setTitle(event.target.value));
          }}
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
