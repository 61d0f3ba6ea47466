import { useCallback } from "react";
import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { perRoom } from "./perRoom";

const drafts = perRoom(() => new Map<string, Cell<string>>());

/**
 * A text that is not sent yet. It is stored for this tab, so it survives a reload or a change of layout. Other parts of
 * the page may add to it, for example a quote.
 */
export function draftIn(room: RoomSession, place: string): Cell<string> {
  const all = drafts(room);
  const known = all.get(place);
  if (known !== undefined) return known;
  const key = `parlor/draft/${room.slug}/${room.me.identity}/${place}`;
  const draft = new Cell(read(key));
  draft.subscribe(() => write(key, draft.get()));
  all.set(place, draft);
  return draft;
}

export function useDraft(place: string): [string, (text: string) => void] {
  const draft = draftIn(useRoom(), place);
  const set = useCallback((text: string) => draft.set(text), [draft]);
  return [useSource(draft, selectAll), set];
}

const selectAll = <T>(value: T): T => value;

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
