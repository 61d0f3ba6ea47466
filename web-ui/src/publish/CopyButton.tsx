import { Icon } from "../icon/Icon";
import { publishTexts } from "../texts";
import type { Copying } from "./useCopyText";

/** An icon button that copies a text. */
export function CopyButton({
  copying,
  text,
  label,
}: {
  readonly copying: Copying;
  readonly text: string | null;
  readonly label: string;
}) {
  const copied = text !== null && copying.copied === text;
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={label}
      title={label}
      disabled={text === null}
      onClick={() => text !== null && copying.copy(text)}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}

/** Announces a copied text. A text that could not be copied appears in a field, selected. */
export function CopyOutcome({ copying }: { readonly copying: Copying }) {
  const { copied, notCopied } = copying;
  return (
    <>
      <span className="unseen" role="status">
        {copied === null ? "" : publishTexts.copied}
      </span>
      {notCopied !== null && (
        <label className="publish-uncopied">
          {publishTexts.copyingNotAllowedTextSelected}
          <input
            dir="ltr"
            key={notCopied}
            className="field"
            readOnly
            value={notCopied}
            ref={(field) => {
              field?.focus();
              field?.select();
            }}
          />
        </label>
      )}
    </>
  );
}
