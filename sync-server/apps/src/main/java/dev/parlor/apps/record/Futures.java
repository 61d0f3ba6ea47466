package dev.parlor.apps.record;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Waiting for futures on virtual threads. */
public final class Futures {
  private static final Executor VIRTUAL = Thread::startVirtualThread;

  private Futures() {}

  /** Runs blocking work on a new virtual thread. */
  public static <T> CompletableFuture<T> onVirtualThread(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, VIRTUAL);
  }

  /**
   * Waits for a result.
   *
   * @throws AppsException the refusal with which the future failed; {@code unavailable} if the disk
   *     failed
   */
  public static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw refusal(e);
    }
  }

  /** The refusal that a failure stands for; a defect is thrown on. */
  private static AppsException refusal(CompletionException failure) {
    return switch (failure.getCause()) {
      case AppsException refused -> refused;
      case IOException _ ->
          AppsException.of(
              ErrorCode.UNAVAILABLE, "the server's disk refuses at the moment; nothing was stored");
      case null, default -> throw failure;
    };
  }
}
