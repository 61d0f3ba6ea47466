import { useCallback, useState } from "react";
import { useRoom } from "../../room";

/**
 * The state of a text that is not sent yet. It is stored for this tab, so it survives a reload or a change of layout.
 */
export function useDraft(place: string): [string, (text: string) => void] {
  const { slug, me } = useRoom();
  const key = `parlor/draft/${slug}/${me.identity}/${place}`;
  const [text, setText] = useState(() => read(key));
  const set = useCallback(
    (next: string) => {
      setText(next);
      write(key, next);
    },
    [key],
  );
  return [text, set];
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // Storage is full or forbidden: the text stays in the page.
  }
}
