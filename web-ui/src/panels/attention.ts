import { useEffect, useRef, useState } from "react";
import { memory, useChat, useResults, useRoom } from "../room";
import type { ChatEntry, Result } from "../room/schema/read";
import { playDone } from "./doneSound";

/** What was there when the tab was hidden. */
export type Seen = { readonly messages: ReadonlySet<string>; readonly running: ReadonlySet<string> };

/** The number of new messages of other people, and of this person's answers that ended, since the tab was hidden. */
export function countSince(
  seen: Seen,
  me: string,
  chat: readonly ChatEntry[],
  results: readonly Result[],
): { readonly messages: number; readonly answers: number } {
  const isOwn = (entry: ChatEntry): boolean => entry.by === me && entry.kind === "say";
  return {
    messages: chat.filter((entry) => !seen.messages.has(entry.id) && !isOwn(entry)).length,
    answers: results.filter(
      ({ request, by, status }) => by === me && status !== "running" && seen.running.has(request),
    ).length,
  };
}

/** The title of the browser's tab, with the number of unread things in front while the tab is hidden [U32]. */
export const tabTitle = (title: string, unread: number): string => {
  const name = title === "" ? "Parlor" : `${title} · Parlor`;
  return unread === 0 ? name : `(${unread > 99 ? "99+" : unread}) ${name}`;
};

/** The flag of the sound; it is off until the person switches it on. */
export const DONE_SOUND = "done-sound";

/**
 * The number of unread messages and finished own answers while the tab is hidden; 0 while it is visible. Plays the done
 * sound when an own answer ends in a hidden tab.
 */
export function useUnreadInHiddenTab(): number {
  const { me } = useRoom();
  const chat = useChat();
  const results = useResults();
  const [seen, setSeen] = useState<Seen | null>(null);
  const latest = useRef({ chat, results });
  latest.current = { chat, results };
  useEffect(() => {
    const onChange = (): void => {
      if (document.visibilityState === "visible") {
        setSeen(null);
        return;
      }
      const { chat: entries, results: all } = latest.current;
      setSeen({
        messages: new Set(entries.map(({ id }) => id)),
        // A request that waits in the queue has no result yet; it counts from its start.
        running: new Set(all.filter(({ status }) => status === "running").map(({ request }) => request)),
      });
    };
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  // An answer that begins while the tab is hidden counts when it ends.
  useEffect(() => {
    if (seen === null) return;
    const begun = results.filter(({ request, status }) => status === "running" && !seen.running.has(request));
    if (begun.length > 0)
      setSeen({ ...seen, running: new Set([...seen.running, ...begun.map(({ request }) => request)]) });
  }, [seen, results]);
  const count = seen === null ? { messages: 0, answers: 0 } : countSince(seen, me.identity, chat, results);
  const answers = useRef(0);
  useEffect(() => {
    if (count.answers > answers.current && memory.flag(DONE_SOUND, false)) playDone();
    answers.current = count.answers;
  }, [count.answers]);
  return count.messages + count.answers;
}
