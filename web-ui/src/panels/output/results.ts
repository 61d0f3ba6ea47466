import type { Result } from "../../room/schema/read";
import { outputTexts } from "../../texts";

/** The results with an answer, oldest first: all but refused requests, which never ran. */
export const answersOf = (results: readonly Result[]): readonly Result[] =>
  results.filter((result) => result.status !== "refused");

/** Whether an answer that is newer than the newest one at the time of the reader's choice exists. */
export const hasNewer = (newest: string | null, newestAtChoice: string | null): boolean =>
  newest !== null && newest !== newestAtChoice;

/** The sentence about an answer that ended early or with an error; null if the answer is complete or running. */
export function endingOf(
  result: Pick<Result, "status" | "reason" | "text" | "ending" | "tokensMax">,
): string | null {
  const part = result.text === "" ? "" : outputTexts.partFarKept;
  switch (result.ending) {
    case "length":
      return outputTexts.stoppedAt(
        limitText(result.tokensMax),
        result.text.trim() === "" ? outputTexts.beforeFirstWordAnswer : "",
      );
    case "content_filter":
    case "refusal":
    case "tool_calls":
    case "thoughts":
    case "empty":
    case "other":
    case "cut":
      return `${sentenceOf(result.reason ?? outputTexts.theAnswerEndedEarly)}${part}`;
  }
  switch (result.status) {
    case "running":
    case "done":
      return null;
    case "stopped":
      return `Stopped.${part}`;
    case "interrupted":
      return outputTexts.interruptedServerWentAwayWhile(part);
    case "error":
      return outputTexts.modelNotAnswer(result.reason ? `: ${withPeriod(result.reason)}` : ".", part);
    case "refused":
      return outputTexts.notRun(result.reason ? `: ${withPeriod(result.reason)}` : ".");
  }
}

/** The server's words at the end of a reason if the provider asks to wait. */
const WAIT = /; it asks to try again in (\d{1,9}) s\.?$/;

export const withoutWait = (reason: string): string => reason.replace(WAIT, "");

/** The time until which the provider asks to wait, by the server's clock; null if it does not ask. */
export function retryAt({
  status,
  reason,
  endedAt,
}: Pick<Result, "status" | "reason" | "endedAt">): number | null {
  const found = WAIT.exec(reason ?? "");
  return status !== "error" || found === null || endedAt === null ? null : endedAt + Number(found[1]) * 1000;
}

const limitText = (tokensMax: number | null | undefined): string =>
  tokensMax === null || tokensMax === undefined
    ? outputTexts.theModelsOwnLimit
    : outputTexts.theLimitOf(tokensMax.toLocaleString("en-GB"), tokensMax === 1 ? "token" : "tokens");

export const sentenceStart = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const sentenceOf = (text: string): string => withPeriod(sentenceStart(text));

/** The endings after which the model cannot continue the answer. */
const FINAL_ENDINGS: readonly unknown[] = ["complete", "content_filter", "refusal", "tool_calls"];

/** Whether the model can continue this answer: it has text and ended early. */
export const canContinue = (result: Pick<Result, "status" | "text" | "ending">): boolean =>
  (result.status === "stopped" || result.status === "interrupted" || result.status === "error") &&
  result.text.trim() !== "" &&
  !FINAL_ENDINGS.includes(result.ending);

/** The question that the Continue button sends. */
export const CONTINUE_QUERY = outputTexts.continueExactlyWhereStopped;

const withPeriod = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** "412 tokens", or "about 412 tokens" if the number is the server's estimate; null for no tokens. */
export function usageLine(usage: Result["usage"]): string | null {
  if (usage === null || usage.completionTokens === 0) return null;
  const total = usage.completionTokens;
  return `${usage.estimated ? outputTexts.about : ""}${total.toLocaleString("en-GB")} ${total === 1 ? "token" : "tokens"}`;
}
