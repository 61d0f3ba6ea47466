import "./minimap.css";
import { colorVar, type Person, type RoomWindow, usePeople, useRoom, useSource } from "../room";
import { layoutTexts } from "../texts";
import { minimapShown } from "./minimapState";
import { byAge, titleOf } from "./panels";
import { DESK } from "./projection";
import { showWindow } from "./windowCommands";

const selectAll = (shown: boolean): boolean => shown;
const percent = (part: number, whole: number): string =>
  `${Math.max(0, Math.min(100, (part / whole) * 100)).toFixed(2)}%`;

/**
 * A small map of the desk: every open window, and a dot for each person who is in it. The hand belongs to Output. A click brings the window to the
 * front. Each person switches the map on in their own browser.
 */
export function Minimap({ windows }: { readonly windows: readonly RoomWindow[] }) {
  const shown = useSource(minimapShown, selectAll);
  return shown ? <DeskMap windows={windows} /> : null;
}

function DeskMap({ windows }: { readonly windows: readonly RoomWindow[] }) {
  const room = useRoom();
  const people = usePeople();
  const open = windows.filter((window) => window.state === "open");
  const depth = (window: RoomWindow): number => open.indexOf(window);
  const inside = (window: RoomWindow): readonly Person[] =>
    people.filter(
      ({ status, where }) =>
        status !== "offline" && (where === window.id || (where === "hand" && window.type === "output")),
    );
  return (
    <nav className="minimap" aria-label={layoutTexts.minimap} data-region tabIndex={-1}>
      {[...open].sort(byAge).map((window) => {
        const here = inside(window);
        const names = here.map((person) => (person.isMe ? layoutTexts.you : person.name));
        return (
          <button
            key={window.id}
            type="button"
            className="minimap-window"
            data-map={window.id}
            data-front={depth(window) === open.length - 1}
            aria-label={layoutTexts.mapped(titleOf(window), names)}
            title={layoutTexts.mapped(titleOf(window), names)}
            style={{
              left: percent(window.x, DESK.width),
              top: percent(window.y, DESK.height),
              width: percent(Math.min(window.width, DESK.width - window.x), DESK.width),
              height: percent(Math.min(window.height, DESK.height - window.y), DESK.height),
              zIndex: depth(window),
            }}
            onClick={() => showWindow(room, window)}
          >
            <span className="minimap-people" aria-hidden="true">
              {here.slice(0, 6).map((person) => (
                <i key={person.id} data-person={person.name} style={{ background: colorVar(person.color) }} />
              ))}
            </span>
          </button>
        );
      })}
    </nav>
  );
}
