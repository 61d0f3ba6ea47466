import { Icon } from "../../icon/Icon";
import { react, useReactionsTo, useRoom } from "../../room";
import { voteTexts } from "../../texts";
import { useVoterName } from "./names";

type VoteProps = { readonly target: string; readonly className: string };

/** The votes for a card or an answer, with the names of the voters. Each person has one vote on it. */
export function VoteButton({ target, className }: VoteProps) {
  const room = useRoom();
  const nameOf = useVoterName();
  const votes = useReactionsTo(target).filter(({ sign }) => sign === "up");
  const mine = votes.some(({ by }) => by === room.me.identity);
  if (votes.length === 0 && !room.canEdit) return null;
  const names = votes.map(({ by }) => nameOf(by));
  return (
    <button
      type="button"
      className={className}
      data-votes={votes.length}
      aria-pressed={mine}
      aria-label={voteTexts.vote(names)}
      title={voteTexts.vote(names)}
      disabled={!room.canEdit}
      onClick={() => room.change(react(target, "up", !mine, room.authorship()))}
    >
      <Icon name="vote" />
      <span>{votes.length === 0 ? voteTexts.voteShort : votes.length}</span>
    </button>
  );
}
