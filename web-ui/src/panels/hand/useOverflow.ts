import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** The sides at which a row has more than it shows. */
export type Overflow = { readonly before: boolean; readonly after: boolean };

/** A row counts as scrolled to its end within this many pixels, since positions may be fractions. */
const EDGE_PX = 2;

/** The sides at which a row that scrolls sideways has more. A row from right to left has negative positions. */
export function overflowOf(row: Pick<HTMLElement, "scrollLeft" | "scrollWidth" | "clientWidth">): Overflow {
  const position = Math.abs(row.scrollLeft);
  return {
    before: position > EDGE_PX,
    after: row.scrollWidth - row.clientWidth - position > EDGE_PX,
  };
}

type Row = {
  readonly row: RefObject<HTMLDivElement | null>;
  readonly overflow: Overflow;
  /** Scrolls by most of the visible width: -1 towards the start, 1 towards the end. */
  readonly scroll: (direction: 1 | -1) => void;
};

/** Observes a row that scrolls sideways, also when its size changes. */
export function useOverflow(): Row {
  const row = useRef<HTMLDivElement>(null);
  const [overflow, setOverflow] = useState<Overflow>({ before: false, after: false });
  useEffect(() => {
    const element = row.current;
    if (element === null) return;
    const look = (): void => {
      const next = overflowOf(element);
      setOverflow((last) => (last.before === next.before && last.after === next.after ? last : next));
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, []);
  const scroll = useCallback((direction: 1 | -1) => {
    const element = row.current;
    if (element === null) return;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollBy({
      left: direction * element.clientWidth * 0.8,
      behavior: isStill ? "auto" : "smooth",
    });
  }, []);
  return { row, overflow, scroll };
}
