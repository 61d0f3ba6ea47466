import { useState } from "react";
import { useLazyCode } from "../page/lazyCode";
import { createTemporaryIdentity } from "../room/credential";
import { memory, type OwnIdentity } from "../room/memory";
import { entryTexts } from "../texts";
import { INCOMPLETE } from "./incomplete";
import { JoinGate } from "./JoinGate";
import { RecoveryForm } from "./RecoveryForm";
import { roomCode } from "./roomCode";
import { ErrorPage, Waiting } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string | null;
}

/**
 * The page at `/r/{slug}`: asks for a name if this browser has none, then enters the room. The name is asked for while
 * the room's code is loading.
 */
export function RoomPage({ slug, linkKey }: Props) {
  const key = linkKey ?? memory.room(slug)?.key ?? null;
  const [me, setMe] = useState<OwnIdentity | null>(() => memory.me());
  const code = useLazyCode(roomCode);
  const named = me !== null && me.name !== "";
  if (key === null && !named) {
    return (
      <ErrorPage {...INCOMPLETE}>
        <RecoveryForm slug={slug} me={me} onOwner={setMe} />
      </ErrorPage>
    );
  }
  if (!named) return <JoinGate slug={slug} linkKey={key ?? ""} me={me} onMe={setMe} />;
  if (code === null) return <Waiting text={entryTexts.openingTheRoom} />;
  if (code === "failed") {
    return (
      <ErrorPage title={entryTexts.serverNotAnswer} text={entryTexts.partPageFailedLoad}>
        <button type="button" className="btn btn-go" onClick={() => window.location.reload()}>
          {entryTexts.tryAgain}
        </button>
      </ErrorPage>
    );
  }
  return (
    <code.Entering
      slug={slug}
      linkKey={key ?? ""}
      me={me}
      onIdentityForgotten={() => setMe(null)}
      onKeyUnreadable={() => createTemporaryIdentity(me.name).then(setMe)}
    />
  );
}
