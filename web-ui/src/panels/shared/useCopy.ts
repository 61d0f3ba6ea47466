import { useCallback, useEffect, useRef, useState } from "react";
import { copyText, NOT_COPIED } from "../../page/clipboard";
import { useRoom } from "../../room";
import { cardTexts } from "../../texts";

/** `copy` copies text to the clipboard and announces it; `copied` is true for two seconds after that. */
export function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const room = useRoom();
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = useCallback(
    (text: string) => {
      copyText(text).then(
        () => {
          setCopied(true);
          room.announce(cardTexts.copied);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setCopied(false), 2000);
        },
        () => room.notify(NOT_COPIED),
      );
    },
    [room],
  );
  return { copied, copy };
}
