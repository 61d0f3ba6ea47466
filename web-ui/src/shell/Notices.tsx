import { Icon } from "../icon/Icon";
import { useRoom, useSource } from "../room";

const selectAll = <T,>(value: T): T => value;

/** Short messages at the bottom. Their text also goes to the status region, so these elements are silent. */
export function Notices() {
  const room = useRoom();
  const notices = useSource(room.notices, selectAll);
  if (notices.length === 0) return null;
  return (
    <div className="notices">
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
          <button type="button" className="icon-btn" aria-label="Dismiss" onClick={() => room.dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
