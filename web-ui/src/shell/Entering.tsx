import { useEffect, useRef, useState } from "react";
import {
  type Connection,
  type OwnIdentity,
  openRoom,
  type Role,
  RoomProvider,
  type RoomSession,
} from "../room";
import { loadAutomerge } from "../room/wasm";
import { entryTexts } from "../texts";
import { type Entry, enterRoom } from "./entry";
import { RecoveryForm } from "./RecoveryForm";
import { RoomView } from "./RoomView";
import { SecretGate } from "./SecretGate";
import { ErrorPage, Waiting } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string;
  readonly me: OwnIdentity;
  /** Called when the person chooses to join under a new identity. */
  readonly onIdentityForgotten: () => void;
  /** Called if this browser cannot read the identity's key. Creates an identity that ends with the page. */
  readonly onKeyUnreadable: () => Promise<void>;
}

// Loading starts with this file, while the person types a name or the server answers.
loadAutomerge().catch(() => undefined);

/** The notice for this person after a host has changed their role. */
const ROLE_CHANGED: Record<Role, string> = {
  host: entryTexts.youreHostRoom,
  player: entryTexts.yourePlayerCanPlayWrite,
  spectator: entryTexts.youreASpectatorNow,
};

/** The reason why opening the room takes long, as far as the connection shows it. */
function slowHint(connection: Connection | null): string {
  if (connection === null || connection.state === "open" || connection.state === "refused")
    return entryTexts.roomComesServerTakesLonger;
  return connection.blocked === true
    ? entryTexts.serverAnswersButLiveConnection
    : entryTexts.serverNotAnswerTryingAgain;
}

/** Joins the room, opens its document and shows it, or shows why the room does not open. */
export function Entering({ slug, linkKey, me, onIdentityForgotten, onKeyUnreadable }: Props) {
  const [entry, setEntry] = useState<Entry | null>(null);
  const [room, setRoom] = useState<RoomSession | null>(null);
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [connection, setConnection] = useState<Connection | null>(null);
  /** Whether opening failed: code did not load, or the new identity could not be created. */
  const [failed, setFailed] = useState(false);
  const latestOnKeyUnreadable = useRef(onKeyUnreadable);
  latestOnKeyUnreadable.current = onKeyUnreadable;
  const lastRole = useRef<Role | null>(null);
  /** The key with which the next attempt joins: the key of the link, or its replacement from the server. */
  const key = useRef(linkKey);

  useEffect(() => {
    let cancelled = false;
    const report = (next: Entry): void => {
      if (cancelled) return;
      if (next.kind === "joined") key.current = next.room.key;
      setEntry(next);
    };
    void enterRoom(slug, key.current, me, report, attempt > 0);
    return () => {
      cancelled = true;
    };
  }, [slug, me, attempt]);

  useEffect(() => {
    if (entry?.kind === "key-unreadable") latestOnKeyUnreadable.current().catch(() => setFailed(true));
  }, [entry]);

  const record = entry?.kind === "joined" ? entry.room : null;
  useEffect(() => {
    if (record === null) return;
    let cancelled = false;
    let cancel = (): void => {
      cancelled = true;
    };
    const timer = setTimeout(() => setSlow(true), 4_000);
    const open = async (): Promise<void> => {
      await loadAutomerge();
      if (cancelled) return;
      const opening = openRoom(record, me, () => setAttempt((n) => n + 1));
      const stop = opening.socket.connection.subscribe(() => setConnection(opening.socket.connection.get()));
      cancel = () => {
        cancelled = true;
        stop();
        opening.cancel();
      };
      const session = await opening.ready;
      if (cancelled) return;
      const before = lastRole.current;
      lastRole.current = record.role;
      if (before !== null && before !== record.role) session.notify(ROLE_CHANGED[record.role]);
      stop();
      setRoom(session);
    };
    open().catch(() => !cancelled && setFailed(true));
    return () => {
      clearTimeout(timer);
      cancel();
      setRoom(null);
      setConnection(null);
    };
  }, [record, me]);

  if (entry?.kind === "refused") {
    return (
      <ErrorPage title={entry.title} text={entry.text}>
        {entry.retry && (
          <button type="button" className="btn btn-go" onClick={() => setAttempt((n) => n + 1)}>
            {entryTexts.tryAgain}
          </button>
        )}
        {entry.forget && (
          <button type="button" className="btn" onClick={onIdentityForgotten}>
            {entryTexts.joinAsSomeoneNew}
          </button>
        )}
        <RecoveryForm slug={slug} me={me} onOwner={() => setAttempt((n) => n + 1)} />
      </ErrorPage>
    );
  }
  if (entry?.kind === "secret") {
    return <SecretGate slug={slug} linkKey={linkKey} me={me} onOpen={() => setAttempt((n) => n + 1)} />;
  }
  if (room === null && (failed || connection?.state === "refused")) {
    return (
      <ErrorPage
        title={entryTexts.roomNotOpen}
        text={connection?.state === "refused" ? connection.reason : entryTexts.serverNotAnswerTryAgain}
      >
        <button type="button" className="btn btn-go" onClick={() => window.location.reload()}>
          {entryTexts.tryAgain}
        </button>
      </ErrorPage>
    );
  }
  if (room === null) {
    const opening = entry !== null && entry.kind !== "key-unreadable";
    return (
      <Waiting
        text={opening ? entryTexts.openingTheRoom : entryTexts.joining}
        hint={slow ? slowHint(connection) : undefined}
      />
    );
  }
  return (
    <RoomProvider room={room}>
      <RoomView />
    </RoomProvider>
  );
}
