import { useEffect, useRef } from "react";
import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

const questions = new WeakMap<RoomSession, Cell<string>>();

/**
 * The question that this person is writing. It is stored for this tab, so it survives a reload. Other parts of the page
 * may fill it, for example with a starter.
 */
export function questionIn(room: RoomSession): Cell<string> {
  let question = questions.get(room);
  if (question === undefined) {
    const stored = new Cell(read(keyOf(room)));
    stored.subscribe(() => write(keyOf(room), stored.get()));
    questions.set(room, stored);
    question = stored;
  }
  return question;
}

export const useQuestion = (): string => useSource(questionIn(useRoom()), selectAll);

/** Puts a question that did not run back into the field, unless the person has written another one meanwhile. */
export function giveBack(room: RoomSession, text: string): void {
  const question = questionIn(room);
  if (question.get().trim() === "") question.set(text);
}

const focusCalls = perRoom(() => new Cell(0));

/** Puts the focus into the field for the question. */
export function focusComposer(room: RoomSession): void {
  const calls = focusCalls(room);
  calls.set(calls.get() + 1);
}

/** Calls `focus` when another part of the page wants the person to write a question. */
export function useOnComposer(focus: () => void): void {
  const calls = useSource(focusCalls(useRoom()), selectAll);
  const seen = useRef(calls);
  const latest = useRef(focus);
  latest.current = focus;
  useEffect(() => {
    if (seen.current !== calls) latest.current();
    seen.current = calls;
  }, [calls]);
}

const selectAll = <T>(value: T): T => value;

const keyOf = ({ slug, me }: RoomSession): string => `parlor/draft/${slug}/${me.identity}/query`;

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // Storage is full or forbidden: the text stays in the page.
  }
}
