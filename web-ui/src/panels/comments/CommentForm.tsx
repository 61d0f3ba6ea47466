import { useEffect, useRef, useState } from "react";
import { LIMITS } from "../../room/schema/document";
import { selectionTexts } from "../../texts";
import { isSendKey } from "../shared/enter";

type FormProps = {
  readonly label: string;
  /** The word on the button. */
  readonly send: string;
  readonly onSend: (text: string) => void;
  readonly onCancel: () => void;
};

/** A field for a comment or a reply. Enter sends, Escape cancels an empty field. */
export function CommentForm({ label, send, onSend, onCancel }: FormProps) {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const over = text.length - LIMITS.comment;
  const submit = () => {
    if (text.trim() !== "" && over <= 0) onSend(text.trim());
  };
  return (
    <form
      className="comment-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        className="p-grow"
        rows={2}
        dir="auto"
        value={text}
        aria-label={label}
        placeholder={label}
        aria-invalid={over > 0}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const { key, shiftKey, altKey, keyCode } = event;
          if (isSendKey({ key, shiftKey, altKey, keyCode, isComposing: event.nativeEvent.isComposing })) {
            event.preventDefault();
            submit();
          } else if (key === "Escape" && text === "") {
            event.stopPropagation();
            onCancel();
          }
        }}
      />
      <p className="comment-form-foot">
        <span role="status">{over > 0 ? selectionTexts.tooLong(over) : ""}</span>
        <button type="button" className="btn btn-s" onClick={onCancel}>
          {selectionTexts.cancel}
        </button>
        <button type="submit" className="btn btn-go btn-s" disabled={text.trim() === "" || over > 0}>
          {send}
        </button>
      </p>
    </form>
  );
}
