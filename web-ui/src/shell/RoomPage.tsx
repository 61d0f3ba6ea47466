import { useState } from "react";
import { useLater } from "../page/later";
import { becomeSomeoneForNow } from "../room/credential";
import { type KnownMe, memory } from "../room/memory";
import { INCOMPLETE } from "./incomplete";
import { JoinGate } from "./JoinGate";
import { RecoverHere } from "./Recover";
import { roomCode } from "./roomCode";
import { DeadEnd, Waiting } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string | null;
}

/**
 * From a link to an open room: name if unknown, join, document. Every step works again after a reload, also offline.
 * The name is asked for while the room's code is loading.
 */
export function RoomPage({ slug, linkKey }: Props) {
  const key = linkKey ?? memory.room(slug)?.key ?? null;
  const [me, setMe] = useState<KnownMe | null>(() => memory.me());
  const code = useLater(roomCode);
  const named = me !== null && me.name !== "";
  if (key === null && !named) {
    return (
      <DeadEnd {...INCOMPLETE}>
        <RecoverHere slug={slug} me={me} onOwner={setMe} />
      </DeadEnd>
    );
  }
  if (!named) return <JoinGate slug={slug} linkKey={key ?? ""} me={me} onMe={setMe} />;
  if (code === null) return <Waiting text="Opening the room…" />;
  if (code === "failed") {
    return (
      <DeadEnd title="The server does not answer" text="Part of the page failed to load.">
        <button type="button" className="btn btn-go" onClick={() => window.location.reload()}>
          Try again
        </button>
      </DeadEnd>
    );
  }
  return (
    <code.Entering
      slug={slug}
      linkKey={key ?? ""}
      me={me}
      onForgotten={() => setMe(null)}
      onStranger={() => becomeSomeoneForNow(me.name).then(setMe)}
    />
  );
}
