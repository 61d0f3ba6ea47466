package dev.parlor.room.worker;

import java.util.concurrent.CompletionException;

/** Unwraps the failure of a future. A dependent future wraps it in another exception. */
public final class FutureCause {

  private FutureCause() {}

  /**
   * The failure without its {@link CompletionException}.
   *
   * @param problem as the callback of a future receives it
   */
  public static Throwable of(Throwable problem) {
    return problem instanceof CompletionException && problem.getCause() != null
        ? problem.getCause()
        : problem;
  }
}
