import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WaitTimeout, withTimeout } from "./timeout";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a promise that settles before the time limit keeps its outcome, and the timer is cleared", async () => {
  await expect(withTimeout(100, Promise.resolve(7), "it")).resolves.toBe(7);
  await expect(withTimeout(100, Promise.reject(new Error("no")), "it")).rejects.toThrow("no");
  expect(vi.getTimerCount()).toBe(0);
});

test("a promise that does not settle rejects at the time limit, and its later failure is ignored [CN7]", async () => {
  let fail: (problem: Error) => void = () => undefined;
  const waiting = withTimeout(
    100,
    new Promise<never>((_, reject) => {
      fail = reject;
    }),
    "it",
  );
  const outcome = expect(waiting).rejects.toBeInstanceOf(WaitTimeout);
  await vi.advanceTimersByTimeAsync(100);
  await outcome;
  fail(new Error("late"));
  await vi.advanceTimersByTimeAsync(0);
});
