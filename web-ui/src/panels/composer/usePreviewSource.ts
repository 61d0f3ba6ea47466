import { useCallback, useMemo } from "react";
import { useCards, useRoom } from "../../room";
import { shortened } from "../../room/schema/scalars";
import { toRequest, useAttachments } from "./attachments";
import type { PreviewProps } from "./PreviewButton";

/** The maximum length of a card's text in the preview's list of problems. */
const QUOTE_MAX = 60;

/** The source of previews of the prompt: the server, and the cards of the stack. */
export function usePreviewSource(): Pick<PreviewProps, "version" | "cardText" | "load"> {
  const room = useRoom();
  const cards = useCards();
  const attachments = useAttachments();
  const load = useCallback(
    (query: string, after: string, signal: AbortSignal) =>
      room.api.preview(query, after, signal, toRequest(attachments)),
    [room, attachments],
  );
  return useMemo(
    () => ({
      version: cards,
      cardText: (id) => {
        const text = cards.find((card) => card.id === id)?.text ?? null;
        return text === null ? null : shortened(text, QUOTE_MAX);
      },
      load,
    }),
    [cards, load],
  );
}
