import { useEffect } from "react";
import { useRoom } from "../../room";
import { publishTexts } from "../../texts";
import { type Remix, takeRemix } from "../remix";
import { addRemix } from "./remixCommands";

/** Puts the app into the room that a person has chosen for a remix before the room was open. */
export function useArrivingRemix(): void {
  const room = useRoom();
  useEffect(() => {
    const remix = takeRemix(room.slug);
    if (remix === null) return;
    if (!room.canEdit) {
      room.notify(publishTexts.canOnlyWatchRoomNot(remix.app.appSlug));
      return;
    }
    room.run(...addRemix(remix, room.authorship(), () => room.newId()));
    room.notify(sentenceOfRemix(remix));
  }, [room]);
}

/** What arrived in the room, and what did not. */
export function sentenceOfRemix({ app, others, left }: Remix): string {
  const sentences = [publishTexts.isInThisRoomNow(app.appSlug)];
  if (others.length > 0) sentences.push(publishTexts.itHasFiles(others.length + 1));
  if (left.length > 0) sentences.push(publishTexts.notTaken(left.join(", ")));
  return sentences.join(" ");
}
