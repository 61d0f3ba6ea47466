import { cardTexts } from "../../texts";

/** The time of day, such as "14:02", in the reader's time zone. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** The time of day, such as "14:02"; for other days than today with the date, such as "3 Jun, 14:02". */
export function timeOrDate(at: number, now: number): string {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return timeOfDay(at);
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${timeOfDay(at)}`;
}

/** A running time, such as "0:06" or "1:02:03". A negative time, from another machine's clock, is shown as "0:00". */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const tail = String(seconds % 60).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

/** A duration with its unit, such as "840 ms", "12.3 s" or "2:05 min". */
export function duration(ms: number): string {
  if (ms < 1000) return cardTexts.ms(Math.max(0, Math.round(ms)));
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return cardTexts.min(elapsed(ms));
}
