import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Within this many pixels of the end, a reader counts as being at the end. */
export const NEAR_END_PX = 80;

/** Whether a scroll container is so near its end that it should follow new content. */
export const isNearEnd = (box: { scrollTop: number; scrollHeight: number; clientHeight: number }): boolean =>
  box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_END_PX;

type Sticky = {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** Whether the reader is at the end. If not, the component shows a button that calls `jump`. */
  readonly atEnd: boolean;
  readonly jump: () => void;
  /** Keeps the current position while the content changes, also at the end. */
  readonly stay: () => void;
};

/**
 * Keeps a scroll container at its end while its content grows, unless the reader has scrolled up. It observes the size
 * of the content, so it also reacts to fonts and late highlighting.
 */
export function useStickyScroll(startAtEnd = true): Sticky {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(startAtEnd);
  const [atEnd, setAtEnd] = useState(true);

  const scrollToEnd = useCallback(() => {
    const box = scroller.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    if (following.current) scrollToEnd();
  }, [scrollToEnd]);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (box === null || inner === null) return;
    let height = box.scrollHeight;
    const onScroll = () => {
      // Growing content may cause a scroll event, too. Only a scroll by the reader may end the following.
      if (box.scrollHeight !== height && following.current) {
        height = box.scrollHeight;
        return;
      }
      height = box.scrollHeight;
      following.current = isNearEnd(box);
      setAtEnd(following.current);
    };
    const observer = new ResizeObserver(() => {
      height = box.scrollHeight;
      if (following.current) scrollToEnd();
      else setAtEnd(isNearEnd(box));
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(inner);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scrollToEnd]);

  const jump = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    scrollToEnd();
  }, [scrollToEnd]);

  const stay = useCallback(() => {
    following.current = false;
  }, []);

  return { scroller, content, atEnd, jump, stay };
}
