import { useMemo } from "react";
import { useParticipants, useRoom } from "../../room";
import { voteTexts } from "../../texts";

/** Gives the name of an identity. It changes with the participants only, and not when a person moves or types. */
export function useVoterName(): (identity: string) => string {
  const { me } = useRoom();
  const participants = useParticipants();
  return useMemo(() => {
    const names = new Map(participants.map(({ id, name }) => [id, name]));
    return (identity) =>
      identity === me.identity ? voteTexts.you : (names.get(identity) ?? voteTexts.someone);
  }, [participants, me.identity]);
}
