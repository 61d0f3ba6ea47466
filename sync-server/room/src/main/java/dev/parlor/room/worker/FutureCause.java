package dev.parlor.room.worker;

import java.util.concurrent.CompletionException;

/** The failure of a future. A future that depends on a failed one wraps the failure. */
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
