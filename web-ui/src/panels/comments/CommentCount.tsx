import { Icon } from "../../icon/Icon";
import { useRoom } from "../../room";
import { selectionTexts } from "../../texts";
import { isOpen, showComments, useThreadsOf } from "./view";

type CountProps = {
  readonly target: string;
  readonly className: string;
  /** Whether the button is there without a comment too, so that a person can comment on the whole text. */
  readonly always?: boolean;
};

/** The number of open comments on a text. The button shows them. */
export function CommentCount({ target, className, always = false }: CountProps) {
  const room = useRoom();
  const open = useThreadsOf(target).filter(isOpen).length;
  const canBegin = always && room.canEdit;
  if (open === 0 && !canBegin) return null;
  return (
    <button
      type="button"
      className={className}
      data-comments={open}
      aria-label={open === 0 ? selectionTexts.comment : selectionTexts.comments(open)}
      title={open === 0 ? selectionTexts.comment : selectionTexts.comments(open)}
      onClick={() =>
        showComments(room, {
          target,
          draft: open === 0 ? { target, quoted: "", start: "", end: "" } : null,
        })
      }
    >
      <Icon name="comment" />
      <span>{open === 0 ? selectionTexts.comment : open}</span>
    </button>
  );
}
