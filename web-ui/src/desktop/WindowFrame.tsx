import { type MouseEvent, memo, useCallback, useEffect, useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { isCore, type RoomWindow, useRoom, useSource } from "../room";
import { desktopTexts } from "../texts";
import { ConflictChip } from "./ConflictChip";
import { useDesktop } from "./DesktopContext";
import { returnFocus } from "./focus";
import { PANELS, regionName, titleOf, WINDOW_ICON } from "./panels";
import { type Edge, maximisedPlace, toView } from "./projection";
import { useWindowDrag } from "./useWindowDrag";
import { useWindowKeys } from "./useWindowKeys";
import { WindowMenu } from "./WindowMenu";
import { useTitleEdit, WindowTitle } from "./WindowTitle";
import { canChangeState, changeState } from "./windowState";

const EDGES: readonly Edge[] = ["n", "s", "e", "w", "ne", "nw", "se", "sw"];

interface Props {
  readonly window: RoomWindow;
  readonly depth: number;
  readonly front: boolean;
  /** Whether the window fills the desk for this person. */
  readonly maximised: boolean;
}

/** A window's frame: its place on this screen, title bar, edges and menu. Moving it does not render its content. */
export const WindowFrame = memo(function WindowFrame({ window, depth, front, maximised }: Props) {
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
  const place = maximised ? maximisedPlace(projection) : (drag.place ?? keys.place ?? shared);
  const isHeld = drag.place !== null || keys.place !== null;
  const moves = useMovesAtOnce(remote !== null || isHeld);

  // When the document has a new place of the window, the place from another person's drag is outdated.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new place of the document counts
  useEffect(() => live.forget(window.id), [live, window.x, window.y, window.width, window.height]);

  const raise = (): void => room.windows.raise(window.id);
  const setState = (state: "minimized" | "closed"): void => {
    changeState(room, window, state);
    returnFocus(state === "minimized" ? `[data-chip="${window.id}"]` : "[data-windows-menu]");
  };
  const toggleMaximised = (): void => {
    room.windows.maximise(maximised ? null : window.id);
    room.announce(`${titleOf(window)} ${maximised ? "restored" : "maximised"}`);
  };
  const onBarDoubleClick = ({ clientX, clientY }: MouseEvent): void => {
    // The bar captures the pointer for a drag, so the event's target is always the bar.
    const target = document.elementFromPoint(clientX, clientY);
    if (target === null || target.closest("button, input, a") !== null) return;
    if (target.closest(".window-title") !== null) edit.begin();
    else toggleMaximised();
  };
  const stateFixed = !canChangeState(room, window);

  const Panel = PANELS[window.type];
  return (
    <section
      ref={frame}
      className={classes("window", {
        front,
        held: isHeld,
        remote: remote !== null,
        moving: moves,
        maximised,
      })}
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
      <div className="window-sheet">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is for pointers; the menu does the same for keys */}
        <header
          className="window-bar"
          onPointerDown={maximised ? undefined : drag.start("move")}
          onDoubleClick={onBarDoubleClick}
        >
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
              maximised={maximised}
              onFront={raise}
              onMaximise={toggleMaximised}
              onStateChange={setState}
            />
            <button
              type="button"
              className="icon-btn"
              aria-label={desktopTexts.minimiseWindow(titleOf(window))}
              disabled={stateFixed}
              onClick={() => setState("minimized")}
            >
              <Icon name="minimise" />
            </button>
            <button
              type="button"
              className="icon-btn window-maximise"
              aria-label={`${maximised ? desktopTexts.restore : desktopTexts.maximise} ${titleOf(window)}`}
              onClick={toggleMaximised}
            >
              <Icon name={maximised ? "restore" : "maximise"} />
            </button>
            <button
              type="button"
              className="icon-btn"
              aria-label={desktopTexts.closeWindow(titleOf(window))}
              disabled={stateFixed}
              title={isCore(window) ? desktopTexts.closeForYou : desktopTexts.closeForEveryone}
              onClick={() => setState("closed")}
            >
              <Icon name="close" />
            </button>
          </span>
        </header>
        <div className="window-body">
          <Body Panel={Panel} window={window} />
        </div>
      </div>
      {keys.mode !== null && (
        <p className="window-keys">
          {keys.mode === "move" ? desktopTexts.arrowKeysMove : desktopTexts.arrowKeysResize}{" "}
          {desktopTexts.keepOrCancel}
        </p>
      )}
      {room.canEdit &&
        !maximised &&
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

/** The time for which a window that another person has dragged still moves without a transition. */
const AT_ONCE_MS = 400;

/**
 * Whether the window moves to its place at once: while a person drags it, and shortly after, when its place arrives with
 * the document. Other changes of its place, such as a layout, are shown as a movement.
 */
function useMovesAtOnce(dragged: boolean): boolean {
  const [recently, setRecently] = useState(false);
  useEffect(() => {
    if (dragged) {
      setRecently(true);
      return;
    }
    const timer = setTimeout(() => setRecently(false), AT_ONCE_MS);
    return () => clearTimeout(timer);
  }, [dragged]);
  return dragged || recently;
}

const classes = (name: string, states: Readonly<Record<string, boolean>>): string =>
  [
    name,
    ...Object.keys(states)
      .filter((state) => states[state] === true)
      .map((state) => `is-${state}`),
  ].join(" ");

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
