import { type ReactNode, type RefObject, useId } from "react";
import { Icon } from "../../icon/Icon";
import { isSendKey } from "../shared/enter";
import { EMPTY_QUERY } from "./state";
import "./composer.css";

export type ComposerProps = {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** The reason why Generate is disabled, or null. */
  readonly reason: string | null;
  /** Whether a generation is running that this person may stop. */
  readonly stoppable: boolean;
  readonly stopping: boolean;
  /** A message about this person's last request, or null. */
  readonly notice: RequestNotice | null;
  readonly onGenerate: () => void;
  readonly onStop: () => void;
  readonly preview: ReactNode;
  readonly field: RefObject<HTMLTextAreaElement | null>;
};

export type RequestNotice = {
  readonly tone: "wait" | "problem";
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
  readonly onClose: (() => void) | null;
  /** Text behind `text` that changes each second. It is hidden from screen readers. */
  readonly countdown?: string;
};

/** The field for the query, with the buttons for preview and Generate. The query is private until it is sent. */
export function Composer(props: ComposerProps) {
  const { query, reason, stoppable, stopping, notice } = props;
  const id = useId();
  const disabled = reason !== null && reason !== EMPTY_QUERY;
  return (
    <div className="composer-wrap">
      {notice !== null && (
        <div
          className="composer-notice"
          data-tone={notice.tone}
          role={notice.tone === "problem" ? "alert" : "status"}
        >
          {notice.tone === "problem" && <Icon name="warn" />}
          <span>
            {notice.text}
            {notice.countdown !== undefined && <span aria-hidden="true"> {notice.countdown}</span>}
          </span>
          {notice.action !== null && (
            <button type="button" className="p-link" onClick={notice.action.run}>
              {notice.action.label}
            </button>
          )}
          {notice.onClose !== null && (
            <button type="button" className="p-icon" aria-label="Dismiss" onClick={notice.onClose}>
              <Icon name="close" />
            </button>
          )}
        </div>
      )}
      <form
        className="composer"
        aria-label="Composer"
        onSubmit={(event) => {
          event.preventDefault();
          props.onGenerate();
        }}
      >
        <textarea
          ref={props.field}
          className="p-grow composer-query"
          rows={1}
          value={query}
          aria-label="Query"
          placeholder="What should the model write?"
          aria-describedby={`${id}-reason`}
          onChange={(event) => props.onQuery(event.target.value)}
          onKeyDown={(event) => {
            if (isSendKey({ ...keyPressOf(event), isComposing: event.nativeEvent.isComposing })) {
              event.preventDefault();
              props.onGenerate();
            }
          }}
        />
        <div className="composer-side">
          {props.preview}
          {stoppable ? (
            <button type="button" className="btn btn-stop" disabled={stopping} onClick={props.onStop}>
              <Icon name="stop" />
              {stopping ? "Stopping" : "Stop"}
            </button>
          ) : (
            <button
              type="submit"
              className="btn btn-go"
              aria-disabled={disabled}
              aria-describedby={`${id}-reason`}
              title={reason ?? undefined}
            >
              <Icon name="spark" />
              Generate
            </button>
          )}
        </div>
        <p id={`${id}-reason`} className={disabled ? "composer-reason" : "unseen"}>
          {reason}
        </p>
      </form>
    </div>
  );
}

const keyPressOf = (event: { key: string; shiftKey: boolean; altKey: boolean; keyCode: number }) => ({
  key: event.key,
  shiftKey: event.shiftKey,
  altKey: event.altKey,
  keyCode: event.keyCode,
});
