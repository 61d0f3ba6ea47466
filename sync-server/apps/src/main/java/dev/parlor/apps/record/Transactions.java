package dev.parlor.apps.record;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordStore.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Runs transactions. Transactions of one owner are submitted one after the other, so in one process
 * they do not conflict; on several machines, or after a failed commit, a conflict is retried. Safe
 * from any thread.
 */
public final class Transactions {

  /** Attempts of one transaction; then it fails with {@code unavailable}. */
  static final int ATTEMPTS_MAX = 5;

  private static final int LOCKS = 64;

  private final RecordStore store;
  private final ReentrantLock[] locks =
      IntStream.range(0, LOCKS).mapToObj(_ -> new ReentrantLock()).toArray(ReentrantLock[]::new);

  public Transactions(RecordStore store) {
    this.store = store;
  }

  /**
   * Runs a transaction.
   *
   * @param owner the user or context that the written records belong to
   * @param body reads and writes, and returns the result; it may run again after a conflict, and
   *     may throw {@link AppsException} to refuse
   * @return completes when the writes are durable; fails with the exception of the body, or with
   *     {@code unavailable} if the disk refuses
   */
  public <T> CompletableFuture<T> run(String owner, Function<Transaction, T> body) {
    return attempt(owner, body, 1);
  }

  /**
   * Runs a transaction that only reads, beside the transactions of any owner.
   *
   * @param body must not write
   */
  public <T> CompletableFuture<T> read(Function<Transaction, T> body) {
    try {
      return CompletableFuture.completedFuture(body.apply(new Transaction(store)));
    } catch (AppsException e) {
      return CompletableFuture.failedFuture(e);
    } catch (CompletionException e) {
      return CompletableFuture.failedFuture(unavailable());
    }
  }

  private <T> CompletableFuture<T> attempt(
      String owner, Function<Transaction, T> body, int attempt) {
    T result;
    CompletableFuture<Outcome> commit;
    var lock = locks[Math.floorMod(owner.hashCode(), LOCKS)];
    lock.lock();
    try {
      var transaction = new Transaction(store);
      result = body.apply(transaction);
      if (!transaction.writes()) {
        return CompletableFuture.completedFuture(result);
      }
      commit = store.commit(transaction.batch(owner));
    } catch (AppsException e) {
      return CompletableFuture.failedFuture(e);
    } catch (CompletionException e) {
      return CompletableFuture.failedFuture(unavailable());
    } finally {
      lock.unlock();
    }
    return commit
        .exceptionallyCompose(_ -> CompletableFuture.failedFuture(unavailable()))
        .thenComposeAsync(
            outcome -> after(outcome, result, owner, body, attempt), ON_ANOTHER_THREAD);
  }

  /** A retry blocks, so it must not run on the store's thread. */
  private static final java.util.concurrent.Executor ON_ANOTHER_THREAD = Thread::startVirtualThread;

  private <T> CompletableFuture<T> after(
      Outcome outcome, T result, String owner, Function<Transaction, T> body, int attempt) {
    return switch (outcome) {
      case Outcome.Committed() -> CompletableFuture.completedFuture(result);
      case Outcome.Conflict _ when attempt < ATTEMPTS_MAX -> attempt(owner, body, attempt + 1);
      case Outcome.Conflict _ ->
          CompletableFuture.failedFuture(
              AppsException.of(
                  ErrorCode.UNAVAILABLE,
                  "others change the same records at the moment; nothing was stored, try again"));
    };
  }

  private static AppsException unavailable() {
    return AppsException.of(
        ErrorCode.UNAVAILABLE, "the server's disk refuses at the moment; nothing was stored");
  }
}
