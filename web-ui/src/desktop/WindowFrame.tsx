import { memo, useCallback, useEffect, useRef } from "react";
import { Icon } from "../icon/Icon";
import { type RoomWindow, raiseWindow, setWindowState, useRoom, useSource } from "../room";
import { ConflictChip } from "./ConflictChip";
import { useDesktop } from "./DesktopContext";
import { returnFocus } from "./focus";
import { PANELS, regionName, titleOf, WINDOW_ICON } from "./panels";
import { type Edge, toView } from "./projection";
import { useWindowDrag } from "./useWindowDrag";
import { useWindowKeys } from "./useWindowKeys";
import { WindowMenu } from "./WindowMenu";
import { useTitleEdit, WindowTitle } from "./WindowTitle";

const EDGES: readonly Edge[] = ["n", "s", "e", "w", "ne", "nw", "se", "sw"];

interface Props {
  readonly window: RoomWindow;
  readonly depth: number;
  readonly front: boolean;
}

/** A window's frame: its place on this screen, title bar, edges and menu. Moving it does not render its content. */
export const WindowFrame = memo(function WindowFrame({ window, depth, front }: Props) {
  const room = useRoom();
  const { projection, live } = useDesktop();
  const frame = useRef<HTMLElement>(null);
  const remote = useSource(
    live.places,
    useCallback((places) => places.get(window.id) ?? null, [window.id]),
  );
  const shared = toView(remote ?? window, projection);
  const drag = useWindowDrag(window, shared);
  const keys = useWindowKeys(window, shared);
  const edit = useTitleEdit(window);
  const place = drag.place ?? keys.place ?? shared;
  const isHeld = drag.place !== null || keys.place !== null;

  // When the document has a new place of the window, the place from another person's drag is outdated.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new place of the document counts
  useEffect(() => live.forget(window.id), [live, window.x, window.y, window.width, window.height]);

  const raise = (): void => {
    if (!front && room.canEdit) room.change(raiseWindow(window.id));
  };
  const setState = (state: "minimized" | "closed"): void => {
    room.run(setWindowState(window.id, state));
    room.announce(`${titleOf(window)} ${state === "closed" ? "closed" : "minimised"}`);
    returnFocus(state === "minimized" ? `[data-chip="${window.id}"]` : "[data-windows-menu]");
  };

  const Panel = PANELS[window.type];
  return (
    <section
      ref={frame}
      className={`window${front ? " is-front" : ""}${isHeld ? " is-held" : ""}${remote === null ? "" : " is-remote"}`}
      aria-label={regionName(window)}
      data-region
      data-window={window.id}
      data-kind={window.type}
      tabIndex={-1}
      style={{
        transform: `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`,
        width: Math.round(place.width),
        height: Math.round(place.height),
        zIndex: depth + 1,
      }}
      onPointerDownCapture={raise}
      onFocusCapture={() => room.presence.setPlace(window.id)}
      onKeyDown={keys.onKeyDown}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is for pointers; the menu does the same for keys */}
      <header className="window-bar" onPointerDown={drag.start("move")} onDoubleClick={edit.begin}>
        <Icon name={WINDOW_ICON[window.type]} />
        <WindowTitle window={window} edit={edit} />
        <ConflictChip window={window} />
        <span className="window-buttons">
          <WindowMenu
            window={window}
            front={front}
            onRename={edit.begin}
            onKeys={(mode) => {
              frame.current?.focus();
              keys.begin(mode);
            }}
            onFront={raise}
            onStateChange={setState}
          />
          <button
            type="button"
            className="icon-btn"
            aria-label={`Minimise ${titleOf(window)}`}
            disabled={!room.canEdit}
            onClick={() => setState("minimized")}
          >
            <Icon name="minimise" />
          </button>
          <button
            type="button"
            className="icon-btn"
            aria-label={`Close ${titleOf(window)}`}
            disabled={!room.canEdit}
            onClick={() => setState("closed")}
          >
            <Icon name="close" />
          </button>
        </span>
      </header>
      <div className="window-body">
        <Body Panel={Panel} window={window} />
      </div>
      {keys.mode !== null && (
        <p className="window-keys">
          {keys.mode === "move" ? "Arrow keys move" : "Arrow keys resize"} · Enter to keep, Esc to cancel
        </p>
      )}
      {room.canEdit &&
        EDGES.map((edge) => (
          <span
            key={edge}
            className={`edge edge-${edge}`}
            aria-hidden="true"
            onPointerDown={drag.start(edge)}
          />
        ))}
    </section>
  );
});

/** Renders again only when something other than the window's place changes. */
const Body = memo(
  function Body({ Panel, window }: { Panel: (typeof PANELS)["note"]; window: RoomWindow }) {
    return <Panel window={window} />;
  },
  (before, after) =>
    before.window.id === after.window.id &&
    before.window.type === after.window.type &&
    before.window.title === after.window.title &&
    before.window.ref === after.window.ref &&
    before.window.props === after.window.props,
);
