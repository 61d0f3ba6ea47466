import { type ReactNode, type RefObject, useId } from "react";
import { Icon } from "../../icon/Icon";
import { composerTexts } from "../../texts";
import { useImageTarget } from "../images/AddImage";
import { ModelChip } from "../output/ModelChip";
import { isSendKey } from "../shared/enter";
import { Attachments } from "./Attachments";
import { EMPTY_QUERY } from "./state";
import "./composer.css";

export type ComposerProps = {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** The reason why nothing can be generated, or null. */
  readonly reason: string | null;
  /** Whether the person has asked without a question; then the field says what is missing. */
  readonly isMissing: boolean;
  /** A message about this person's last request, or null. */
  readonly notice: RequestNotice | null;
  readonly onGenerate: () => void;
  /** The name of the model that will answer; empty while it is unknown. */
  readonly model: string;
  /** The question of the answer that this question branches off from, or null. */
  readonly branchesFrom: string | null;
  readonly onContinue: () => void;
  /** The buttons at the left: hand, conversation, preview. */
  readonly tools: ReactNode;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Takes pasted and dropped images, or null. */
  readonly onImages: ((files: readonly File[]) => void) | null;
};

export type RequestNotice = {
  readonly tone: "wait" | "problem";
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
  readonly onClose: (() => void) | null;
  /** Text behind `text` that changes each second. It is hidden from screen readers. */
  readonly countdown?: string;
};

/** The field for the question, with its tools and Generate. The question is private until it is sent. */
export function Composer(props: ComposerProps) {
  const { query, reason, notice } = props;
  const id = useId();
  const isEmpty = reason === EMPTY_QUERY;
  const disabled = reason !== null && !isEmpty;
  return (
    <div className="composer-wrap">
      {notice !== null && <Notice {...notice} />}
      <form
        className="composer"
        aria-label={composerTexts.composer}
        {...useImageTarget(props.onImages)}
        onSubmit={(event) => {
          event.preventDefault();
          props.onGenerate();
        }}
      >
        {props.branchesFrom !== null && (
          <p className="composer-branch">
            <Icon name="branch" />
            <span>{composerTexts.after(props.branchesFrom)}</span>
            <button
              type="button"
              className="p-icon"
              aria-label={composerTexts.continueShownConversationInstead}
              onClick={props.onContinue}
            >
              <Icon name="close" />
            </button>
          </p>
        )}
        <Attachments />
        <div className="composer-row">
          <textarea
            ref={props.field}
            className="p-grow composer-query"
            rows={1}
            value={query}
            dir="auto"
            aria-label={composerTexts.query}
            placeholder={composerTexts.askForSomething}
            aria-describedby={`${id}-reason ${id}-private`}
            aria-invalid={isEmpty && props.isMissing}
            onChange={(event) => props.onQuery(event.target.value)}
            onKeyDown={(event) => {
              if (isSendKey({ ...keyPressOf(event), isComposing: event.nativeEvent.isComposing })) {
                event.preventDefault();
                props.onGenerate();
              }
            }}
          />
          <span className="composer-private" title={composerTexts.onlySeeUntilGenerate}>
            <Icon name="lock" />
            <span id={`${id}-private`}>{composerTexts.onlyUntilGenerate}</span>
          </span>
        </div>
        <p
          id={`${id}-reason`}
          className={disabled || (isEmpty && props.isMissing) ? "composer-reason" : "unseen"}
          data-missing={isEmpty}
        >
          {reason}
        </p>
        <div className="composer-foot">
          {props.tools}
          <span className="composer-space" />
          <ModelChip model={props.model} />
          <button
            type="submit"
            className="btn btn-go composer-go"
            data-pale={isEmpty}
            aria-disabled={disabled}
            aria-describedby={`${id}-reason`}
            title={reason ?? undefined}
          >
            <Icon name="spark" />
            {composerTexts.generate}
          </button>
        </div>
      </form>
    </div>
  );
}

function Notice({ tone, text, countdown, action, onClose }: RequestNotice) {
  return (
    <div className="composer-notice" data-tone={tone} role={tone === "problem" ? "alert" : "status"}>
      {tone === "problem" && <Icon name="warn" />}
      <span>
        {text}
        {countdown !== undefined && <span aria-hidden="true"> {countdown}</span>}
      </span>
      {action !== null && (
        <button type="button" className="p-link" onClick={action.run}>
          {action.label}
        </button>
      )}
      {onClose !== null && (
        <button type="button" className="p-icon" aria-label={composerTexts.dismiss} onClick={onClose}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

const keyPressOf = (event: { key: string; shiftKey: boolean; altKey: boolean; keyCode: number }) => ({
  key: event.key,
  shiftKey: event.shiftKey,
  altKey: event.altKey,
  keyCode: event.keyCode,
});
