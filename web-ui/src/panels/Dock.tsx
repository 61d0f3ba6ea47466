import { useCallback, useRef, useState } from "react";
import { useCommands } from "../command/useCommands";
import { Icon } from "../icon/Icon";
import { useMedia } from "../page/useMedia";
import { type CardType, memory, playCard, useRoom } from "../room";
import { shortened } from "../room/schema/scalars";
import { paletteTexts, panelTexts } from "../texts";
import { ConnectedQueue } from "./ConnectedQueue";
import { AttachMenu, addImages } from "./composer/AttachMenu";
import { attachmentsIn, useAttachments } from "./composer/attachments";
import { Composer } from "./composer/Composer";
import { FollowMenu } from "./composer/FollowMenu";
import { PreviewButton } from "./composer/PreviewButton";
import { questionIn, useOnComposer, useQuestion } from "./composer/question";
import { EMPTY_QUERY, trimmedQuery } from "./composer/state";
import { useModel } from "./composer/useModel";
import { usePreviewSource } from "./composer/usePreviewSource";
import { useGenerateBlockedReason, useRequestOutcome, useRequests } from "./composer/useRequests";
import { useRunAnnouncements } from "./composer/useRunAnnouncements";
import { HandDock } from "./hand/HandDock";
import { useHand } from "./hand/useHand";
import { followedIn, useAnswerToFollow, useOwnAnswers, useThread } from "./output/answerSelection";
import { kindOf } from "./shared/cards";
import { useTurns } from "./stack/useTurns";
import { DebugState, debugging } from "./state/DebugState";
import "./shared/panels.css";

/** The dock at the lower edge of Output: the private hand and the composer. */
export function Dock() {
  const hand = useHand();
  const [handOpen, setHandOpen] = useHandOpen();
  const field = useRef<HTMLTextAreaElement>(null);
  const fold = useCallback(
    (open: boolean) => {
      setHandOpen(open);
      if (!open) field.current?.focus();
    },
    [setHandOpen],
  );
  return (
    <div className="dock-content">
      <Followed />
      {debugging() && <DebugState hand={hand.cards} />}
      <ConnectedQueue />
      {handOpen && <ConnectedHand hand={hand} onFold={() => fold(false)} />}
      <ConnectedComposer field={field} cards={hand.cards.length} handOpen={handOpen} onHand={fold} />
    </div>
  );
}

/**
 * Announces answers, and shows the answers to own questions. It is a separate component, so that a change of presence
 * does not render the dock.
 */
function Followed() {
  useRunAnnouncements();
  useOwnAnswers();
  return null;
}

const HAND_OPEN = "hand-open";
/** On a smaller screen, the hand is folded until the person opens it, each time the page is opened. */
const SPACE_FOR_HAND = "(min-width: 700px) and (min-height: 640px)";

/** Whether the hand is open. The person's choice on a screen with space for it is kept in this browser. */
function useHandOpen(): readonly [boolean, (open: boolean) => void] {
  const hasSpace = useMedia(SPACE_FOR_HAND);
  const [kept, setKept] = useState(() => memory.value<boolean>(HAND_OPEN) ?? true);
  const [small, setSmall] = useState(false);
  const set = useCallback(
    (next: boolean) => {
      if (!hasSpace) return setSmall(next);
      setKept(next);
      memory.setValue(HAND_OPEN, next);
    },
    [hasSpace],
  );
  return [hasSpace ? kept : small, set];
}

type HandProps = { readonly hand: ReturnType<typeof useHand>; readonly onFold: () => void };

function ConnectedHand({ hand, onFold }: HandProps) {
  const room = useRoom();
  const { cards, take, drawAll } = hand;
  const turns = useTurns();
  const play = (type: CardType, text: string, index?: number) => {
    const turn = turns?.number ?? null;
    room.run(playCard({ ...room.authorship(), id: room.newId(), type, text, turn, index }));
    room.announce(panelTexts.played(kindOf(type).label, text));
  };
  return (
    <HandDock
      cards={cards}
      locked={room.canEdit ? (turns?.waitReason ?? null) : panelTexts.spectatorPlaysNoCards}
      isReasonShown={!room.canEdit} // the composer below says the same
      onPlay={(place, index) => {
        const card = take(place);
        if (card !== null) play(card.type, card.text, index);
      }}
      onPlayOwn={play}
      onDiscard={(place) => {
        const card = take(place);
        if (card !== null) room.announce(panelTexts.discarded(kindOf(card.type).label, card.text));
      }}
      onRedraw={() => {
        drawAll();
        room.announce(panelTexts.fiveNewCards);
      }}
      onFold={onFold}
    />
  );
}

/** The maximum length of a question that is quoted. */
const QUOTE_MAX = 60;

type ComposerProps = {
  readonly field: React.RefObject<HTMLTextAreaElement | null>;
  readonly cards: number;
  readonly handOpen: boolean;
  readonly onHand: (open: boolean) => void;
};

function ConnectedComposer({ field, cards: handSize, handOpen, onHand }: ComposerProps) {
  const room = useRoom();
  const query = useQuestion();
  const [isMissing, setMissing] = useState(false);
  const reason = useGenerateBlockedReason(query);
  const { ask } = useRequests();
  const { tree, path } = useThread();
  const after = useAnswerToFollow();
  const preview = usePreviewSource();
  const model = useModel();
  const attachments = useAttachments();
  const followed = after === "" ? null : (tree.get(after)?.query ?? null);
  const isElsewhere = followed !== null && path.at(-1)?.answer.request !== after;

  const setQuery = (next: string) => {
    questionIn(room).set(next);
    setMissing(false);
    room.presence.setTyping(next === "" ? null : "query");
  };
  const generate = () => {
    if (reason !== null) {
      room.announce(reason);
      setMissing(reason === EMPTY_QUERY);
      if (reason === EMPTY_QUERY) field.current?.focus();
      return;
    }
    ask(query, after, true, attachments);
    setQuery("");
    attachmentsIn(room).set([]);
    followedIn(room).set(null);
  };
  useCommands(() => [
    { id: "generate", name: paletteTexts.generate, icon: "spark", blocked: () => reason, run: generate },
  ]);
  const notice = useRequestOutcome(ask);
  useOnComposer(() => field.current?.focus());
  const follow = (request: string | null) => {
    followedIn(room).set(request);
    field.current?.focus();
  };
  return (
    <Composer
      field={field}
      query={query}
      onQuery={setQuery}
      reason={reason}
      isMissing={isMissing}
      notice={notice}
      onGenerate={generate}
      model={model}
      branchesFrom={isElsewhere ? shortened(followed, QUOTE_MAX) : null}
      onContinue={() => follow(null)}
      onImages={room.canEdit ? (files) => addImages(room, files) : null}
      tools={
        <>
          <button
            type="button"
            className="composer-tool"
            aria-expanded={handOpen}
            aria-label={panelTexts.cardsInYourHand(handSize)}
            onClick={() => onHand(!handOpen)}
          >
            <Icon name="cards" />
            <span>
              {handSize} {panelTexts.cards}
            </span>
          </button>
          <FollowMenu
            followed={followed}
            isElsewhere={isElsewhere}
            hasAnswers={path.length > 0}
            onContinue={() => follow(null)}
            onStartNew={() => follow("")}
          />
          <AttachMenu />
          <PreviewButton query={trimmedQuery(query)} after={after} {...preview} />
        </>
      }
    />
  );
}
