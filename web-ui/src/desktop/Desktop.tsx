import "./desktop.css";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { DockSlot } from "../panels";
import { useOnOwnApp } from "../panels/app/appToShow";
import { useOnOwnRequest } from "../panels/output/answerSelection";
import { CursorLayer } from "../people/CursorLayer";
import { showOutput, useRoom, useWindows } from "../room";
import { DesktopContext } from "./DesktopContext";
import { returnFocus } from "./focus";
import { LivePlaces } from "./livePlaces";
import { byAge } from "./panels";
import { type Projection, projectionFor } from "./projection";
import { Tray } from "./Tray";
import { WindowFrame } from "./WindowFrame";

/**
 * The desktop: all open windows at their shared places, the tray of minimised windows, the dock and other people's
 * cursors.
 */
export function Desktop() {
  const room = useRoom();
  const desk = useRef<HTMLElement>(null);
  const [projection, setProjection] = useState<Projection | null>(null);
  const live = useLivePlaces();
  const windows = useWindows();
  useOnOwnRequest(() => {
    if (room.canEdit) room.change(showOutput({ ...room.authorship(), id: room.newId() }));
  });
  useOnOwnApp((id) => returnFocus(`[data-window="${id}"]`));

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
            />
          ))}
          <Tray windows={windows} />
          {/* The hand and the composer are docked to Output. Without an open Output they stand at the bottom. */}
          {!open.some((window) => window.type === "output") && (
            <section
              className="dock"
              aria-label="Hand and question"
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
