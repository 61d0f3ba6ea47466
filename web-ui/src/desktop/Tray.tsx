import { Icon } from "../icon/Icon";
import { type RoomWindow, useRoom } from "../room";
import { desktopTexts } from "../texts";
import { returnFocus } from "./focus";
import { byAge, titleOf, WINDOW_ICON } from "./panels";
import { canChangeState, openWindow } from "./windowState";

/** The minimised windows as buttons at the bottom left. */
export function Tray({ windows }: { readonly windows: readonly RoomWindow[] }) {
  const room = useRoom();
  const minimised = windows.filter((window) => window.state === "minimized").sort(byAge);
  if (minimised.length === 0) return null;
  return (
    <nav className="tray" aria-label={desktopTexts.minimisedWindows} data-region tabIndex={-1}>
      {minimised.map((window) => (
        <button
          key={window.id}
          type="button"
          className="btn tray-chip"
          data-chip={window.id}
          aria-label={desktopTexts.openWindow(titleOf(window))}
          title={titleOf(window)}
          disabled={!canChangeState(room, window)}
          onClick={() => {
            openWindow(room, window);
            returnFocus(`[data-window="${window.id}"]`);
          }}
        >
          <Icon name={WINDOW_ICON[window.type]} />
          <span>{titleOf(window)}</span>
        </button>
      ))}
    </nav>
  );
}
