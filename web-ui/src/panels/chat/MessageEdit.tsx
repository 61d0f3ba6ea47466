import { useEffect, useRef, useState } from "react";
import { LIMITS } from "../../room/schema/document";
import { chatTexts } from "../../texts";
import { isSendKey } from "../shared/enter";

type EditProps = {
  readonly text: string;
  /** Called with the new text, or with null if the message stays as it is. */
  readonly onDone: (text: string | null) => void;
};

/** The field for the later text of an own message. Enter keeps it, Escape leaves the message as it was. */
export function MessageEdit({ text, onDone }: EditProps) {
  const [next, setNext] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, [text]);
  const over = next.length - LIMITS.chat;
  const isEmpty = next.trim() === "";
  const save = () => {
    if (!isEmpty && over <= 0) onDone(next.trim());
  };
  return (
    <form
      className="chat-edit"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={field}
        className="p-grow"
        rows={1}
        dir="auto"
        aria-label={chatTexts.editField}
        aria-invalid={isEmpty || over > 0}
        value={next}
        onChange={(event) => setNext(event.target.value)}
        onKeyDown={(event) => {
          const { key, shiftKey, altKey, keyCode } = event;
          if (isSendKey({ key, shiftKey, altKey, keyCode, isComposing: event.nativeEvent.isComposing })) {
            event.preventDefault();
            save();
          } else if (key === "Escape") {
            event.stopPropagation();
            onDone(null);
          }
        }}
      />
      <p>
        <span role="status">{over > 0 ? chatTexts.tooLong(over) : isEmpty ? chatTexts.emptyEdit : ""}</span>
        <button type="button" className="p-link" onClick={() => onDone(null)}>
          {chatTexts.cancel}
        </button>
        <button type="submit" className="p-link" disabled={isEmpty || over > 0}>
          {chatTexts.save}
        </button>
      </p>
    </form>
  );
}
