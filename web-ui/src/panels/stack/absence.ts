import type { Person } from "../../room";

/**
 * The time for which a person keeps the turn after their page is gone, in milliseconds. A reload takes less. The server
 * keeps a seat for the same time.
 */
export const GRACE_MS = 5_000;

/**
 * Tells who is absent for the order of turns: people who have been offline for the grace time. People who are offline
 * when the page first sees them are absent at once.
 */
export class Absence {
  /** The time at which each offline person was first seen offline. */
  readonly #since = new Map<string, number>();
  #first = true;

  /** Returns the absent people, and the time at which the next person becomes absent, or null. */
  update(
    people: readonly Pick<Person, "id" | "status">[],
    now: number,
  ): { readonly absent: ReadonlySet<string>; readonly nextAt: number | null } {
    for (const { id, status } of people) {
      if (status !== "offline") this.#since.delete(id);
      else if (!this.#since.has(id)) this.#since.set(id, this.#first ? now - GRACE_MS : now);
    }
    this.#first = false;
    const times = [...this.#since].map(([id, since]) => [id, since + GRACE_MS] as const);
    const later = times.filter(([, at]) => at > now).map(([, at]) => at);
    return {
      absent: new Set(times.filter(([, at]) => at <= now).map(([id]) => id)),
      nextAt: later.length === 0 ? null : Math.min(...later),
    };
  }
}
