import { useCallback, useEffect, useRef, useState } from "react";
import { copyText } from "../page/clipboard";

/** The time for which a copy button shows that it has copied. */
const SHOWN_MS = 2_000;

export interface Copying {
  /** The text that was copied in the last two seconds, else null. */
  readonly copied: string | null;
  /** The text that could not be copied, because the browser refuses it; it has to be shown, selected. */
  readonly notCopied: string | null;
  readonly copy: (text: string) => void;
}

/** Copies texts to the clipboard. */
export function useCopyText(): Copying {
  const [copied, setCopied] = useState<string | null>(null);
  const [notCopied, setNotCopied] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = useCallback((text: string): void => {
    copyText(text).then(
      () => {
        setCopied(text);
        setNotCopied(null);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(null), SHOWN_MS);
      },
      () => setNotCopied(text),
    );
  }, []);
  return { copied, notCopied, copy };
}
