import { useEffect, useId, useState } from "react";
import { type RoomFile, serverApi } from "../room/api";
import { frontTexts } from "../texts";

type Props = {
  /** The id of the chosen file, or null for a room without one. */
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
};

/** The choice of a room file for a new room. It is shown only if the server offers files. */
export function RoomFileChoice({ chosen, onChoose }: Props) {
  const files = useRoomFiles();
  const group = useId();
  if (files.length === 0) return null;
  const standard = { id: null, name: frontTexts.plainRoom, words: frontTexts.emptyRoom };
  const choices = [
    standard,
    ...files.map((file) => ({ id: file.id, name: file.name, words: wordsOf(file) })),
  ];
  return (
    <fieldset className="front-files">
      <legend>{frontTexts.startFrom}</legend>
      <div className="front-files-list">
        {choices.map(({ id, name, words }) => (
          <label key={id ?? ""} className="front-file-choice">
            <input
              type="radio"
              name={group}
              checked={chosen === id}
              onChange={() => onChoose(id)}
              className="unseen"
            />
            <b>{name}</b>
            <small>{words}</small>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function wordsOf({ description, multiplayer, shared, maxPlayers }: RoomFile): string {
  const kind = shared
    ? frontTexts.sharedRoom
    : multiplayer
      ? frontTexts.seats(maxPlayers)
      : frontTexts.forOnePerson;
  return description === "" ? kind : frontTexts.describedFile(description, kind);
}

/** The files that the server offers. Without an answer there are none, and a plain room can still be made. */
function useRoomFiles(): readonly RoomFile[] {
  const [files, setFiles] = useState<readonly RoomFile[]>([]);
  useEffect(() => {
    let cancelled = false;
    serverApi.roomFiles().then(
      (found) => {
        if (!cancelled) setFiles(found);
      },
      () => {},
    );
    return () => {
      cancelled = true;
    };
  }, []);
  return files;
}
