import { useCallback, useEffect, useRef, useState } from "react";
import { useRoom } from "../../room";

/** `copy` copies text to the clipboard and announces it; `copied` is true for two seconds after that. */
export function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const room = useRoom();
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = useCallback(
    (text: string) => {
      // A page over plain HTTP has no clipboard.
      const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
      written.then(
        () => {
          setCopied(true);
          room.announce("Copied");
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setCopied(false), 2000);
        },
        () => room.notify("The browser did not allow copying. Select the text and copy it by hand."),
      );
    },
    [room],
  );
  return { copied, copy };
}
