import { Dialog } from "radix-ui";
import { useState } from "react";
import {
  type ChangesRefused,
  explainRefusal,
  OtherTabsOpen,
  refusalReport,
  saveRefused,
  useRoom,
} from "../room";
import { useRefusalReport } from "./useRefusalReport";

/** The number of refused entries that are listed. Further entries are only counted. */
const LISTED_MAX = 8;

/**
 * Explains that the room rejected this page's changes: which changes, why, how to keep them, and how to return [U21].
 */
export function RefusedChanges({ refusal }: { readonly refusal: ChangesRefused }) {
  const room = useRoom();
  const [asking, setAsking] = useState(false);
  const [kept, setKept] = useState(false);
  const report = useRefusalReport(refusal);

  const download = async (): Promise<void> => {
    saveRefused(room, await refusalReport(room, refusal));
    setKept(true);
    room.announce("Downloaded");
  };
  return (
    <div className="refused refused-changes">
      <p role="alert">
        <strong>{explainRefusal(refusal)}</strong> They are kept in this browser only, and what you change now
        does not reach the others either.
      </p>
      <span className="refused-buttons">
        <button type="button" className="btn" onClick={() => void download()}>
          {kept ? "Download again" : "Download them"}
        </button>
        <button type="button" className="btn btn-go" onClick={() => setAsking(true)}>
          Go back to the shared room
        </button>
      </span>
      <Confirm
        open={asking}
        kept={kept}
        onClose={() => setAsking(false)}
        download={download}
        refused={(report?.refused ?? []).map(({ what }) => what)}
        rule={refusal.rule}
      />
    </div>
  );
}

interface ConfirmProps {
  readonly open: boolean;
  /** Whether the file was downloaded already. */
  readonly kept: boolean;
  readonly onClose: () => void;
  readonly download: () => Promise<void>;
  readonly refused: readonly string[];
  readonly rule: string | null;
}

function Confirm({ open, kept, onClose, download, refused, rule }: ConfirmProps) {
  const room = useRoom();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const goBack = async (keep: boolean): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      if (keep) await download();
      await room.backToShared();
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
            This browser gives up its own copy of the room and loads what everybody else sees. Only what the
            room did not take is gone then{kept ? "; you have it as a file." : "."}
          </Dialog.Description>
          {refused.length > 0 && (
            <ul className="refused-list" aria-label="What the room did not take">
              {refused.slice(0, LISTED_MAX).map((what) => (
                <li key={what}>{what}</li>
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
            {!kept && (
              <button type="button" className="btn" disabled={busy} onClick={() => void goBack(false)}>
                Go back without them
              </button>
            )}
            <button type="button" className="btn btn-go" disabled={busy} onClick={() => void goBack(!kept)}>
              {busy ? "Going back…" : kept ? "Go back" : "Download, then go back"}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
