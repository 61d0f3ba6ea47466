import "./recover.css";
import { type FormEvent, useId, useState } from "react";
import { ApiProblem, RoomApi } from "../room/api";
import { createIdentity, credentialOf } from "../room/credential";
import { memory, type OwnIdentity } from "../room/memory";
import { randomGuestName } from "../room/names";
import { entryTexts } from "../texts";

interface Props {
  readonly slug: string;
  readonly me: OwnIdentity | null;
  /** The name for a new identity, for a person who has none or one without a name. */
  readonly name?: string;
  readonly onOwner: (me: OwnIdentity) => void;
}

/** Asks for the recovery key of a room. The key makes this person the owner, for example in a new browser. */
export function RecoveryForm({ slug, me, name, onOwner }: Props) {
  const [open, setOpen] = useState(false);
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();

  if (!open) {
    return (
      <button type="button" className="recover-open" onClick={() => setOpen(true)}>
        {entryTexts.haveRecoveryKey}
      </button>
    );
  }

  const recover = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const recoveryKey = key.replace(/\s/g, "");
    if (busy || recoveryKey === "") return;
    setBusy(true);
    setProblem(null);
    try {
      let person = me ?? (await createIdentity(name ?? randomGuestName()));
      if (person.name === "") {
        person = { ...person, name: name ?? randomGuestName() };
        memory.setMe(person);
      }
      await new RoomApi(slug, { tokenSource: credentialOf(person), key: "" }).recover(recoveryKey);
      setOpen(false);
      onOwner(person);
    } catch (cause) {
      setProblem(errorText(cause));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="recover" onSubmit={recover}>
      <label htmlFor={id}>{entryTexts.recoveryKeyRoom}</label>
      <input
        dir="ltr"
        id={id}
        className="field"
        value={key}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        onChange={(event) => setKey(event.target.value)}
      />
      <p className="recover-hint">{entryTexts.makesOwnerRoomOwnerBefore}</p>
      {problem !== null && (
        <p role="alert" className="recover-problem">
          {problem}
        </p>
      )}
      <button type="submit" className="btn btn-go" disabled={busy}>
        {busy ? entryTexts.opening : entryTexts.useTheKey}
      </button>
    </form>
  );
}

function errorText(cause: unknown): string {
  if (!(cause instanceof ApiProblem) || cause.unreachable) {
    return entryTexts.serverNotAnswerTryLater;
  }
  return cause.code === "wrong-recovery-key" ? entryTexts.notRecoveryKeyRoom : cause.message;
}
