import { useEffect, useRef, useState } from "react";
import { type KnownMe, memory, openRoom, type Role, RoomProvider, type RoomSession } from "../room";
import { loadAutomerge } from "../room/wasm";
import { type Entry, enterRoom } from "./entry";
import { JoinGate } from "./JoinGate";
import { RoomView } from "./RoomView";
import { SecretGate } from "./SecretGate";
import { DeadEnd, Waiting } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string | null;
}

/** From a link to an open room: name if unknown, join, document. Every step works again after a reload, also offline. */
export default function RoomPage({ slug, linkKey }: Props) {
  const key = linkKey ?? memory.room(slug)?.key ?? null;
  const [me, setMe] = useState<KnownMe | null>(() => memory.me());
  // While a name is typed, or the server is asked.
  useEffect(() => void loadAutomerge().catch(() => undefined), []);
  if (key === null) {
    return (
      <DeadEnd
        title="This link is not complete"
        text="The part after # is missing. Ask for the whole link."
      />
    );
  }
  if (me === null) return <JoinGate slug={slug} linkKey={key} onMe={setMe} />;
  return <Entering slug={slug} linkKey={key} me={me} onForgotten={() => setMe(null)} />;
}

/** What somebody is told when a host changed their role. */
const NOW: Record<Role, string> = {
  host: "You are a host of this room now.",
  player: "You can play and write here now.",
  spectator: "You can only watch here now.",
};

function Entering({
  slug,
  linkKey,
  me,
  onForgotten,
}: Props & { linkKey: string; me: KnownMe; onForgotten: () => void }) {
  const [entry, setEntry] = useState<Entry | null>(null);
  const [room, setRoom] = useState<RoomSession | null>(null);
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const lastRole = useRef<Role | null>(null);

  useEffect(() => {
    let left = false;
    const tell = (next: Entry): void => {
      if (!left) setEntry(next);
    };
    void enterRoom(slug, linkKey, me, tell, attempt > 0);
    return () => {
      left = true;
    };
  }, [slug, linkKey, me, attempt]);

  const known = entry?.kind === "known" ? entry.room : null;
  useEffect(() => {
    if (known === null) return;
    let left = false;
    let cancel = (): void => {
      left = true;
    };
    const timer = setTimeout(() => setSlow(true), 4_000);
    void loadAutomerge().then(async () => {
      if (left) return;
      const opening = openRoom(known, me, () => setAttempt((n) => n + 1));
      cancel = () => {
        left = true;
        opening.cancel();
      };
      const session = await opening.ready;
      if (left) return;
      const before = lastRole.current;
      lastRole.current = known.role;
      if (before !== null && before !== known.role) session.notify(NOW[known.role]);
      setRoom(session);
    });
    return () => {
      clearTimeout(timer);
      cancel();
      setRoom(null);
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
      </DeadEnd>
    );
  }
  if (entry?.kind === "secret") {
    return <SecretGate slug={slug} linkKey={linkKey} me={me} onOpen={() => setAttempt((n) => n + 1)} />;
  }
  if (room === null) {
    return (
      <Waiting
        text={entry === null ? "Joining…" : "Opening the room…"}
        hint={slow ? "The room comes from the server. This takes longer than usual." : undefined}
      />
    );
  }
  return (
    <RoomProvider room={room}>
      <RoomView />
    </RoomProvider>
  );
}
