import { type ComponentType, type ReactNode, useCallback, useState } from "react";
import { OptionalPart } from "../parts/OptionalPart";
import { PublishButton } from "../publish/room/openPublish";
import {
  type Card,
  memory,
  muteCard,
  type Person,
  type RoomDoc,
  type RoomWindow,
  removeCard,
  restoreCard,
  sendMessage,
  type UndoStep,
  useCards,
  useChat,
  useLiveText,
  usePeople,
  useResults,
  useRoom,
  useSettings,
  useTyping,
  useWindows,
  type WindowType,
} from "../room";
import { setField, undoStep } from "../room/commands/command";
import { type ChatEntry, type Result, readCards } from "../room/schema/read";
import { AppPanel } from "./app/AppPanel";
import { OpenAsApp } from "./app/OpenAsApp";
import { publishedFiles } from "./app/published";
import { ChatPanel } from "./chat/ChatPanel";
import {
  useGenerateBlockedReason,
  useRequests,
  useRunning,
  useServerReachable,
} from "./composer/useRequests";
import { CollabText } from "./notes/CollabText";
import { NotePanel } from "./notes/NotePanel";
import { type Chosen, chosenIn, useChosen } from "./output/answerSelection";
import type { CodeOfBlock } from "./output/blockAction";
import { OutputPanel } from "./output/OutputPanel";
import { PatternPanel } from "./pattern/PatternPanel";
import { PeoplePanel } from "./people/PeoplePanel";
import { CARD_TEXT_MAX, grouped } from "./shared/cards";
import { usePersonOf } from "./shared/people";
import { planMove } from "./stack/order";
import { StackPanel } from "./stack/StackPanel";
import { useTurns } from "./stack/useTurns";
import "./shared/panels.css";

export type PanelProps = { readonly window: RoomWindow };

const WATCHING = "You are watching. Ask the host for a player link to take part.";

function StackWindow() {
  const room = useRoom();
  const cards = useCards();
  const person = usePersonOf();
  const turns = useTurns();
  return (
    <div className="p-body">
      <StackPanel
        cards={cards}
        person={person}
        locked={room.canEdit ? null : WATCHING}
        turns={turns}
        outOfTurn={turns?.outOfTurn ?? noCards}
        onMute={(id, muted) => room.run(muteCard(id, muted))}
        onRemove={(id) => {
          const step = room.run(removeCard(id, room.me.identity));
          if (step !== null) room.notifyStep("Card removed", "Restore", step);
        }}
        onRestore={(id) => room.run(restoreCard(id))}
        onMove={(id, to) => room.run((doc) => moveTo(doc, id, to))}
        editor={(card, finish) => <CardEditor card={card} finish={finish} />}
      />
    </div>
  );
}

const noCards: ReadonlySet<string> = new Set();

function moveTo(doc: RoomDoc, id: string, to: number): UndoStep | undefined {
  const edits = planMove(readCards(doc), id, to);
  return undoStep(
    "Move card",
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
          label="Words on the card"
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
            ? `${grouped(length - CARD_TEXT_MAX)} characters too many`
            : "Everyone sees this as you type"}
        </span>
        <button type="button" className="p-link" onClick={finish}>
          Done
        </button>
      </p>
    </>
  );
}

function OutputWindow() {
  const room = useRoom();
  const results = useResults();
  const running = useRunning();
  const person = usePersonOf();
  const online = useServerReachable();
  const { ask, stop } = useRequests();
  const retryBlocked = useGenerateBlockedReason("retry");
  const live = useLiveRunning(results);
  const chosen = useChosen();
  const choose = useCallback((next: Chosen | null) => chosenIn(room).set(next), [room]);
  return (
    <div className="p-body p-fill">
      <OutputPanel
        results={results}
        running={running}
        liveText={live}
        person={person}
        stopBlocked={!room.canEdit ? WATCHING : online ? null : "Offline: stopping needs the server"}
        retryBlocked={retryBlocked}
        onStop={stop}
        onRetry={ask}
        chosen={chosen}
        onChoose={choose}
        blockAction={openAsApp}
      />
    </div>
  );
}

const openAsApp = (result: Result, { language, code }: CodeOfBlock): ReactNode => (
  <OpenAsApp origin={`result:${result.request}`} text={result.text} language={language} code={code} />
);

const openEntryAsApp = ({ id, text }: ChatEntry, { language, code }: CodeOfBlock): ReactNode =>
  id === "" ? null : <OpenAsApp origin={`chat:${id}`} text={text} language={language} code={code} />;

/** A function that gives the current text of an answer. The text of the running answer is updated once per frame. */
function useLiveRunning(results: readonly Result[]): (request: string, committed: string) => string {
  const running = results.findLast((result) => result.status === "running") ?? null;
  const text = useLiveText(running);
  return (request, committed) => (request === running?.request ? text : committed);
}

function ChatWindow() {
  const room = useRoom();
  const entries = useChat();
  const { spectatorChat } = useSettings();
  const person = usePersonOf();
  const typing = useTyping("chat");
  const key = `chat-seen.${room.slug}.${room.me.identity}`;
  const [lastSeen, setLastSeen] = useState(() => memory.value<string>(key));
  const onSeen = useCallback(
    (id: string) => {
      setLastSeen(id);
      memory.setValue(key, id);
    },
    [key],
  );
  return (
    <ChatPanel
      entries={entries}
      person={person}
      typing={typing.map((each) => each.name)}
      locked={room.canEdit || spectatorChat ? null : "You are watching and can read along here."}
      lastSeen={lastSeen}
      onSeen={onSeen}
      onSend={(text, replyTo) =>
        room.change(sendMessage({ ...room.authorship(), id: room.newId(), text, replyTo }))
      }
      onTyping={(on) => room.presence.setTyping(on ? "chat" : null)}
      blockAction={openEntryAsApp}
    />
  );
}

function NoteWindow({ window: shown }: PanelProps) {
  return <NotePanel note={shown.ref} title={shown.title} place={shown.id} />;
}

const regions: Readonly<Record<string, string>> = {
  chat: "Chat",
  stack: "the stack",
  output: "the output",
  query: "the query",
};

function PeopleWindow() {
  const people: readonly Person[] = usePeople();
  const windows = useWindows();
  const turns = useTurns();
  const placeName = (place: string) =>
    windows.find((each) => each.id === place)?.title || (regions[place] ?? null);
  const windowTitle = (id: string) => {
    const found = windows.find((each) => each.id === id);
    return found === undefined ? null : found.title || "a window without a title";
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
      fallback={<p className="p-empty">Patterns are off. Room settings say why.</p>}
    >
      <PatternPanel window={shown} />
    </OptionalPart>
  );
}

function AppWindow({ window: shown }: PanelProps) {
  const room = useRoom();
  return (
    <AppPanel
      window={shown}
      actions={({ version, hasError, lastGood }) => (
        <PublishButton
          app={{
            title: shown.title || "App",
            files: publishedFiles(version.source),
            version: version.number,
            hasError,
            lastGood:
              lastGood === null ? null : { version: lastGood.number, files: publishedFiles(lastGood.source) },
            suggestedSlug: shown.title,
            roomSlug: room.slug,
            appId: shown.id,
          }}
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
