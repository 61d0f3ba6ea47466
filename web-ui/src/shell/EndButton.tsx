import { useEffect, useRef, useState } from "react";

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
  const keep = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (confirming) keep.current?.focus();
  }, [confirming]);

  const cancel = (): void => {
    setConfirming(false);
    requestAnimationFrame(() => first.current?.focus());
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
        ref={first}
        type="button"
        className="btn"
        aria-label={label}
        aria-expanded={confirming}
        onClick={() => setConfirming(!confirming)}
      >
        End
      </button>
      {confirming && (
        <fieldset className="share-end" disabled={busy}>
          <legend className="unseen">{label}</legend>
          <span>{question}</span>
          <button ref={keep} type="button" className="btn" onClick={cancel}>
            Keep
          </button>
          <button type="button" className="btn btn-stop" onClick={() => void end()}>
            End it
          </button>
        </fieldset>
      )}
    </>
  );
}
