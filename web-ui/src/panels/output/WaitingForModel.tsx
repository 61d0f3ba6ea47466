import { useCall } from "../../room";
import type { CallState } from "../../room/calls";
import { serverTime } from "../../room/clock";
import { modelTexts } from "../../texts";
import { elapsed } from "../shared/time";
import { useNow } from "../shared/useNow";

/** What happens before the first word of an answer: the endpoint, the time with its limit, and failed attempts. */
export function WaitingForModel({ request }: { readonly request: string }) {
  const call = useCall(request);
  const now = serverTime(useNow(call !== null, 1000));
  return (
    <div className="output-waiting">
      <p className="output-wait">{waitingText(call)}</p>
      {call !== null && (
        <p className="output-waiting-more">
          {call.retry !== null
            ? modelTexts.again(call.retry.reason, secondsUntil(call.retry.until, now))
            : waitedText(call, now)}
        </p>
      )}
      {call?.notes.map((note) => (
        <p key={note} className="output-waiting-more">
          {note}
        </p>
      ))}
    </div>
  );
}

export function waitingText(call: CallState | null): string {
  if (call === null || call.isThinking) return modelTexts.thinking;
  return call.endpoint === "" ? modelTexts.waiting : modelTexts.waitingFor(call.endpoint);
}

/** The time since the endpoint was asked, with the limit of the server while no thought has arrived. */
export function waitedText({ askedAt, firstWordMs, isThinking }: CallState, now: number): string {
  if (askedAt === 0) return "";
  const waited = elapsed(now - askedAt);
  return firstWordMs === 0 || isThinking ? waited : modelTexts.waited(waited, elapsed(firstWordMs));
}

/** The longest pause of the server is shorter. The maximum prevents a countdown of hours if a clock is wrong. */
const PAUSE_SECONDS_MAX = 60;

const secondsUntil = (until: number, now: number): number =>
  Math.min(PAUSE_SECONDS_MAX, Math.max(0, Math.ceil((until - now) / 1000)));
