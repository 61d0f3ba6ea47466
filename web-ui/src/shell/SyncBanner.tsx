import { describeSync, type SyncState, saveCopy, useRefusal, useRoom, useSync } from "../room";
import { refusedTexts } from "../texts";
import { RefusedChanges } from "./RefusedChanges";

/**
 * A banner that explains why the server refuses this page, that changes are stored nowhere, or that the server cannot
 * write to its storage, and what to do next.
 */
export function SyncBanner() {
  const room = useRoom();
  const sync = useSync();
  const refusal = useRefusal();
  if (refusal !== null) return <RefusedChanges refusal={refusal} />;
  if (isStorageAway(sync))
    return (
      <div className="refused" data-tone="wait" role="status">
        <p>{describeSync(sync).detail}</p>
        <DownloadButton onClick={() => saveCopy(room)} />
      </div>
    );
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
      <DownloadButton onClick={() => saveCopy(room)} />
      <button type="button" className="btn" onClick={() => window.location.reload()}>
        {refusedTexts.reload}
      </button>
    </div>
  );
}

/** Whether the server has said that it cannot write to its storage, while it confirms no change. */
function isStorageAway(sync: SyncState): boolean {
  return sync.pending > 0 && sync.storageAway === true;
}

function DownloadButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" className="btn" onClick={onClick}>
      {refusedTexts.downloadACopy}
    </button>
  );
}
