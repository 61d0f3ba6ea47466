import { Popover } from "radix-ui";
import { useState } from "react";
import { Icon } from "../../icon/Icon";
import { react, SIGNS, type Sign, useReactionsTo, useRoom } from "../../room";
import { voteTexts } from "../../texts";
import { useVoterName } from "./names";
import "./votes.css";

/** The reactions to a chat message, each with its count and the names of the people. */
export function Reactions({ target }: { readonly target: string }) {
  const reactions = useReactionsTo(target);
  return reactions.length === 0 ? null : <Given target={target} />;
}

function Given({ target }: { readonly target: string }) {
  const room = useRoom();
  const nameOf = useVoterName();
  const reactions = useReactionsTo(target);
  const given = SIGNS.map((sign) => ({ sign, all: reactions.filter((each) => each.sign === sign) }));
  return (
    <p className="reactions">
      {given
        .filter(({ all }) => all.length > 0)
        .map(({ sign, all }) => {
          const mine = all.some(({ by }) => by === room.me.identity);
          const names = all.map(({ by }) => nameOf(by));
          const label = voteTexts.reaction(voteTexts.names[sign], names);
          return (
            <button
              key={sign}
              type="button"
              className="reaction"
              aria-pressed={mine}
              aria-label={label}
              title={label}
              disabled={!room.canEdit}
              onClick={() => room.change(react(target, sign, !mine, room.authorship()))}
            >
              <span aria-hidden="true">{voteTexts.signs[sign]}</span>
              {all.length}
            </button>
          );
        })}
    </p>
  );
}

/** The button that offers the signs for a message. */
export function ReactButton({ target, name }: { readonly target: string; readonly name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        className="p-icon chat-action"
        aria-label={voteTexts.reactTo(name)}
        title={voteTexts.react}
      >
        <Icon name="smile" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="reaction-menu" aria-label={voteTexts.react} collisionPadding={8}>
          <Signs target={target} onChosen={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Signs({ target, onChosen }: { readonly target: string; readonly onChosen: () => void }) {
  const room = useRoom();
  const reactions = useReactionsTo(target);
  const isMine = (sign: Sign) => reactions.some((each) => each.sign === sign && each.by === room.me.identity);
  return SIGNS.map((sign) => (
    <button
      key={sign}
      type="button"
      aria-label={voteTexts.names[sign]}
      title={voteTexts.names[sign]}
      aria-pressed={isMine(sign)}
      onClick={() => {
        room.change(react(target, sign, !isMine(sign), room.authorship()));
        onChosen();
      }}
    >
      {voteTexts.signs[sign]}
    </button>
  ));
}
