import { withBase } from "../page/base";
import "./front.css";
import { type FormEvent, useEffect, useId, useState } from "react";
import { Icon } from "../icon/Icon";
import { whenIdle } from "../page/idle";
import { storePageOffline } from "../page/offline";
import { go, roomPath } from "../page/route";
import { remixOf } from "../publish/addresses";
import type { AppName } from "../publish/api";
import { MyApps } from "../publish/MyApps";
import { type NewRoom, RemixDialog } from "../publish/RemixDialog";
import { ApiProblem, type CreatedRoom, serverApi } from "../room/api";
import { browserStoresData, createIdentity, credentialOf } from "../room/credential";
import { memory, type OwnIdentity, type RoomRecord } from "../room/memory";
import { LIMITS } from "../room/schema/document";
import { newSecret, secretsPossible } from "../room/secret";
import { prefetchRoomCode } from "../shell/roomCode";
import { ThemeSwitch } from "../shell/ThemeSwitch";
import { frontTexts } from "../texts";
import { RoomFileChoice } from "./RoomFileChoice";
import { RoomPicture } from "./RoomPicture";

/** The page at `/`: a form that creates a room, and the rooms that this browser has visited. */
export function FrontPage() {
  const [title, setTitle] = useState("");
  /** The secret word, or null if the room has none. */
  const [word, setWord] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  /** The app that is to be remixed, at first the one in the address. */
  const [remix, setRemix] = useState<AppName | null>(() => remixOf(window.location.search));
  const [rooms, setRooms] = useState(recentRooms);
  const readRooms = () => setRooms(recentRooms());
  /** The id of the chosen room file, or null. */
  const [roomFile, setRoomFile] = useState<string | null>(null);
  const fieldId = useId();

  useEffect(() => {
    document.title = frontTexts.parlorPromptItTogether;
    const cleanups = [whenIdle(prefetchRoomCode), storePageOffline()];
    return () => {
      for (const stop of cleanups) stop();
    };
  }, []);

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const room = await serverApi.createRoom(
        title.trim() || undefined,
        credentialOf(await ownIdentity()),
        word === null || word.trim() === "" ? undefined : await newSecret(word),
        roomFile ?? undefined,
      );
      await goTo(room);
    } catch (cause) {
      setBusy(false);
      setProblem(
        cause instanceof ApiProblem && !cause.unreachable
          ? cause.message
          : frontTexts.serverNotAnswerRoomsOpened,
      );
    }
  };

  const importFile = async (file: File): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      if (file.size > LIMITS.file) throw new ApiProblem(413, "", frontTexts.fileTooLargeRoom);
      const room = await serverApi.importRoom(
        (await isAutomergeFile(file)) ? file : parseRoom(await file.text()),
        credentialOf(await ownIdentity()),
      );
      await goTo(room);
    } catch (cause) {
      setBusy(false);
      setProblem(
        cause instanceof ApiProblem && !cause.unreachable ? cause.message : frontTexts.serverNotAnswerFileNot,
      );
    }
  };

  const newRoom: NewRoom = async (name) => {
    const room = await serverApi.createRoom(name, credentialOf(await ownIdentity()));
    return { slug: room.slug, enter: () => goTo(room) };
  };
  const endRemix = (): void => {
    setRemix(null);
    window.history.replaceState(null, "", withBase("/"));
  };

  return (
    <div className="front">
      <header className="front-bar">
        <span className="mark">
          <i aria-hidden="true" />
          {frontTexts.parlor}
        </span>
        <ThemeSwitch />
      </header>
      <main className="front-main" data-returning={rooms.length > 0}>
        <div className="front-words">
          <h1>{frontTexts.promptItTogether}</h1>
          <p className="lede">{frontTexts.oneRoomOneStackCards}</p>
          <form onSubmit={create} className="front-form">
            <label htmlFor={fieldId}>{frontTexts.whatIsTheRoomFor}</label>
            <div className="front-row">
              <input
                id={fieldId}
                className="field front-field"
                value={title}
                onChange={(event) => setTitle(event.target.value)}
                maxLength={LIMITS.title}
                placeholder={frontTexts.launchPageCopy}
                autoComplete="off"
                enterKeyHint="go"
              />
              <button type="submit" className="btn btn-go btn-large" disabled={busy}>
                {busy ? frontTexts.opening : frontTexts.openARoom}
                <Icon name="arrow" />
              </button>
            </div>
            <p className="front-small">
              <span>{frontTexts.canLeaveEmptyNoAccount}</span>
              {word === null && secretsPossible() && (
                <button type="button" className="front-more" onClick={() => setWord("")}>
                  {frontTexts.addASecretWord}
                </button>
              )}
              <label className="front-more front-file">
                {frontTexts.importARoom}
                <input
                  type="file"
                  accept=".json,.automerge,application/json"
                  className="unseen"
                  disabled={busy}
                  onChange={(event) => {
                    const file = event.target.files?.[0];
                    event.target.value = "";
                    if (file !== undefined) void importFile(file);
                  }}
                />
              </label>
            </p>
            <RoomFileChoice chosen={roomFile} onChoose={setRoomFile} />
            {word !== null && (
              <p className="front-secret">
                <label htmlFor={`${fieldId}-secret`}>{frontTexts.secretWordPeopleWillNeed}</label>
                <input
                  id={`${fieldId}-secret`}
                  className="field"
                  type="password"
                  value={word}
                  maxLength={200}
                  autoComplete="new-password"
                  // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
                  autoFocus
                  onChange={(event) => setWord(event.target.value)}
                />
              </p>
            )}
            {problem !== null && (
              <p className="front-problem" role="alert">
                {problem}
              </p>
            )}
          </form>
        </div>
        {rooms.length === 0 ? <RoomPicture /> : <RecentRooms rooms={rooms} onChange={readRooms} />}
        {memory.me() !== null && (
          <div className="front-apps">
            <MyApps onRemix={setRemix} />
          </div>
        )}
      </main>
      {remix !== null && <RemixDialog app={remix} newRoom={newRoom} onClose={endRemix} />}
    </div>
  );
}

/** The identity of the new room's owner. If there is none, creates one without a name; the room asks for the name. */
const ownIdentity = async (): Promise<OwnIdentity> => memory.me() ?? (await createIdentity(""));

/**
 * Opens a new room. The owner can enter by any link, so the address shows the player link. Only a browser that stores
 * nothing needs the host link.
 */
async function goTo(room: CreatedRoom): Promise<void> {
  // A shared room that was there before has no host link for this person.
  const path = (await browserStoresData()) ? room.links.player : (room.links.host ?? room.links.player);
  const link = new URL(path, window.location.href);
  go(link.pathname + link.hash);
}

/** Whether the file begins with the bytes of an Automerge document, whatever its name is. */
async function isAutomergeFile(file: File): Promise<boolean> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return [0x85, 0x6f, 0x4a, 0x83].every((byte, index) => start[index] === byte);
}

function parseRoom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem(400, "", frontTexts.isntRoomFileChooseExport);
  }
}

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

const recentRooms = (): RoomRecord[] => memory.rooms().slice(0, 6);

type RecentProps = { readonly rooms: readonly RoomRecord[]; readonly onChange: () => void };

/** The rooms that this browser has visited, the latest first. */
function RecentRooms({ rooms, onChange }: RecentProps) {
  const forget = (slug: string): void => {
    memory.forgetRoom(slug);
    onChange();
  };
  return (
    <section className="recent" aria-label={frontTexts.recentRooms}>
      <h2>{frontTexts.recentRooms}</h2>
      <ul>
        {rooms.map((room) => (
          <li key={room.slug}>
            <a
              href={roomPath(room.slug, room.key)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                go(roomPath(room.slug, room.key));
              }}
            >
              <b>{room.title || frontTexts.untitledRoom}</b>
              <small>
                {frontTexts.roles[room.role]} · {date.format(room.visitedAt)}
              </small>
            </a>
            <button
              type="button"
              className="icon-btn"
              aria-label={frontTexts.forget(room.title || frontTexts.untitledRoom)}
              title={frontTexts.forgetRoomBrowser}
              onClick={() => forget(room.slug)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
