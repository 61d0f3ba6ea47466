import { Dialog } from "radix-ui";
import { useState } from "react";
import {
  buildRefusalReport,
  type ChangeRefusal,
  explainRefusal,
  OtherTabsOpen,
  saveRefusalReport,
  useRoom,
} from "../room";
import { useRefusalReport } from "./useRefusalReport";

/** The maximum number of refused changes in the list. Further changes are only counted. */
const LISTED_MAX = 8;

/**
 * A banner that explains why the room refused this page's changes. It offers to download them, and to drop them and
 * load the shared room again [U21].
 */
export function RefusedChanges({ refusal }: { readonly refusal: ChangeRefusal }) {
  const room = useRoom();
  const [confirming, setConfirming] = useState(false);
  const [downloaded, setDownloaded] = useState(false);
  const report = useRefusalReport(refusal);

  const download = async (): Promise<void> => {
    saveRefusalReport(room, await buildRefusalReport(room, refusal));
    setDownloaded(true);
    room.announce("Downloaded");
  };
  return (
    <div className="refused refused-changes">
      <p role="alert">
        <strong>{explainRefusal(refusal)}</strong> They are kept in this browser only. Changes that you make
        now do not reach the others either.
      </p>
      <span className="refused-buttons">
        <button type="button" className="btn" onClick={() => void download()}>
          {downloaded ? "Download again" : "Download them"}
        </button>
        <button type="button" className="btn btn-go" onClick={() => setConfirming(true)}>
          Go back to the shared room
        </button>
      </span>
      <Confirm
        open={confirming}
        downloaded={downloaded}
        onClose={() => setConfirming(false)}
        download={download}
        refused={(report?.refused ?? []).map(({ what }) => what)}
        rule={refusal.rule}
      />
    </div>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  readonly downloaded: boolean;
  readonly onClose: () => void;
  readonly download: () => Promise<void>;
  readonly refused: readonly string[];
  readonly rule: string | null;
}

function Confirm({ open, downloaded, onClose, download, refused, rule }: ConfirmProps) {
  const room = useRoom();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const goBack = async (downloadFirst: boolean): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      if (downloadFirst) await download();
      await room.discardLocalChanges();
    } catch (cause) {
      setBusy(false);
      setProblem(
        cause instanceof OtherTabsOpen
          ? "Another tab has this room open. Close it, then try again."
          : "The server does not answer now. Nothing was lost. Try again later.",
      );
    }
  };
  const more = refused.length - LISTED_MAX;
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && !busy && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title asChild>
            <h2>Go back to the shared room?</h2>
          </Dialog.Title>
          <Dialog.Description className="dialog-note">
            This browser discards its own copy of the room and loads the shared room. Only the changes that
            the room refused are lost{downloaded ? "; you have them as a file." : "."}
          </Dialog.Description>
          {refused.length > 0 && (
            <ul className="refused-list" aria-label="Changes that the room refused">
              {refused.slice(0, LISTED_MAX).map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
              {more > 0 && <li className="refused-more">and {more === 1 ? "one more" : `${more} more`}</li>}
            </ul>
          )}
          {rule !== null && <p className="refused-rule">Rule {rule} of this server</p>}
          {problem !== null && (
            <p className="refused-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="refused-choice">
            <button type="button" className="btn" disabled={busy} onClick={onClose}>
              Stay here
            </button>
            {!downloaded && (
              <button type="button" className="btn" disabled={busy} onClick={() => void goBack(false)}>
                Go back without them
              </button>
            )}
            <button
              type="button"
              className="btn btn-go"
              disabled={busy}
              onClick={() => void goBack(!downloaded)}
            >
              {busy ? "Going back…" : downloaded ? "Go back" : "Download, then go back"}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
