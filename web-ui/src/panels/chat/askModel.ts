import type { ChatEntry, Generation, Result } from "../../room";
import { chatTexts } from "../../texts";
import { placeText } from "../composer/queue";

/**
 * The question of a message that asks the model: `@model`, or `@` and the model's name, at its beginning [GE16]. Null
 * for any other message, and for a message without words after that name.
 */
export function questionToModel(text: string, model: string): string | null {
  const lower = text.toLowerCase();
  for (const name of ["model", model.toLowerCase()]) {
    if (name === "" || !lower.startsWith(`@${name}`)) continue;
    const rest = text.slice(name.length + 1);
    if (rest !== "" && !/^[\s,:]/.test(rest)) continue;
    const question = rest.replace(/^[,:]/, "").trim();
    return question === "" ? null : question;
  }
  return null;
}

/** The state of the request that a message made, in words; null if the message made none, or if it was answered. */
export function requestState(
  { id }: Pick<ChatEntry, "id">,
  { lock, queue = [] }: Generation,
  results: readonly Result[],
): string | null {
  const result = results.find(({ chat }) => chat === id);
  if (result !== undefined) {
    if (result.status === "running") return chatTexts.modelWritingOutput;
    return result.status === "refused" ? chatTexts.notAsked : chatTexts.answeredInOutput;
  }
  const waiting = queue.filter(({ state }) => state === "waiting");
  const place = waiting.findIndex(({ chat }) => chat === id);
  if (place >= 0) return chatTexts.inTheQueue(placeText(place + 1));
  if (queue.some(({ chat }) => chat === id)) return chatTexts.waitsForItsAuthor;
  return lock?.chat === id ? chatTexts.sendingToTheModel : null;
}
