import { type PointerEvent as ReactPointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { type Place, placeWindow, type RoomWindow, useRoom } from "../room";
import { useDesktop } from "./DesktopContext";
import { dragged, type Edge, samePlace, toDesk } from "./projection";

/**
 * Lets a person drag a window or one of its edges. During the drag, the place is only in this page and in ephemeral
 * messages to other people. Releasing the pointer writes one change to the document. Esc cancels.
 */
export function useWindowDrag(window: RoomWindow, shared: Place) {
  const room = useRoom();
  const { projection, live } = useDesktop();
  const [place, setPlace] = useState<Place | null>(null);
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const latest = useRef({ shared, projection });
  latest.current = { shared, projection };

  const start = useCallback(
    (edge: Edge) => (event: ReactPointerEvent<HTMLElement>) => {
      if (event.button !== 0 || !room.canEdit) return;
      const target = event.target as HTMLElement;
      if (target.closest("button, input, a, [role=menu]") !== null) return;
      const { shared: from, projection: view } = latest.current;
      const handle = event.currentTarget;
      const { pointerId, clientX, clientY } = event;
      let current = from;
      handle.setPointerCapture(pointerId);
      document.documentElement.classList.add("is-dragging");

      const move = (next: PointerEvent): void => {
        const dx = next.clientX - clientX;
        const dy = next.clientY - clientY;
        if (samePlace(current, from) && Math.hypot(dx, dy) < 3) return;
        current = dragged(from, edge, dx, dy, view);
        setPlace(current);
        live.send(window.id, toDesk(current, view));
      };
      const end = (): void => {
        handle.removeEventListener("pointermove", move);
        handle.removeEventListener("pointerup", drop);
        handle.removeEventListener("pointercancel", end);
        globalThis.removeEventListener("keydown", onEscape, true);
        document.documentElement.classList.remove("is-dragging");
        live.sendEnded();
        stop.current = null;
        setPlace(null);
      };
      const drop = (): void => {
        if (!samePlace(current, from))
          room.run(placeWindow(window.id, newPlace(window, from, current, view)));
        end();
      };
      const onEscape = (key: KeyboardEvent): void => {
        if (key.key !== "Escape") return;
        key.stopPropagation();
        end();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", drop);
      handle.addEventListener("pointercancel", end);
      globalThis.addEventListener("keydown", onEscape, true);
      stop.current = end;
    },
    [room, window, live],
  );

  return { place, start };
}

/**
 * The new place on the desk after a drag. Fields that the drag did not change stay as in the document: the shown place
 * may be clamped to this screen, and clamped values must not be written.
 */
export function newPlace(
  window: Place,
  from: Place,
  to: Place,
  projection: Parameters<typeof toDesk>[1],
): Place {
  const desk = toDesk(to, projection);
  const moved = to.x !== from.x || to.y !== from.y;
  const sized = to.width !== from.width || to.height !== from.height;
  return {
    x: moved ? desk.x : window.x,
    y: moved ? desk.y : window.y,
    width: sized ? desk.width : window.width,
    height: sized ? desk.height : window.height,
  };
}
