import { useEffect, useState } from "react";
import { useRoom } from "../room";
import { shareTexts } from "../texts";
import { errorText } from "./LinkRow";
import { Switch } from "./Switch";

/** The switch with which a host locks the room for people who are no members. */
export function RoomLock({ onProblem }: { readonly onProblem: (problem: string | null) => void }) {
  const room = useRoom();
  /** Null until the server has answered. A change is shown at once, and taken back if the server refuses it. */
  const [locked, setLocked] = useState<boolean | null>(null);

  useEffect(() => {
    let cancelled = false;
    room.api.isLocked().then(
      (found) => {
        if (!cancelled) setLocked(found);
      },
      (cause) => {
        if (!cancelled) onProblem(errorText(cause));
      },
    );
    return () => {
      cancelled = true;
    };
  }, [room, onProblem]);

  const pick = async (next: boolean): Promise<void> => {
    setLocked(next);
    try {
      await room.api.setLocked(next);
      onProblem(null);
      room.announce(next ? shareTexts.roomIsLocked : shareTexts.roomIsUnlocked);
    } catch (cause) {
      setLocked(!next);
      onProblem(errorText(cause));
    }
  };

  return (
    <Switch
      label={shareTexts.lockRoom}
      text={shareTexts.lockRoomText}
      on={locked === true}
      locked={locked === null}
      onPick={(next) => void pick(next)}
    />
  );
}
