import { useEffect, useRef } from "react";
import { useGeneration, useResults, useRoom } from "../../room";
import type { Result } from "../../room/schema/read";
import { composerTexts } from "../../texts";
import { endingOf } from "../output/results";
import { usePersonOf } from "../shared/people";
import { useAnnounce } from "../shared/useAnnounce";

/**
 * Announces the start and the end of each answer to screen readers, and nothing in between. Tells a person whose
 * question must wait which place it has.
 */
export function useRunAnnouncements(): void {
  const results = useResults();
  const person = usePersonOf();
  const announce = useAnnounce();
  const before = useRef<ReadonlySet<string> | null>(null);

  useEffect(() => {
    const running = new Set(results.filter(isRunning).map(({ request }) => request));
    const last = before.current;
    before.current = running;
    for (const result of results) {
      const { request } = result;
      if (running.has(request) && last?.has(request) !== true) {
        const requester = person(result.by);
        announce(
          requester.isMe
            ? composerTexts.yourAnswerHasStarted
            : composerTexts.startedGenerating(requester.name),
        );
      } else if (last?.has(request) === true && !running.has(request)) {
        announce(endingOf(result) ?? composerTexts.responseComplete);
      }
    }
  }, [results, person, announce]);
  usePlaceAnnouncement();
}

const isRunning = ({ status }: Result): boolean => status === "running";

function usePlaceAnnouncement(): void {
  const { me } = useRoom();
  const { queue = [], grants = [] } = useGeneration();
  const results = useResults();
  const person = usePersonOf();
  const announce = useAnnounce();
  const known = useRef(new Set<string>());
  const waiting = queue.filter(({ state }) => state === "waiting");

  useEffect(() => {
    waiting.forEach(({ request, by }, index) => {
      if (by !== me.identity || known.current.has(request)) return;
      known.current.add(request);
      const running = results.find((result) => result.request === grants[0]?.request);
      const first = running === undefined || running.by === me.identity ? null : person(running.by).name;
      if (index > 0) announce(composerTexts.questionNumberLine(index + 1));
      else
        announce(first === null ? composerTexts.questionNextLine : composerTexts.firstYoursNextLine(first));
    });
  }, [waiting, grants, results, me.identity, person, announce]);
}
