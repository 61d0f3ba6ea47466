import { useEffect, useRef } from "react";
import { useResults } from "../../room";
import { endingOf } from "../output/results";
import { usePersonOf } from "../shared/people";
import { useAnnounce } from "../shared/useAnnounce";
import { useRunning } from "./useRequests";

/** Announces the start and the end of an answer to screen readers, and nothing in between. */
export function useRunAnnouncements(): void {
  const running = useRunning();
  const results = useResults();
  const person = usePersonOf();
  const announce = useAnnounce();
  const last = useRef<string | null | undefined>(undefined);
  const request = running?.granted ? running.request : null;

  useEffect(() => {
    const previous = last.current;
    last.current = request;
    if (request === previous) return;
    if (request !== null && running !== null) {
      const requester = person(running.by);
      announce(requester.isMe ? "Your answer has started" : `${requester.name} started generating`);
      return;
    }
    const ended =
      previous === null || previous === undefined
        ? undefined
        : results.find((each) => each.request === previous);
    if (ended !== undefined) announce(endingOf(ended) ?? "Response complete");
  }, [request, running, results, person, announce]);
}
