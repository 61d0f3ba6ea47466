/** A wait reached its limit. */
export class WaitTimeout extends Error {
  override readonly name = "TooLate";
}

/**
 * The promise's outcome, or `TooLate` after `ms` milliseconds. A later outcome is ignored, since the caller has already
 * continued. A later failure is not reported as unhandled.
 */
export function withTimeout<T>(ms: number, promise: Promise<T>, description: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new WaitTimeout(`${description} took longer than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
