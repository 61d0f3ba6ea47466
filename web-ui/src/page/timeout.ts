/** A promise did not settle before its time limit. */
export class WaitTimeout extends Error {
  override readonly name = "TooLate";
}

/**
 * Gives the promise's outcome, or rejects with `WaitTimeout` after `ms` milliseconds. A later outcome is ignored, and a
 * later failure is not reported as unhandled.
 */
export function withTimeout<T>(ms: number, promise: Promise<T>, description: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new WaitTimeout(`${description} took longer than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
