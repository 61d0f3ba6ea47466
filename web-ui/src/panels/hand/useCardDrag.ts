import { type MouseEvent, type PointerEvent, useRef } from "react";

/** A press that moves less than this is a click. */
const DRAG_PX = 8;

type Drag = {
  readonly place: number;
  readonly card: HTMLElement;
  readonly x: number;
  readonly y: number;
  ghost: HTMLElement | null;
  target: HTMLElement | null;
};

/** The index at which a card dropped at `y` is inserted, by the middles of the cards of the stack. */
export const dropIndex = (middles: readonly number[], y: number): number =>
  middles.filter((middle) => middle < y).length;

/**
 * Lets a person drag a card of the hand onto the stack. `play` gets the place in the hand and the index in the stack; it
 * is null if the person may not play. A drop anywhere else plays nothing.
 */
export function useCardDrag(play: ((place: number, index: number) => void) | null) {
  const drag = useRef<Drag | null>(null);
  const wasDragged = useRef(false);

  const end = () => {
    const ended = drag.current;
    drag.current = null;
    ended?.ghost?.remove();
    ended?.target?.removeAttribute("data-drop");
    return ended;
  };
  return (place: number) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      wasDragged.current = false;
      if (play === null || event.button !== 0) return;
      drag.current = {
        place,
        card: event.currentTarget,
        x: event.clientX,
        y: event.clientY,
        ghost: null,
        target: null,
      };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const now = drag.current;
      if (now === null) return;
      const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
      if (now.ghost === null && Math.hypot(dx, dy) < DRAG_PX) return;
      if (now.ghost === null) {
        event.currentTarget.setPointerCapture(event.pointerId);
        now.ghost = ghostOf(now.card);
      }
      now.ghost.style.translate = `${dx}px ${dy}px`;
      const target = stackAt(event.clientX, event.clientY);
      if (target === now.target) return;
      now.target?.removeAttribute("data-drop");
      target?.setAttribute("data-drop", "true");
      now.target = target;
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const ended = end();
      if (ended === null || ended.ghost === null) return;
      wasDragged.current = true;
      if (ended.target !== null) play?.(place, dropIndex(middlesIn(ended.target), event.clientY));
    },
    onPointerCancel: () => void end(),
    /** The click that follows a drag plays nothing. */
    onClickCapture: (event: MouseEvent<HTMLElement>) => {
      if (!wasDragged.current) return;
      wasDragged.current = false;
      event.stopPropagation();
      event.preventDefault();
    },
  });
}

const stackAt = (x: number, y: number): HTMLElement | null =>
  document
    .elementsFromPoint(x, y)
    .map((element) => element.closest<HTMLElement>("[data-stack-drop]"))
    .find((element) => element !== null) ?? null;

const middlesIn = (stack: HTMLElement): readonly number[] =>
  [...stack.querySelectorAll("[data-card]:not([data-removed])")].map((card) => {
    const box = card.getBoundingClientRect();
    return box.top + box.height / 2;
  });

function ghostOf(card: HTMLElement): HTMLElement {
  const box = card.getBoundingClientRect();
  const slot = card.parentElement ?? card;
  const ghost = slot.cloneNode(true) as HTMLElement;
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.classList.add("hand-ghost");
  Object.assign(ghost.style, {
    left: `${box.left}px`,
    top: `${box.top}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  });
  document.body.append(ghost);
  return ghost;
}
