package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the state of several stores at one moment.
 *
 * <h2>Why the states belong together</h2>
 *
 * The commit thread of each store takes the state after a commit and then waits until all others
 * have taken theirs. So there is a moment at which every store is at its taken state. A write that
 * was submitted after another write had completed is therefore in the taken state only if the other
 * is too, whatever stores they went to.
 *
 * <p>Before that moment each store absorbs its change log in an ordinary commit, so the threads
 * wait only for a small commit. If a store takes longer than {@link FixedLimits#FREEZE_MILLIS_MAX},
 * the others go on and a new attempt is made.
 */
final class StoreCut {

  /** The stores did not reach the moment together. */
  static final class Missed extends IOException {
    private static final long serialVersionUID = 1L;

    Missed(Throwable cause) {
      super("the shards did not reach one moment in time", cause);
    }
  }

  private final List<MapDbChangeStore> stores;
  private final StorageId storageId;
  private final int shards;

  /**
   * @param stores all stores, the store of the data directory itself first
   */
  StoreCut(List<MapDbChangeStore> stores, StorageId storageId, int shards) {
    this.stores = stores;
    this.storageId = storageId;
    this.shards = shards;
  }

  /** Takes the states; blocks. */
  StoreView take() throws IOException {
    for (var attempt = 1; ; attempt++) {
      try {
        return attempt();
      } catch (Missed e) {
        if (attempt == FixedLimits.FREEZE_ATTEMPTS_MAX) {
          throw new IOException(
              "the disks are too slow for a backup at this moment: "
                  + attempt
                  + " times a shard needed longer than "
                  + FixedLimits.FREEZE_MILLIS_MAX
                  + " ms for one commit; try again later",
              e);
        }
      }
    }
  }

  private StoreView attempt() throws IOException {
    for (var absorbed : stores.stream().map(MapDbChangeStore::absorb).toList()) {
      var _ = await(absorbed);
    }
    var cut = new CyclicBarrier(stores.size());
    var states = stores.stream().map(store -> store.freeze(cut)).toList();
    var taken = new ArrayList<FrozenStore>();
    @Nullable IOException failure = null;
    for (var state : states) {
      try {
        taken.add(await(state));
      } catch (IOException e) {
        failure = failure == null || failure instanceof Missed ? e : failure;
      }
    }
    if (failure != null) {
      taken.forEach(FrozenStore::close);
      throw failure;
    }
    return new Cut(storageId, shards, List.copyOf(taken));
  }

  /**
   * Takes the state of a store after a commit, then waits until the other stores have taken theirs.
   * Called by the commit thread.
   */
  static void arrive(Write.Freeze freeze, Database database) {
    var started = System.nanoTime();
    FrozenStore state;
    try {
      var number =
          database.manifest() instanceof ShardManifest.Shard shard ? shard.number() + 1 : 0;
      state = database.freeze(number);
    } catch (IOException | RuntimeException | AssertionError e) {
      freeze.cut().reset();
      freeze.state().completeExceptionally(e);
      return;
    }
    try {
      var _ = freeze.cut().await(FixedLimits.FREEZE_MILLIS_MAX, TimeUnit.MILLISECONDS);
      state.paused(System.nanoTime() - started);
      freeze.state().complete(state);
    } catch (BrokenBarrierException | TimeoutException e) {
      state.close();
      freeze.state().completeExceptionally(new Missed(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      state.close();
      freeze.state().completeExceptionally(e);
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a backup began");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause
          ? cause
          : new IOException("a backup could not begin: " + e.getCause(), e.getCause());
    }
  }

  /** The taken states. */
  private record Cut(StorageId storageId, int shards, List<FrozenStore> states)
      implements StoreView {

    @Override
    public long pausedNanos() {
      return states.stream().mapToLong(FrozenStore::pausedNanos).max().orElse(0);
    }

    @Override
    public void read(Sink sink) throws IOException {
      for (var state : states) {
        state.read(sink);
      }
    }

    @Override
    public void close() {
      states.forEach(FrozenStore::close);
    }
  }
}
