import { useCall } from "../../room";
import type { CallState } from "../../room/calls";
import { serverTime } from "../../room/clock";
import { modelTexts } from "../../texts";
import { elapsed } from "../shared/time";
import { useNow } from "../shared/useNow";
import { sentenceStart, withoutWait } from "./results";

/** What happens before the first word of an answer: the endpoint, the time with its limit, and failed attempts. */
export function WaitingForModel({ request }: { readonly request: string }) {
  const call = useCall(request);
  const now = serverTime(useNow(call !== null, 1000));
  return (
    <div className="output-waiting">
      <p className="output-wait">{waitingText(call)}</p>
      {call !== null && !call.isThinking && (
        <p className="output-waiting-more">
          {call.retry !== null ? retryText(call.retry, now) : waitedText(call, now)}
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

/** The time since the endpoint was asked, with the limit of the server; empty once the model thinks. */
export function waitedText({ askedAt, firstWordMs, isThinking }: CallState, now: number): string {
  if (askedAt === 0 || isThinking) return "";
  const waited = elapsed(now - askedAt);
  return firstWordMs === 0 ? waited : modelTexts.waited(waited, elapsed(firstWordMs));
}

/** The failure in the provider's words, and the seconds until the next attempt. */
export function retryText({ reason, until, pauseMs }: NonNullable<CallState["retry"]>, now: number): string {
  // The clocks of browser and server differ: a pause never shows more seconds than it has.
  const seconds = Math.max(0, Math.ceil(Math.min(until - now, pauseMs) / 1000));
  return modelTexts.again(sentenceStart(withoutWait(reason)), seconds);
}
