import { type PointerEvent, type RefObject, useRef, useState } from "react";
import { prefersReducedMotion } from "../../page/useMedia";

type Drag = {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly dy: number;
  readonly height: number;
};

/**
 * The index to which a row is dragged by `dy` pixels. `middles` are the y positions of the rows' middles at the start.
 */
export function targetIndex(middles: readonly number[], from: number, dy: number): number {
  const own = (middles[from] ?? 0) + dy;
  let to = from;
  while (to + 1 < middles.length && own > (middles[to + 1] as number)) to++;
  while (to - 1 >= 0 && own < (middles[to - 1] as number)) to--;
  return to;
}

/**
 * Lets a person reorder rows by dragging a grip. Other rows make way during the drag. Calls `drop` once, at the end.
 */
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

  /** The vertical offset of a row during the drag, in pixels. */
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
