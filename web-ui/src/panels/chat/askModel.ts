import type { Generation, Result } from "../../room";
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

/** The states of the requests that messages made, in words, by the ids of the messages. */
export type RequestStates = ReadonlyMap<string, string>;

export function requestStates({ lock, queue = [] }: Generation, results: readonly Result[]): RequestStates {
  const states = new Map<string, string>();
  if (lock?.chat != null) states.set(lock.chat, chatTexts.sendingToTheModel);
  let place = 0;
  for (const { chat, state } of queue) {
    if (state === "waiting") place++;
    if (chat === null) continue;
    states.set(
      chat,
      state === "waiting" ? chatTexts.inTheQueue(placeText(place)) : chatTexts.waitsForItsAuthor,
    );
  }
  for (const { chat, status } of results) {
    if (chat == null) continue;
    states.set(chat, RESULT_STATES[status] ?? chatTexts.answeredInOutput);
  }
  return states;
}

const RESULT_STATES: Partial<Record<Result["status"], string>> = {
  running: "The model is writing in Output",
  refused: "Not asked",
};

/** The states before, if they are equal to the new ones: an answer that grows then draws no message again. */
export const keptStates = (next: RequestStates, before: RequestStates): RequestStates =>
  next.size === before.size && [...next].every(([id, state]) => before.get(id) === state) ? before : next;
