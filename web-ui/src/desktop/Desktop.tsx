import "./desktop.css";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { DockSlot } from "../panels";
import { useOnOwnApp } from "../panels/app/appToShow";
import { useOnOwnRequest } from "../panels/output/answerSelection";
import { useOnJump, windowOfTarget } from "../panels/shared/jump";
import { CursorLayer } from "../people/CursorLayer";
import { ensureOutput, type RoomSession, useRoom, useShownWindows, useSource } from "../room";
import { desktopTexts } from "../texts";
import { DesktopContext } from "./DesktopContext";
import { isInField, returnFocus } from "./focus";
import { LivePlaces } from "./livePlaces";
import { Minimap } from "./Minimap";
import { byAge } from "./panels";
import { type Projection, projectionFor } from "./projection";
import { Tray } from "./Tray";
import { useClosingNotices } from "./useClosingNotices";
import { WindowFrame } from "./WindowFrame";
import { openWindow } from "./windowState";

/**
 * The desktop: all open windows at their shared places, the tray of minimised windows, the dock and other people's
 * cursors.
 */
export function Desktop() {
  const room = useRoom();
  const desk = useRef<HTMLElement>(null);
  const [projection, setProjection] = useState<Projection | null>(null);
  const live = useLivePlaces();
  const windows = useShownWindows();
  const maximised = useSource(room.windows.maximised, selectAll);
  useClosingNotices();
  useOnOwnRequest(() => showOutput(room));
  useOnJump((target) => {
    const shown = windowOfTarget(target, room.windows.shown.get());
    if (shown?.type === "output" || target.startsWith("result:")) return showOutput(room);
    if (shown === undefined) return;
    openWindow(room, shown);
    const full = room.windows.maximised.get();
    if (full !== null && full !== shown.id) room.windows.maximise(null);
  });
  useOnOwnApp((id) => {
    room.windows.raise(id);
    // The window appears some time after the press. A person who has begun to write keeps the focus.
    if (!isInField()) returnFocus(`[data-window="${id}"]`);
  });

  useLayoutEffect(() => {
    const element = desk.current;
    if (element === null) return;
    const measure = (): void =>
      setProjection(projectionFor({ width: element.clientWidth, height: element.clientHeight }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const value = useMemo(
    () => (projection === null || live === null ? null : { projection, live }),
    [projection, live],
  );
  const open = windows.filter((window) => window.state === "open");
  const depth = new Map(open.map((window, i) => [window.id, i]));
  const front = open.at(-1)?.id;
  const inReadingOrder = [...open].sort(byAge);
  return (
    <main className="desk" ref={desk}>
      {value !== null && (
        <DesktopContext value={value}>
          {inReadingOrder.map((window) => (
            <WindowFrame
              key={window.id}
              window={window}
              depth={depth.get(window.id) ?? 0}
              front={window.id === front}
              maximised={window.id === maximised}
            />
          ))}
          <Tray windows={windows} />
          <Minimap windows={windows} />
          {/* The hand and the composer are docked to Output. Without an open Output they stand at the bottom. */}
          {!open.some((window) => window.type === "output") && (
            <section
              className="dock"
              aria-label={desktopTexts.handAndQuestion}
              data-region
              tabIndex={-1}
              onFocusCapture={() => room.presence.setPlace("hand")}
            >
              <DockSlot />
            </section>
          )}
          <CursorLayer desk={desk} />
        </DesktopContext>
      )}
    </main>
  );
}

const selectAll = <T,>(value: T): T => value;

/** Brings Output into view for this person. If the room has no Output window, it gets one. */
function showOutput(room: RoomSession): void {
  if (room.canEdit) room.change(ensureOutput({ ...room.authorship(), id: room.newId() }));
  const outputs = room.windows.shown.get().filter((window) => window.type === "output");
  const shown = outputs.findLast((window) => window.state === "open") ?? outputs.at(-1);
  if (shown === undefined) return;
  openWindow(room, shown);
  const maximised = room.windows.maximised.get();
  if (maximised !== null && maximised !== shown.id) room.windows.maximise(null);
}

function useLivePlaces(): LivePlaces | null {
  const room = useRoom();
  const [live, setLive] = useState<LivePlaces | null>(null);
  useEffect(() => {
    const made = new LivePlaces(room);
    setLive(made);
    return () => made.dispose();
  }, [room]);
  return live;
}
