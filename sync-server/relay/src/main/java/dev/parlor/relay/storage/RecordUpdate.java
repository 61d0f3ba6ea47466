package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record, decides, and writes it, as one step for all threads and nodes: the decision is
 * taken again whenever another writer was faster. On a store that several nodes share, a write
 * counts only after its commit, so the result is known only then.
 */
public final class RecordUpdate {

  /** Time that an update may take; then it fails, and it is not known whether it was stored. */
  public static final int UPDATE_MILLIS_MAX = 25_000;

  private RecordUpdate() {}

  /**
   * A decision about a record.
   *
   * @param value the new value; null if the record stays as it is
   */
  public record Decision<R>(@Nullable Bytes value, R result) {

    /** Writes a value. */
    public static <R> Decision<R> put(Bytes value, R result) {
      return new Decision<>(value, result);
    }

    /** Leaves the record as it is. */
    public static <R> Decision<R> keep(R result) {
      return new Decision<>(null, result);
    }
  }

  /**
   * Updates a record. The first decision is taken by the calling thread, further ones by threads
   * that may block.
   *
   * @param decide returns the decision about the present value; may be called several times
   * @return the result of the decision that was stored, when it is durable; fails with an {@link
   *     IOException} if the store does not answer, or with the exception of {@code decide}
   */
  public static <R> CompletableFuture<R> start(
      RecordTable table, String key, Function<Optional<Bytes>, Decision<R>> decide) {
    var done = new CompletableFuture<R>();
    attempt(table, key, decide, done);
    if (!done.isDone()) {
      done.orTimeout(UPDATE_MILLIS_MAX, TimeUnit.MILLISECONDS);
    }
    return done;
  }

  /**
   * As {@link #start}, and waits for the result.
   *
   * @throws StoreUnavailableException if the store does not answer
   */
  public static <R> R run(
      RecordTable table, String key, Function<Optional<Bytes>, Decision<R>> decide) {
    return await(start(table, key, decide));
  }

  /**
   * Waits for a future of the store.
   *
   * @throws StoreUnavailableException if the store does not answer, or refuses
   */
  public static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException problem -> throw new StoreUnavailableException(problem);
        case TimeoutException problem ->
            throw new StoreUnavailableException(
                new StoreUnreachableException("no answer in time", problem));
        case RuntimeException problem -> throw problem;
        case null, default -> throw e;
      }
    }
  }

  private static <R> void attempt(
      RecordTable table,
      String key,
      Function<Optional<Bytes>, Decision<R>> decide,
      CompletableFuture<R> done) {
    try {
      while (!done.isDone()) {
        var present = table.get(key);
        var decision = decide.apply(present);
        if (decision.value() == null) {
          // The value may be one that is on its way and will not be stored.
          var settled = table.settled(key);
          if (!settled.isDone()) {
            again(settled, table, key, decide, done);
            return;
          }
          if (settled.join().equals(present)) {
            done.complete(decision.result());
            return;
          }
          continue;
        }
        var outcome = table.replace(key, present, decision.value());
        if (outcome.replaced()) {
          finish(outcome.committed(), decision.result(), table, key, decide, done);
          return;
        }
      }
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  /** Decides again when the writes on their way are stored or have failed. */
  private static <R> void again(
      CompletableFuture<Optional<Bytes>> settled,
      RecordTable table,
      String key,
      Function<Optional<Bytes>, Decision<R>> decide,
      CompletableFuture<R> done) {
    var _ =
        settled.whenCompleteAsync(
            (_, _) -> attempt(table, key, decide, done), Thread::startVirtualThread);
  }

  private static <R> void finish(
      CompletableFuture<Void> committed,
      R result,
      RecordTable table,
      String key,
      Function<Optional<Bytes>, Decision<R>> decide,
      CompletableFuture<R> done) {
    var _ =
        committed.whenComplete(
            (_, problem) -> {
              if (problem == null) {
                done.complete(result);
              } else if (cause(problem) instanceof ConflictException) {
                Thread.startVirtualThread(() -> attempt(table, key, decide, done));
              } else {
                done.completeExceptionally(cause(problem));
              }
            });
  }

  private static Throwable cause(Throwable problem) {
    return problem instanceof CompletionException && problem.getCause() != null
        ? problem.getCause()
        : problem;
  }
}
