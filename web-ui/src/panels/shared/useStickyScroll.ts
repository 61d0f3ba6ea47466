import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Within this many pixels of the end, a reader counts as being at the end. */
export const NEAR_END_PX = 80;

/** Whether a scroller is near enough to its end to follow new lines. */
export const isNearEnd = (box: { scrollTop: number; scrollHeight: number; clientHeight: number }): boolean =>
  box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_END_PX;

type Sticky = {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** False while the reader has scrolled away: show the jump button then. */
  readonly atEnd: boolean;
  readonly jump: () => void;
};

/**
 * Automatic scrolling to the end: a reader at the end stays there while text grows, and a reader who scrolled up is
 * left alone. It follows the size of the content, so it also reacts to pictures, fonts and late highlighting.
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
      // Growing content also moves the end away. Only a scroll of the reader may end the following.
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

  return { scroller, content, atEnd, jump };
}
