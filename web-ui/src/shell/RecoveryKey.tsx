import "./recover.css";
import { useEffect, useState } from "react";
import { copyText, NOT_COPIED } from "../page/clipboard";
import { currentRoute, replaceKey } from "../page/route";
import { browserStoresData, useRoom } from "../room";
import { entryTexts } from "../texts";
import { errorText, LinkRow } from "./LinkRow";

const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** The part of the Share dialog in which the owner creates or replaces the recovery key. */
export function RecoveryKey({ onProblem }: { readonly onProblem: (text: string | null) => void }) {
  const room = useRoom();
  const [madeAt, setMadeAt] = useState<number | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let cancelled = false;
    room.api.recoveryKeyMadeAt().then(
      (found) => !cancelled && setMadeAt(found),
      () => undefined,
    );
    return () => {
      cancelled = true;
    };
  }, [room]);

  const make = async (): Promise<void> => {
    setBusy(true);
    try {
      setKey(await room.api.newRecoveryKey());
      setMadeAt(Date.now());
      onProblem(null);
    } catch (cause) {
      onProblem(errorText(cause));
    }
    setBusy(false);
  };

  return (
    <section className="share-recovery" aria-label={entryTexts.recoveryKey}>
      <h3>{entryTexts.recoveryKey}</h3>
      <p className="dialog-note">
        {entryTexts.ownRoomWithKey}
        {key === null && madeAt !== null && entryTexts.youMadeOneOn(dateTime.format(madeAt))}
      </p>
      {key !== null && (
        <LinkRow title={entryTexts.recoveryKey} text={entryTexts.keepSafePlaceShownOnce} url={key} />
      )}
      <button type="button" className="btn" disabled={busy} onClick={() => void make()}>
        {madeAt === null ? entryTexts.makeARecoveryKey : entryTexts.replaceTheRecoveryKey}
      </button>
      {madeAt !== null && key === null && <small>{entryTexts.currentRecoveryKeyBecomesInvalid}</small>}
    </section>
  );
}

/**
 * Shows the recovery key to the owner of a room if this browser stores nothing. After a reload the owner would be a new
 * person. So the host link stays in the address bar until the owner has seen the recovery key.
 */
export function RecoveryNotice() {
  const room = useRoom();
  const { record, me } = room;
  const [key, setKey] = useState<string | null>(null);

  useEffect(() => {
    const route = currentRoute();
    const hostKeyShown =
      record.owner === me.identity && route.kind === "room" && (route.key ?? "") !== record.key;
    if (!hostKeyShown) return;
    let cancelled = false;
    const show = async (): Promise<void> => {
      if (await browserStoresData()) return;
      const madeAt = await room.api.recoveryKeyMadeAt();
      if (cancelled) return;
      if (madeAt !== null) {
        replaceKey(record.slug, record.key);
        return;
      }
      const newKey = await room.api.newRecoveryKey();
      if (!cancelled) setKey(newKey);
    };
    show().catch(() => undefined);
    return () => {
      cancelled = true;
    };
  }, [room, record, me]);

  if (key === null) return null;
  const onKept = (): void => {
    replaceKey(record.slug, record.key);
    setKey(null);
  };
  return (
    <section className="recovery-notice" aria-label={entryTexts.recoveryKey}>
      <p role="alert">
        {entryTexts.browserKeepsNothingForgetsRoom} <code>{key}</code>
      </p>
      <button
        type="button"
        className="btn"
        onClick={() =>
          void copyText(key).then(
            () => room.announce(entryTexts.copied),
            () => room.notify(NOT_COPIED),
          )
        }
      >
        {entryTexts.copyTheKey}
      </button>
      <button type="button" className="btn btn-go" onClick={onKept}>
        {entryTexts.iHaveKeptIt}
      </button>
    </section>
  );
}
