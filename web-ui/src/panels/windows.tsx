import { type ComponentType, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { OptionalPart } from "../parts/OptionalPart";
import { PublishButton } from "../publish/room/openPublish";
import {
  type Card,
  editMessage,
  muteCard,
  type Person,
  playCard,
  type RoomDoc,
  type RoomWindow,
  removeCard,
  restoreCard,
  sendMessage,
  type UndoStep,
  useCards,
  useChat,
  useGeneration,
  useNamedPeople,
  useParticipants,
  usePeople,
  useResults,
  useRoom,
  useSettings,
  useSource,
  useTyping,
  useWindows,
  type WindowType,
} from "../room";
import { setField, undoStep } from "../room/commands/command";
import { type ChatEntry, type Result, readCards } from "../room/schema/read";
import { chatTexts, compareTexts, imageTexts, panelTexts } from "../texts";
import { appParts, LaterOpenAsApp } from "./appParts";
import { keptStates, questionToModel, type RequestStates, requestStates } from "./chat/askModel";
import { ChatPanel } from "./chat/ChatPanel";
import type { MessageExtras } from "./chat/Message";
import type { Mentions } from "./chat/MessageList";
import { revealIn } from "./chat/reveal";
import { useLastSeen } from "./chat/useLastSeen";
import { compareAnswer } from "./compare/view";
import { tryAttach } from "./composer/AttachMenu";
import { PromptPreview } from "./composer/PreviewButton";
import { questionIn, useQuestion } from "./composer/question";
import { trimmedQuery } from "./composer/state";
import { useModel } from "./composer/useModel";
import { usePreviewSource } from "./composer/usePreviewSource";
import {
  useGenerateBlockedReason,
  useRequests,
  useRunning,
  useServerReachable,
} from "./composer/useRequests";
import { DockSlot } from "./DockHost";
import { PendingImages, useUploads } from "./images/PendingImages";
import { RoomImage } from "./images/RoomImage";
import { type Uploads, uploadsAt } from "./images/uploads";
import { LoadedPart } from "./LoadedPart";
import { CollabText } from "./notes/CollabText";
import { NotePanel } from "./notes/NotePanel";
import {
  type Chosen,
  chosenIn,
  followedIn,
  useAnswerToFollow,
  useChosen,
  useThread,
} from "./output/answerSelection";
import { type Author, type Authors, authorIn, keepAuthors } from "./output/authors";
import type { CodeOfBlock } from "./output/blockAction";
import { OutputPanel } from "./output/OutputPanel";
import { Starters } from "./output/Starters";
import { unitsOfPath } from "./output/thread";
import { PatternPanel } from "./pattern/PatternPanel";
import { PeoplePanel } from "./people/PeoplePanel";
import { CARD_TEXT_MAX, grouped } from "./shared/cards";
import { usePersonOf } from "./shared/people";
import { foldOf } from "./stack/fold";
import { planMove } from "./stack/order";
import { StackPanel } from "./stack/StackPanel";
import { useTurns } from "./stack/useTurns";
import { ReactButton, Reactions } from "./votes/Reactions";
import "./shared/panels.css";

export type PanelProps = { readonly window: RoomWindow };

const WATCHING = panelTexts.youreSpectatorAskHostLet;

function StackWindow() {
  const room = useRoom();
  const cards = useCards();
  const person = usePersonOf();
  const turns = useTurns();
  const settings = useSettings();
  const { stackRule, systemPrompt } = settings;
  const fold = useMemo(() => foldOf(cards, { stackRule, systemPrompt }), [cards, stackRule, systemPrompt]);
  const { tree } = useThread();
  const after = useAnswerToFollow();
  const answerUnits = useMemo(() => unitsOfPath(tree, after), [tree, after]);
  const uploads = useImageCards(turns?.number ?? null);
  return (
    <div className="p-body p-fill p-flush">
      <StackPanel
        fold={fold}
        answerUnits={answerUnits}
        prompt={() => <StackPrompt />}
        image={(id, alt) => <RoomImage id={id} alt={alt} />}
        onImages={room.canEdit && !turns?.waitReason ? (files) => uploads.add(files) : null}
        pendingImages={<PendingImages uploads={uploads} />}
        cards={cards}
        person={person}
        locked={room.canEdit ? null : panelTexts.stackForPlayers}
        turns={turns}
        outOfTurn={turns?.outOfTurn ?? noCards}
        onMute={(id, muted) => room.run(muteCard(id, muted))}
        onRemove={(id) => {
          const step = room.run(removeCard(id, room.me.identity));
          if (step !== null) room.notifyStep(panelTexts.cardRemoved, panelTexts.restore, step);
        }}
        onRestore={(id) => room.run(restoreCard(id))}
        onMove={(id, to) => room.run((doc) => moveTo(doc, id, to))}
        editor={(card, finish) => <CardEditor card={card} finish={finish} />}
      />
    </div>
  );
}

/** The images on their way to the stack; each becomes a card when the server has it. */
function useImageCards(turn: number | null): Uploads {
  const room = useRoom();
  const uploads = uploadsAt(room, "stack");
  const all = useUploads(uploads);
  useEffect(() => {
    for (const { key, alt, state } of all) {
      if (state.kind !== "stored") continue;
      uploads.remove(key);
      const image = state.image.id;
      room.run(playCard({ ...room.authorship(), id: room.newId(), type: "image", text: alt, image, turn }));
      room.announce(imageTexts.played);
    }
  }, [all, room, uploads, turn]);
  return uploads;
}

/** The prompt of the stack, with the question that this person is writing. */
function StackPrompt() {
  const question = useQuestion();
  const after = useAnswerToFollow();
  return <PromptPreview query={trimmedQuery(question)} after={after} {...usePreviewSource()} />;
}

const noCards: ReadonlySet<string> = new Set();

function moveTo(doc: RoomDoc, id: string, to: number): UndoStep | undefined {
  const edits = planMove(readCards(doc), id, to);
  return undoStep(
    panelTexts.moveCard,
    edits.map((edit) => setField(doc, ["cards", edit.id, "order"], edit.order)),
  );
}

function CardEditor({ card, finish }: { readonly card: Card; readonly finish: () => void }): ReactNode {
  const [length, setLength] = useState(card.text.length);
  return (
    <>
      <div className="stack-edit">
        <CollabText
          path={["cards", card.id, "text"]}
          label={panelTexts.cardText}
          place="stack"
          autoFocus
          carets
          singleLine
          onDone={finish}
          onLength={setLength}
        />
      </div>
      <p className="stack-edit-foot">
        <span>
          {length > CARD_TEXT_MAX
            ? panelTexts.charactersTooMany(grouped(length - CARD_TEXT_MAX))
            : panelTexts.everyoneSeesType}
        </span>
        <button type="button" className="p-link" onClick={finish}>
          {panelTexts.done}
        </button>
      </p>
    </>
  );
}

function OutputWindow() {
  const room = useRoom();
  const running = useRunning();
  const author = useAuthors();
  const online = useServerReachable();
  const { ask, stop } = useRequests();
  const askBlocked = useGenerateBlockedReason("retry");
  const thread = useThread();
  const chosen = useChosen();
  const choose = useCallback((next: Chosen | null) => chosenIn(room).set(next), [room]);
  const focusQuestion = () =>
    document.querySelector<HTMLElement>('form[aria-label="Composer"] textarea')?.focus();
  return (
    <div className="p-body p-fill p-flush">
      <OutputPanel
        thread={thread}
        author={author}
        stopping={running?.stopping ? running.request : null}
        stopBlocked={!room.canEdit ? WATCHING : online ? null : panelTexts.offlineStoppingNeedsServer}
        askBlocked={askBlocked}
        onStop={stop}
        onAsk={ask}
        onFollow={(request) => {
          followedIn(room).set(request);
          focusQuestion();
        }}
        onCompare={(request) => {
          if (!compareAnswer(room, request)) room.notify(compareTexts.needsTwo);
        }}
        chosen={chosen}
        onChoose={choose}
        blockAction={openAsApp}
        empty={
          <Starters
            enabled={room.canEdit}
            onPick={(question) => {
              questionIn(room).set(question);
              focusQuestion();
            }}
          />
        }
        foot={
          <section
            className="dock-in-output"
            aria-label={panelTexts.handAndQuestion}
            data-region
            tabIndex={-1}
            onFocusCapture={(event) => {
              event.stopPropagation();
              room.presence.setPlace("hand");
            }}
          >
            <DockSlot />
          </section>
        }
      />
    </div>
  );
}

/** A function that gives the author of an identity. The authors stay the same objects while only presence changes. */
function useAuthors(): (identity: string) => Author {
  const people = useNamedPeople();
  const kept = useRef<Authors>(new Map());
  return useMemo(() => {
    kept.current = keepAuthors(kept.current, people);
    return (identity) => authorIn(kept.current, identity);
  }, [people]);
}

const openAsApp = (result: Result, { language, code }: CodeOfBlock): ReactNode => (
  <LaterOpenAsApp origin={`result:${result.request}`} text={result.text} language={language} code={code} />
);

const openEntryAsApp = ({ id, text }: ChatEntry, { language, code }: CodeOfBlock): ReactNode =>
  id === "" ? null : <LaterOpenAsApp origin={`chat:${id}`} text={text} language={language} code={code} />;

const selectAll = <T,>(value: T): T => value;

const chatFoot = ({ id }: ChatEntry): ReactNode => (id === "" ? null : <Reactions target={`chat:${id}`} />);
const EXTRAS_TO_READ: MessageExtras = { actions: () => null, foot: chatFoot };
const EXTRAS_TO_REACT: MessageExtras = {
  actions: ({ id }, name) => (id === "" ? null : <ReactButton target={`chat:${id}`} name={name} />),
  foot: chatFoot,
};
const chatExtras = (canReact: boolean): MessageExtras => (canReact ? EXTRAS_TO_REACT : EXTRAS_TO_READ);

/** The names of the people in the room. The object stays the same while they do. */
function useMentions(): Mentions {
  const { me } = useRoom();
  const names = useParticipants().map(({ name }) => name);
  const joined = names.join("\n");
  return useMemo(() => ({ names: joined.split("\n"), me: me.name }), [joined, me.name]);
}

function ChatWindow() {
  const room = useRoom();
  const entries = useChat();
  const { spectatorChat } = useSettings();
  const person = usePersonOf();
  const typing = useTyping("chat");
  const people = usePeople();
  const model = useModel();
  const generation = useGeneration();
  const results = useResults();
  const { path } = useThread();
  const { askInChat } = useRequests();
  const [lastSeen, onSeen] = useLastSeen();
  const mentions = useMentions();
  const reveal = useSource(revealIn(room), selectAll);
  const onEdit = useCallback(
    (entry: ChatEntry, text: string) => {
      room.change(editMessage(entry.id, text, room.authorship()));
      if (text !== "") return;
      const restore = () => room.change(editMessage(entry.id, entry.text, room.authorship()));
      room.notify(chatTexts.deleted, { label: chatTexts.undo, run: restore });
    },
    [room],
  );
  const kept = useRef<RequestStates>(new Map());
  const states = useMemo(() => {
    kept.current = keptStates(requestStates(generation, results), kept.current);
    return kept.current;
  }, [generation, results]);
  const requestOf = useCallback((entry: ChatEntry) => states.get(entry.id) ?? null, [states]);
  return (
    <ChatPanel
      entries={entries}
      person={person}
      company={people.find((each) => !each.isMe && each.status !== "offline")?.name}
      typing={typing.map((each) => each.name)}
      locked={room.canEdit || spectatorChat ? null : panelTexts.youreSpectatorCanReadChat}
      lastSeen={lastSeen}
      onSeen={onSeen}
      uploads={room.canEdit ? uploadsAt(room, "chat") : null}
      onSend={(text, replyTo, sent) => {
        const question = room.canEdit ? questionToModel(text, model) : null;
        const image = sent === undefined ? {} : { image: sent.id, alt: sent.alt };
        if (question === null)
          room.change(sendMessage({ ...room.authorship(), id: room.newId(), text, replyTo, ...image }));
        else askInChat(question, path.at(-1)?.answer.request ?? "", { text, replyTo, ...image });
      }}
      asksModel={(text) => room.canEdit && questionToModel(text, model) !== null}
      requestOf={requestOf}
      onEdit={onEdit}
      extras={chatExtras(room.canEdit)}
      mentions={mentions}
      reveal={reveal}
      onTyping={(on) => room.presence.setTyping(on ? "chat" : null)}
      blockAction={openEntryAsApp}
    />
  );
}

function NoteWindow({ window: shown }: PanelProps) {
  const room = useRoom();
  return (
    <NotePanel
      note={shown.ref}
      title={shown.title}
      place={shown.id}
      onAttachImage={(id, title) => {
        if (tryAttach(room, { kind: "image", id, title })) room.announce(imageTexts.attached);
      }}
    />
  );
}

const regions: Readonly<Record<string, string>> = {
  chat: panelTexts.chat,
  stack: panelTexts.theStack,
  output: panelTexts.theOutput,
  query: panelTexts.theQuery,
};

function PeopleWindow() {
  const people: readonly Person[] = usePeople();
  const windows = useWindows();
  const turns = useTurns();
  const placeName = (place: string) =>
    windows.find((each) => each.id === place)?.title || (regions[place] ?? null);
  const windowTitle = (id: string) => {
    const found = windows.find((each) => each.id === id);
    return found === undefined ? null : found.title || panelTexts.windowWithoutTitle;
  };
  return (
    <div className="p-body">
      <PeoplePanel
        people={people}
        placeName={placeName}
        turn={turns?.holder?.id ?? null}
        windowTitle={windowTitle}
      />
    </div>
  );
}

function PatternWindow({ window: shown }: PanelProps) {
  return (
    <OptionalPart
      part="patterns"
      fallback={<p className="p-empty">{panelTexts.patternsOffRoomSettingsSay}</p>}
    >
      <PatternPanel window={shown} />
    </OptionalPart>
  );
}

function AppWindow({ window: shown }: PanelProps) {
  const room = useRoom();
  return (
    <LoadedPart
      code={appParts}
      show={({ AppPanel, publishedFiles }) => (
        <AppPanel
          window={shown}
          actions={({ version, hasError, lastGood }) => (
            <PublishButton
              app={{
                title: shown.title || panelTexts.app,
                files: publishedFiles(version.source),
                version: version.number,
                hasError,
                lastGood:
                  lastGood === null
                    ? null
                    : { version: lastGood.number, files: publishedFiles(lastGood.source) },
                suggestedSlug: shown.title,
                roomSlug: room.slug,
                appId: shown.id,
              }}
            />
          )}
        />
      )}
    />
  );
}

/** The content of a window, by its type. Every panel fills its box and scrolls inside. */
export const panels: Readonly<Record<WindowType, ComponentType<PanelProps>>> = {
  stack: StackWindow,
  output: OutputWindow,
  chat: ChatWindow,
  note: NoteWindow,
  people: PeopleWindow,
  pattern: PatternWindow,
  app: AppWindow,
};
