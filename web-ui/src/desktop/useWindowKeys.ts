import { type KeyboardEvent, useState } from "react";
import { type Place, placeWindow, type RoomWindow, useRoom } from "../room";
import { desktopTexts } from "../texts";
import { useDesktop } from "./DesktopContext";
import { titleOf } from "./panels";
import { dragged, samePlace, toDesk } from "./projection";
import { newPlace } from "./useWindowDrag";

export type KeyMode = "move" | "resize";

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const STEP_PX = 16;

/** Lets a person move or resize a window with the arrow keys, from the window's menu [U15]. Enter writes one change. */
export function useWindowKeys(window: RoomWindow, shared: Place) {
  const room = useRoom();
  const { projection, live } = useDesktop();
  const [state, setState] = useState<{
    readonly mode: KeyMode;
    readonly from: Place;
    readonly current: Place;
  } | null>(null);

  const begin = (mode: KeyMode): void => {
    setState({ mode, from: shared, current: shared });
    room.announce(
      desktopTexts.movingWithArrowKeys(
        mode === "move" ? desktopTexts.moving : desktopTexts.resizing,
        titleOf(window),
      ),
    );
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (state === null || event.target !== event.currentTarget) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      event.preventDefault();
      const step = event.shiftKey ? 1 : STEP_PX;
      const current = dragged(
        state.current,
        state.mode === "move" ? "move" : "se",
        arrow[0] * step,
        arrow[1] * step,
        projection,
      );
      setState({ ...state, current });
      live.send(window.id, toDesk(current, projection));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!samePlace(state.from, state.current)) {
        room.run(placeWindow(window.id, newPlace(window, state.from, state.current, projection)));
      }
      room.announce(state.mode === "move" ? desktopTexts.moved : desktopTexts.resized);
      live.sendEnded();
      setState(null);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      room.announce(desktopTexts.cancelled);
      live.sendEnded();
      setState(null);
    }
  };

  return { place: state?.current ?? null, mode: state?.mode ?? null, begin, onKeyDown };
}
