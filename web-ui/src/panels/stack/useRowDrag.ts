import { type PointerEvent, type RefObject, useRef, useState } from "react";
import { prefersReducedMotion } from "../shared/motion";

type Drag = {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly dy: number;
  readonly height: number;
};

/** The row under the middle of a dragged row, given the middles of all rows at the start of the drag. */
export function targetIndex(middles: readonly number[], from: number, dy: number): number {
  const own = (middles[from] ?? 0) + dy;
  let to = from;
  while (to + 1 < middles.length && own > (middles[to + 1] as number)) to++;
  while (to - 1 >= 0 && own < (middles[to - 1] as number)) to--;
  return to;
}

/** Reorders rows with mouse, pen or finger by a grip. Rows make way during the drag; the drop is reported once. */
export function useRowDrag(list: RefObject<HTMLElement | null>, drop: (id: string, to: number) => void) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const start = useRef<{ y: number; middles: number[] } | null>(null);

  const grip = (id: string, from: number) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0 || list.current === null) return;
      event.preventDefault();
      event.stopPropagation();
      event.currentTarget.setPointerCapture(event.pointerId);
      const boxes = [...list.current.children].map((row) => row.getBoundingClientRect());
      start.current = { y: event.clientY, middles: boxes.map((box) => box.top + box.height / 2) };
      setDrag({ id, from, to: from, dy: 0, height: (boxes[from]?.height ?? 0) + 8 });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const dragStart = start.current;
      if (dragStart === null || drag === null) return;
      const dy = event.clientY - dragStart.y;
      setDrag({ ...drag, dy, to: targetIndex(dragStart.middles, from, dy) });
    },
    onPointerUp: () => {
      if (drag !== null && drag.to !== drag.from) drop(drag.id, drag.to);
      start.current = null;
      setDrag(null);
    },
    onPointerCancel: () => {
      start.current = null;
      setDrag(null);
    },
  });

  /** The distance by which a row makes way, in pixels. */
  const shift = (index: number): number => {
    if (drag === null) return 0;
    if (index === drag.from) return drag.dy;
    if (prefersReducedMotion()) return 0;
    if (index > drag.from && index <= drag.to) return -drag.height;
    if (index < drag.from && index >= drag.to) return drag.height;
    return 0;
  };

  return { grip, shift, lifted: drag?.id ?? null };
}
