import "./recover.css";
import { useEffect, useState } from "react";
import { copyText, NOT_COPIED } from "../page/clipboard";
import { currentRoute, replaceKey } from "../page/route";
import { browserStoresData, useRoom } from "../room";
import { errorText, LinkRow } from "./LinkRow";

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

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
    <section className="share-recovery" aria-label="Recovery key">
      <h3>Recovery key</h3>
      <p className="dialog-note">
        You own this room as long as this browser knows you. With the recovery key you own it again from
        another browser.
        {key === null && madeAt !== null && ` You made one on ${dateTime.format(madeAt)}.`}
      </p>
      {key !== null && (
        <LinkRow title="Recovery key" text="Keep it in a safe place. It is shown this once." url={key} />
      )}
      <button type="button" className="btn" disabled={busy} onClick={() => void make()}>
        {madeAt === null ? "Make a recovery key" : "Replace the recovery key"}
      </button>
      {madeAt !== null && key === null && <small>Your current recovery key becomes invalid.</small>}
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
    <section className="recovery-notice" aria-label="Recovery key">
      <p role="alert">
        This browser keeps nothing, so it forgets that this room is yours. Keep this recovery key:{" "}
        <code>{key}</code>
      </p>
      <button
        type="button"
        className="btn"
        onClick={() =>
          void copyText(key).then(
            () => room.announce("Copied"),
            () => room.notify(NOT_COPIED),
          )
        }
      >
        Copy the key
      </button>
      <button type="button" className="btn btn-go" onClick={onKept}>
        I have kept it
      </button>
    </section>
  );
}
