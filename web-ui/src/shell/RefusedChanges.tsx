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
import { refusedTexts } from "../texts";
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
    room.announce(refusedTexts.downloaded);
  };
  return (
    <div className="refused refused-changes">
      <p role="alert">
        <strong>{explainRefusal(refusal)}</strong> {refusedTexts.keptBrowserOnlyChangesMake}
      </p>
      <span className="refused-buttons">
        <button type="button" className="btn" onClick={() => void download()}>
          {downloaded ? refusedTexts.downloadAgain : refusedTexts.downloadThem}
        </button>
        <button type="button" className="btn btn-go" onClick={() => setConfirming(true)}>
          {refusedTexts.goBackSharedRoom}
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
          ? refusedTexts.anotherTabRoomOpenClose
          : refusedTexts.serverNotAnswerNothingLost,
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
            <h2>{refusedTexts.goBackSharedRoom2}</h2>
          </Dialog.Title>
          <Dialog.Description className="dialog-note">
            {refusedTexts.browserDiscardsOwnCopyRoom}
            {downloaded ? refusedTexts.youHaveThemAsA : "."}
          </Dialog.Description>
          {refused.length > 0 && (
            <ul className="refused-list" aria-label={refusedTexts.changesRoomRefused}>
              {refused.slice(0, LISTED_MAX).map((effect) => (
                <li key={effect}>{effect}</li>
              ))}
              {more > 0 && (
                <li className="refused-more">
                  {refusedTexts.and} {more === 1 ? refusedTexts.oneMore : refusedTexts.more(more)}
                </li>
              )}
            </ul>
          )}
          {rule !== null && (
            <p className="refused-rule">
              {refusedTexts.rule} {rule} {refusedTexts.ofThisServer}
            </p>
          )}
          {problem !== null && (
            <p className="refused-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="refused-choice">
            <button type="button" className="btn" disabled={busy} onClick={onClose}>
              {refusedTexts.stayHere}
            </button>
            {!downloaded && (
              <button type="button" className="btn" disabled={busy} onClick={() => void goBack(false)}>
                {refusedTexts.goBackWithoutThem}
              </button>
            )}
            <button
              type="button"
              className="btn btn-go"
              disabled={busy}
              onClick={() => void goBack(!downloaded)}
            >
              {busy
                ? refusedTexts.goingBack
                : downloaded
                  ? refusedTexts.goBack
                  : refusedTexts.downloadThenGoBack}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
