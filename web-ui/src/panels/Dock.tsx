import { useCallback, useRef } from "react";
import { type CardType, playCard, useCards, useRoom } from "../room";
import { shortened } from "../room/schema/scalars";
import { Composer } from "./composer/Composer";
import { PreviewButton } from "./composer/PreviewButton";
import { trimmedQuery } from "./composer/state";
import {
  useGenerateBlockedReason,
  useRequestOutcome,
  useRequests,
  useRunning,
  useServerReachable,
} from "./composer/useRequests";
import { useRunAnnouncements } from "./composer/useRunAnnouncements";
import { HandDock } from "./hand/HandDock";
import { useHand } from "./hand/useHand";
import { useOwnAnswers } from "./output/answerSelection";
import { kindOf } from "./shared/cards";
import { useDraft } from "./shared/useDraft";
import { useTurns } from "./stack/useTurns";
import { DebugState, debugging } from "./state/DebugState";
import "./shared/panels.css";

/** The dock at the bottom of the room: the private hand and the composer. */
export function Dock() {
  useRunAnnouncements();
  useOwnAnswers();
  return (
    <div className="dock-content">
      <ConnectedHand />
      <ConnectedComposer />
    </div>
  );
}

function ConnectedHand() {
  const room = useRoom();
  const { cards, take } = useHand();
  const turns = useTurns();
  const play = (type: CardType, text: string) => {
    room.run(playCard({ ...room.authorship(), id: room.newId(), type, text, turn: turns?.number ?? null }));
    room.announce(`Played ${kindOf(type).label}: ${text}`);
  };
  return (
    <>
      {debugging() && <DebugState hand={cards} />}
      <HandDock
        cards={cards}
        locked={
          room.canEdit
            ? (turns?.waitReason ?? null)
            : "You are watching. Ask the host for a player link to play cards."
        }
        onPlay={(place) => {
          const card = take(place);
          if (card !== null) play(card.type, card.text);
        }}
        onPlayOwn={play}
      />
    </>
  );
}

/** The maximum length of a card's text in the preview's list of problems. */
const QUOTE_MAX = 60;

function ConnectedComposer() {
  const room = useRoom();
  const [query, setQuery] = useDraft("query");
  const field = useRef<HTMLTextAreaElement>(null);
  const reason = useGenerateBlockedReason(query);
  const running = useRunning();
  const online = useServerReachable();
  const { ask, stop } = useRequests();
  const cards = useCards();

  const generate = () => {
    if (reason !== null) {
      room.announce(reason);
      if (query.trim() === "") field.current?.focus();
      return;
    }
    ask(query);
  };
  const notice = useRequestOutcome(ask);
  const load = useCallback((text: string, signal: AbortSignal) => room.api.preview(text, signal), [room]);
  const cardText = (id: string) => {
    const text = cards.find((card) => card.id === id)?.text ?? null;
    return text === null ? null : shortened(text, QUOTE_MAX);
  };
  return (
    <Composer
      field={field}
      query={query}
      onQuery={(next) => {
        setQuery(next);
        room.presence.setTyping(next === "" ? null : "query");
      }}
      reason={reason}
      stoppable={running !== null && room.canEdit}
      stopping={running?.stopping ?? false}
      notice={notice}
      onGenerate={generate}
      onStop={() => {
        if (online) stop();
        else room.notify("Offline: stopping needs the server. The answer goes on there.");
      }}
      preview={<PreviewButton query={trimmedQuery(query)} version={cards} cardText={cardText} load={load} />}
    />
  );
}
