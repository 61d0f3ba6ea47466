import { Icon } from "../icon/Icon";
import { useRoom, useSource } from "../room";
import { shellTexts } from "../texts";

const selectAll = <T,>(value: T): T => value;

/**
 * The room's latest notice at the bottom of the page. An older one shows again when the latest is gone, if its time is
 * not over. `RoomSession` announces the texts, so that there is no live region here.
 */
export function Notices() {
  const room = useRoom();
  const notices = useSource(room.notices, selectAll);
  if (notices.length === 0) return null;
  return (
    <section className="notices" aria-label={shellTexts.notices}>
      {notices.slice(-1).map(({ id, text, action }) => (
        <div key={id} className="notice">
          <span>{text}</span>
          {action !== undefined && (
            <button
              type="button"
              className="notice-do"
              onClick={() => {
                action.run();
                room.dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button
            type="button"
            className="icon-btn"
            aria-label={shellTexts.dismiss}
            onClick={() => room.dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  );
}
