import { DropdownMenu } from "radix-ui";
import { Icon } from "../../icon/Icon";
import { shortened } from "../../room/schema/scalars";
import { composerTexts } from "../../texts";

export type FollowProps = {
  /** The next question follows the answer to this question; null for a new conversation. */
  readonly followed: string | null;
  /** Whether that answer is another one than the last answer shown. */
  readonly isElsewhere: boolean;
  readonly hasAnswers: boolean;
  /** Makes the next question follow the end of the shown conversation. */
  readonly onContinue: () => void;
  readonly onStartNew: () => void;
};

const QUOTE_UNITS = 60;

/** Says which answer the next question follows, and lets the person start a new conversation. */
export function FollowMenu({ followed, isElsewhere, hasAnswers, onContinue, onStartNew }: FollowProps) {
  if (!hasAnswers) return null;
  const label =
    followed === null
      ? composerTexts.newConversation
      : isElsewhere
        ? composerTexts.branchesOff
        : composerTexts.continues;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className="composer-tool composer-follow"
        data-elsewhere={isElsewhere || followed === null}
        aria-label={composerTexts.chooseQuestionFollows(label)}
      >
        <Icon name={followed === null ? "plus" : isElsewhere ? "branch" : "follow"} />
        <span>{label}</span>
        <Icon name="down" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" side="top" sideOffset={8} collisionPadding={8}>
          <DropdownMenu.Label className="menu-label">
            {followed === null
              ? composerTexts.modelSeesNoEarlierAnswer
              : composerTexts.modelSeesConversationUp(shortened(followed, QUOTE_UNITS))}
          </DropdownMenu.Label>
          <DropdownMenu.Item className="menu-item" onSelect={onContinue}>
            <Icon name="follow" />
            {composerTexts.continueTheShownConversation}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={onStartNew}>
            <Icon name="plus" />
            {composerTexts.startANewConversation}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
