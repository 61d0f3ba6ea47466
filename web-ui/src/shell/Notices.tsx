import { Icon } from "../icon/Icon";
import { useRoom, useSource } from "../room";
import { shellTexts } from "../texts";

const selectAll = <T,>(value: T): T => value;

/** The room's notices at the bottom of the page. `RoomSession` announces their text, so they have no live region. */
export function Notices() {
  const room = useRoom();
  const notices = useSource(room.notices, selectAll);
  if (notices.length === 0) return null;
  return (
    <section className="notices" aria-label={shellTexts.notices}>
      {notices.map(({ id, text, action }) => (
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
