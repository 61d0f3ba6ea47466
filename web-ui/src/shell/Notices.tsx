import { useRoom, useSource } from "../room";
import { Icon } from "./Icon";

const all = <T,>(value: T): T => value;

/** Short messages at the bottom; their words also go to the status region, so these are silent themselves. */
export function Notices() {
  const room = useRoom();
  const notices = useSource(room.notices, all);
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
