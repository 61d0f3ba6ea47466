import "./gate.css";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { ApiProblem, peekRoom, type RoomPeek } from "../room/api";
import { createIdentity } from "../room/credential";
import { memory, type OwnIdentity } from "../room/memory";
import { randomGuestName } from "../room/names";
import { LIMITS } from "../room/schema/document";
import { entryTexts } from "../texts";
import { NO_ROOM } from "./incomplete";
import { RecoveryForm } from "./RecoveryForm";
import { ErrorPage } from "./Waiting";

interface Props {
  readonly slug: string;
  readonly linkKey: string;
  /** The identity without a name that has created a room in this browser, or null if there is no identity yet. */
  readonly me: OwnIdentity | null;
  readonly onMe: (me: OwnIdentity) => void;
}

/** Asks a person on the first visit for a name. If the field is left empty, the suggested guest name is used. */
export function JoinGate({ slug, linkKey, me, onMe }: Props) {
  const [suggested] = useState(randomGuestName);
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [peek, setPeek] = useState<RoomPeek | null>(null);
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();

  useEffect(() => {
    field.current?.focus();
    document.title = entryTexts.joinParlor;
    const abort = new AbortController();
    peekRoom(slug, linkKey, abort.signal).then(setPeek, (cause) => {
      if (cause instanceof ApiProblem && [404, 410].includes(cause.status)) setMissing(true);
    });
    return () => abort.abort();
  }, [slug, linkKey]);

  const identityWithName = async (): Promise<OwnIdentity> => {
    const chosenName = name.trim() || suggested;
    if (me === null) return createIdentity(chosenName);
    const named = { ...me, name: chosenName };
    memory.setMe(named);
    return named;
  };

  const join = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      onMe(await identityWithName());
    } catch (cause) {
      setBusy(false);
      const unreachable = !(cause instanceof ApiProblem) || cause.unreachable;
      setProblem(unreachable ? entryTexts.serverNotAnswerTryLater : cause.message);
      field.current?.focus();
    }
  };

  if (missing) return <ErrorPage title={NO_ROOM} text={entryTexts.checkLinkAskNewOne} />;
  return (
    <main className="gate">
      <form className="gate-box" onSubmit={join}>
        <span className="mark">
          <i aria-hidden="true" />
          {entryTexts.parlor}
        </span>
        <h1>{peek === null || peek.title === "" ? entryTexts.comeIn : peek.title}</h1>
        <p className="gate-people">
          {peek === null
            ? entryTexts.sayThen
            : peek.names.length === 0
              ? entryTexts.nobodyElseYet
              : entryTexts.inThisRoom(nameList(peek.names))}
        </p>
        <label htmlFor={fieldId}>{entryTexts.nameRoom}</label>
        <input
          dir="auto"
          ref={field}
          id={fieldId}
          className="field gate-field"
          value={name}
          placeholder={suggested}
          maxLength={LIMITS.name}
          autoComplete="nickname"
          enterKeyHint="go"
          onChange={(event) => setName(event.target.value)}
        />
        {problem !== null && (
          <p role="alert" className="front-problem">
            {problem}
          </p>
        )}
        <button type="submit" className="btn btn-go btn-large" disabled={busy}>
          {busy ? entryTexts.joining : entryTexts.joinTheRoom}
          <Icon name="arrow" />
        </button>
      </form>
      <RecoveryForm slug={slug} me={me} name={name.trim() || suggested} onOwner={onMe} />
    </main>
  );
}

/** Up to three names and the number of further names, as a phrase. */
function nameList(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const moreCount = names.length - shown.length;
  if (moreCount > 0) return entryTexts.andMore(shown.join(", "), moreCount);
  return shown.length <= 1
    ? (shown[0] ?? "")
    : entryTexts.and(shown.slice(0, -1).join(", "), shown.at(-1) ?? "");
}
