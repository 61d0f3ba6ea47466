import { useEffect, useRef, useState } from "react";
import { shareTexts } from "../texts";

interface Props {
  readonly label: string;
  /** The consequence, which the confirmation shows. */
  readonly question: string;
  readonly onEnd: () => Promise<void>;
}

/** A button that ends a link after a confirmation. The confirmation appears below the button. */
export function EndButton({ label, question, onEnd }: Props) {
  const [confirming, setConfirming] = useState(false);
  const [busy, setBusy] = useState(false);
  const keepButton = useRef<HTMLButtonElement>(null);
  const endButton = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (confirming) keepButton.current?.focus();
  }, [confirming]);

  const cancel = (): void => {
    setConfirming(false);
    requestAnimationFrame(() => endButton.current?.focus());
  };
  const end = async (): Promise<void> => {
    setBusy(true);
    await onEnd();
    setBusy(false);
    setConfirming(false);
  };

  return (
    <>
      <button
        ref={endButton}
        type="button"
        className="btn"
        aria-label={label}
        aria-expanded={confirming}
        onClick={() => setConfirming(!confirming)}
      >
        {shareTexts.revoke}
      </button>
      {confirming && (
        <fieldset className="share-end" disabled={busy}>
          <legend className="unseen">{label}</legend>
          <span>{question}</span>
          <button ref={keepButton} type="button" className="btn" onClick={cancel}>
            {shareTexts.cancel}
          </button>
          <button type="button" className="btn btn-stop" onClick={() => void end()}>
            {shareTexts.revoke}
          </button>
        </fieldset>
      )}
    </>
  );
}
