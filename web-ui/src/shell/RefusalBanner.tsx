import { describeSync, saveCopy, useRefusal, useRoom, useSync } from "../room";
import { refusedTexts } from "../texts";
import { RefusedChanges } from "./RefusedChanges";

/** A banner that explains why the server refuses this page, or that changes are stored nowhere, and what to do next. */
export function RefusalBanner() {
  const room = useRoom();
  const sync = useSync();
  const refusal = useRefusal();
  if (refusal !== null) return <RefusedChanges refusal={refusal} />;
  if (sync.kind !== "refused" && sync.kind !== "not-kept") return null;
  const { detail } = describeSync(sync);
  return (
    <div className="refused" role="alert">
      <p>
        {detail}
        {sync.pending > 0 &&
          refusedTexts.notOnTheServer(
            sync.pending === 1 ? refusedTexts.oneChangeIs : refusedTexts.changesAre(sync.pending),
          )}
      </p>
      <button type="button" className="btn" onClick={() => saveCopy(room)}>
        {refusedTexts.downloadACopy}
      </button>
      <button type="button" className="btn" onClick={() => window.location.reload()}>
        {refusedTexts.reload}
      </button>
    </div>
  );
}
