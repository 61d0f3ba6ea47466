import { useEffect, useRef, useState } from "react";
import { type Connection, type KnownMe, openRoom, type Role, RoomProvider, type RoomSession } from "../room";
import { loadAutomerge } from "../room/wasm";
import { type Entry, enterRoom } from "./entry";
import { RecoverHere } from "./Recover";
import { RoomView } from "./RoomView";
import { SecretGate } from "./SecretGate";
import { DeadEnd, Waiting } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string;
  readonly me: KnownMe;
  readonly onForgotten: () => void;
  /** Gives this person a new identity that ends with the page. */
  readonly onStranger: () => Promise<void>;
}

// Starts as soon as this file is loaded: while a name is typed, or the server is asked.
loadAutomerge().catch(() => undefined);

/** The message for a person after a host changed their role. */
const NOW: Record<Role, string> = {
  host: "You are a host of this room now.",
  player: "You can play and write here now.",
  spectator: "You can only watch here now.",
};

/** The known reason why a first opening takes long. */
function slowHint(connection: Connection | null): string {
  if (connection === null || connection.state === "open" || connection.state === "refused")
    return "The room comes from the server. This takes longer than usual.";
  return connection.blocked === true
    ? "The server answers, but the live connection to it does not open. A proxy may block it. Trying again…"
    : "The server does not answer. Trying again…";
}

/** Joins the room, opens its document, and shows it, or says why it does not open. */
export function Entering({ slug, linkKey, me, onForgotten, onStranger }: Props) {
  const [entry, setEntry] = useState<Entry | null>(null);
  const [room, setRoom] = useState<RoomSession | null>(null);
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [connection, setConnection] = useState<Connection | null>(null);
  /** A part that the room needs did not load, or cannot be read. */
  const [failed, setFailed] = useState(false);
  const stranger = useRef(onStranger);
  stranger.current = onStranger;
  const lastRole = useRef<Role | null>(null);
  /** The key for the address bar. It is never the host link's key. */
  const key = useRef(linkKey);

  useEffect(() => {
    let left = false;
    const tell = (next: Entry): void => {
      if (left) return;
      if (next.kind === "known") key.current = next.room.key;
      setEntry(next);
    };
    void enterRoom(slug, key.current, me, tell, attempt > 0);
    return () => {
      left = true;
    };
  }, [slug, me, attempt]);

  useEffect(() => {
    if (entry?.kind === "stranger") stranger.current().catch(() => setFailed(true));
  }, [entry]);

  const known = entry?.kind === "known" ? entry.room : null;
  useEffect(() => {
    if (known === null) return;
    let left = false;
    let cancel = (): void => {
      left = true;
    };
    const timer = setTimeout(() => setSlow(true), 4_000);
    const open = async (): Promise<void> => {
      await loadAutomerge();
      if (left) return;
      const opening = openRoom(known, me, () => setAttempt((n) => n + 1));
      const stop = opening.socket.connection.subscribe(() => setConnection(opening.socket.connection.get()));
      cancel = () => {
        left = true;
        stop();
        opening.cancel();
      };
      const session = await opening.ready;
      if (left) return;
      const before = lastRole.current;
      lastRole.current = known.role;
      if (before !== null && before !== known.role) session.notify(NOW[known.role]);
      stop();
      setRoom(session);
    };
    open().catch(() => !left && setFailed(true));
    return () => {
      clearTimeout(timer);
      cancel();
      setRoom(null);
      setConnection(null);
    };
  }, [known, me]);

  if (entry?.kind === "refused") {
    return (
      <DeadEnd title={entry.title} text={entry.text}>
        {entry.retry && (
          <button type="button" className="btn btn-go" onClick={() => setAttempt((n) => n + 1)}>
            Try again
          </button>
        )}
        {entry.forget && (
          <button type="button" className="btn" onClick={onForgotten}>
            Join as someone new
          </button>
        )}
        <RecoverHere slug={slug} me={me} onOwner={() => setAttempt((n) => n + 1)} />
      </DeadEnd>
    );
  }
  if (entry?.kind === "secret") {
    return <SecretGate slug={slug} linkKey={linkKey} me={me} onOpen={() => setAttempt((n) => n + 1)} />;
  }
  if (room === null && (failed || connection?.state === "refused")) {
    return (
      <DeadEnd
        title="The room does not open"
        text={connection?.state === "refused" ? connection.reason : "The server does not answer. Try again."}
      >
        <button type="button" className="btn btn-go" onClick={() => window.location.reload()}>
          Try again
        </button>
      </DeadEnd>
    );
  }
  if (room === null) {
    const opening = entry !== null && entry.kind !== "stranger";
    return (
      <Waiting
        text={opening ? "Opening the room…" : "Joining…"}
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
