import { Icon, type IconName } from "../../icon/Icon";
import { useRoom } from "../../room";
import { shortened } from "../../room/schema/scalars";
import { attachmentTexts } from "../../texts";
import { type DraftAttachment, detach, useAttachments } from "./attachments";

const ICON: Readonly<Record<DraftAttachment["kind"], IconName>> = {
  note: "note",
  quote: "quote",
  image: "image",
};

/** The length of a quoted text in the composer, in UTF-16 units. */
const SHOWN_UNITS = 80;

/** What goes with the next question, above the question. */
export function Attachments() {
  const room = useRoom();
  const all = useAttachments();
  if (all.length === 0) return null;
  return (
    <ul className="composer-attachments" aria-label={attachmentTexts.list}>
      {all.map((each, at) => {
        const label = each.kind === "quote" ? each.text : each.title;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal attachments are not added twice, and the list is short
          <li key={at} data-kind={each.kind}>
            <Icon name={ICON[each.kind]} />
            <span dir="auto" title={label}>
              {shortened(label.replace(/\s+/g, " "), SHOWN_UNITS)}
            </span>
            <button
              type="button"
              className="p-icon"
              aria-label={attachmentTexts.remove(shortened(label, SHOWN_UNITS))}
              onClick={() => detach(room, each)}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
