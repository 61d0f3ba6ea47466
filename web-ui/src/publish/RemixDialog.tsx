import "./publish.css";
import "./my-apps.css";
import { Dialog } from "radix-ui";
import { type FormEvent, useId, useState } from "react";
import { Icon } from "../icon/Icon";
import { go, roomPath } from "../page/route";
import { memory } from "../room/memory";
import { publishTexts } from "../texts";
import type { AppName } from "./api";
import { ownApps } from "./own";
import { readRemix, sendRemix } from "./remix";
import { sentenceOf } from "./sentences";

/** Makes a room. Its link is followed by `enter`. */
export type NewRoom = (
  title: string,
) => Promise<{ readonly slug: string; readonly enter: () => Promise<void> }>;

/** The most recent rooms that are offered. */
const ROOMS_MAX = 6;
const NEW = "";

/** Asks for the room into which a copy of an app goes, and brings the app and the person there. */
export function RemixDialog({
  app,
  newRoom,
  onClose,
}: {
  readonly app: AppName;
  readonly newRoom: NewRoom;
  readonly onClose: () => void;
}) {
  const group = useId();
  const [rooms] = useState(() =>
    memory
      .rooms()
      .filter(({ role }) => role !== "spectator")
      .slice(0, ROOMS_MAX),
  );
  const [chosen, setChosen] = useState(NEW);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const remix = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const files = await readRemix(ownApps(), app);
      const room = rooms.find(({ slug }) => slug === chosen);
      if (room === undefined) {
        const made = await newRoom(app.appSlug);
        sendRemix(made.slug, files);
        await made.enter();
      } else {
        sendRemix(room.slug, files);
        go(roomPath(room.slug, room.key));
      }
    } catch (cause) {
      setProblem(sentenceOf(cause));
      setBusy(false);
    }
  };

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog publish remix"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
        >
          <header>
            <Dialog.Title asChild>
              <h2>{publishTexts.remixQuoted(app.appSlug)}</h2>
            </Dialog.Title>
            <Dialog.Close className="icon-btn" aria-label={publishTexts.close}>
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <form id={`${group}-form`} className="publish-in" onSubmit={(event) => void remix(event)}>
            <Dialog.Description className="publish-hint">
              {publishTexts.copyCodeGoesIntoRoom}
            </Dialog.Description>
            {problem !== null && (
              <p className="publish-warn" data-failed="true" role="alert">
                <Icon name="warn" />
                <span>{problem}</span>
              </p>
            )}
            <fieldset className="remix-rooms">
              <legend className="publish-label">{publishTexts.room}</legend>
              {[{ slug: NEW, title: publishTexts.aNewRoom }, ...rooms].map(({ slug, title }) => (
                <label key={slug} data-on={chosen === slug}>
                  <input
                    type="radio"
                    name={group}
                    value={slug}
                    checked={chosen === slug}
                    onChange={() => setChosen(slug)}
                  />
                  {title || publishTexts.untitledRoom}
                </label>
              ))}
            </fieldset>
          </form>
          <footer>
            <span className="grow" />
            <Dialog.Close className="btn">{publishTexts.cancel}</Dialog.Close>
            <button type="submit" form={`${group}-form`} className="btn btn-go" disabled={busy}>
              {busy ? publishTexts.copying : publishTexts.remix}
            </button>
          </footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
