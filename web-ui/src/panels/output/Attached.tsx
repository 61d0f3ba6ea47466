import { Icon } from "../../icon/Icon";
import type { Attachment } from "../../room/schema/read";
import { shortened } from "../../room/schema/scalars";
import { attachmentTexts } from "../../texts";
import { RoomImage } from "../images/RoomImage";

/** The length of an attached text below its question, in UTF-16 units. */
const SHOWN_UNITS = 80;

/** What went with a question, below it: images, and the beginnings of notes and quotes. */
export function Attached({ attach }: { readonly attach: readonly Attachment[] | undefined }) {
  if (attach === undefined || attach.length === 0) return null;
  return (
    <ul className="attached" aria-label={attachmentTexts.went}>
      {attach.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the attachments of a question never change
        <li key={at} data-kind={each.kind}>
          {each.kind === "image" ? (
            <RoomImage id={each.id} alt={each.text} />
          ) : (
            <>
              <Icon name={each.kind === "note" ? "note" : "quote"} />
              <span dir="auto">{shortened(labelOf(each), SHOWN_UNITS)}</span>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

const labelOf = (each: Exclude<Attachment, { readonly kind: "image" }>): string =>
  (each.kind === "note" && each.title !== "" ? each.title : each.text).replace(/\s+/g, " ");
