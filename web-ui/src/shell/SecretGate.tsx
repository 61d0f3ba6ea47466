import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Icon } from "../icon/Icon";
import { ApiProblem, type OwnIdentity, RoomApi } from "../room";
import { credentialOf } from "../room/credential";
import { proofOf, secretsPossible } from "../room/secret";
import "./gate.css";
import { entryTexts } from "../texts";

interface Props {
  readonly slug: string;
  readonly linkKey: string;
  readonly me: OwnIdentity;
  readonly onOpen: () => void;
}

/** Asks for the room's secret word. The word stays in this page; only the answer to the server's challenge is sent. */
export function SecretGate({ slug, linkKey, me, onOpen }: Props) {
  const [word, setWord] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(
    secretsPossible() ? null : entryTexts.roomNeedsSecureConnectionHttps,
  );
  const field = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    field.current?.focus();
  }, []);

  const open = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || word.trim() === "" || !secretsPossible()) return;
    setBusy(true);
    setProblem(null);
    try {
      const api = new RoomApi(slug, { tokenSource: credentialOf(me), key: linkKey });
      const challenge = await api.secretChallenge();
      await api.answerSecret(challenge.nonce, await proofOf(word, challenge, slug, me.identity));
      onOpen();
    } catch (cause) {
      setBusy(false);
      setProblem(errorText(cause));
      field.current?.select();
    }
  };

  return (
    <main className="gate">
      <form className="gate-box" onSubmit={open}>
        <span className="mark">
          <i aria-hidden="true" />
          {entryTexts.parlor}
        </span>
        <h1>{entryTexts.roomSecret}</h1>
        <p className="gate-people">{entryTexts.askPersonGaveLinkAsked}</p>
        <label htmlFor={id}>{entryTexts.secretWord}</label>
        <input
          ref={field}
          id={id}
          className="field gate-field"
          type="password"
          value={word}
          maxLength={200}
          autoComplete="off"
          enterKeyHint="go"
          onChange={(event) => setWord(event.target.value)}
        />
        {problem !== null && (
          <p role="alert" className="front-problem">
            {problem}
          </p>
        )}
        <button type="submit" className="btn btn-go btn-large" disabled={busy}>
          {busy ? entryTexts.opening : entryTexts.openTheRoom}
          <Icon name="arrow" />
        </button>
      </form>
    </main>
  );
}

function errorText(cause: unknown): string {
  if (!(cause instanceof ApiProblem) || cause.unreachable) {
    return entryTexts.serverNotAnswerTryLater;
  }
  return cause.code === "wrong-secret" ? entryTexts.notSecretRoom : cause.message;
}
