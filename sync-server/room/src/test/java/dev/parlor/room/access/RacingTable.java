package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.ConflictException;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/**
 * One node's table on a store that several nodes share, for tests. A write answers at once from
 * what the node knows and is decided later by a thread, where it can lose against another node. The
 * node sees the writes of others only after it lost, asked, or was told with {@link #catchUp}.
 */
public final class RacingTable implements RecordTable {

  /** The records that all nodes share. */
  public static final class Shared {
    private final TreeMap<String, Bytes> records = new TreeMap<>();
    private final ExecutorService threads;
    private int conflicts;
    private int reads;
    private boolean isAway;

    /**
     * @param threads decide the writes
     */
    public Shared(ExecutorService threads) {
      this.threads = threads;
    }

    /** From now on, no request is answered, or requests are answered again. */
    public synchronized void setAway(boolean away) {
      isAway = away;
    }

    /** Writes that lost against another node. */
    public synchronized int conflicts() {
      return conflicts;
    }

    /** Calls of {@link RecordTable#current}. */
    public synchronized int reads() {
      return reads;
    }
  }

  private record Write(
      String key,
      Optional<Bytes> value,
      Optional<Optional<Bytes>> expected,
      CompletableFuture<Void> done) {}

  private final Shared shared;
  private final TreeMap<String, Bytes> known = new TreeMap<>();
  private final Map<String, ArrayDeque<Write>> pending = new HashMap<>();

  public RacingTable(Shared shared) {
    this.shared = shared;
  }

  /** This node learns the writes of the others. */
  public synchronized void catchUp() {
    synchronized (shared) {
      known.clear();
      known.putAll(shared.records);
    }
  }

  @Override
  public synchronized Optional<Bytes> get(String key) {
    var waiting = pending.get(key);
    return waiting == null || waiting.isEmpty()
        ? Optional.ofNullable(known.get(key))
        : waiting.getLast().value();
  }

  private CompletableFuture<Void> write(
      String key, Optional<Bytes> value, Optional<Optional<Bytes>> expected) {
    var write = new Write(key, value, expected, new CompletableFuture<>());
    var waiting = pending.computeIfAbsent(key, _ -> new ArrayDeque<>());
    waiting.add(write);
    if (waiting.size() == 1) {
      shared.threads.execute(() -> decide(write));
    }
    return write.done();
  }

  private void decide(Write write) {
    IOException problem = null;
    synchronized (this) {
      synchronized (shared) {
        var stored = Optional.ofNullable(shared.records.get(write.key()));
        if (shared.isAway) {
          problem = new IOException("the store does not answer");
        } else if (write.expected().isPresent() && !write.expected().get().equals(stored)) {
          shared.conflicts++;
          problem = new ConflictException("another node was faster");
        } else {
          set(shared.records, write.key(), write.value());
        }
        if (!shared.isAway) {
          set(known, write.key(), Optional.ofNullable(shared.records.get(write.key())));
        }
      }
      var waiting = Objects.requireNonNull(pending.get(write.key()));
      waiting.remove();
      if (!waiting.isEmpty()) {
        var next = waiting.getFirst();
        shared.threads.execute(() -> decide(next));
      }
    }
    if (problem == null) {
      write.done().complete(null);
    } else {
      write.done().completeExceptionally(problem);
    }
  }

  private static void set(Map<String, Bytes> records, String key, Optional<Bytes> value) {
    if (value.isPresent()) {
      records.put(key, value.get());
    } else {
      records.remove(key);
    }
  }

  @Override
  public synchronized CompletableFuture<Void> put(String key, Bytes value) {
    return write(key, Optional.of(value), Optional.empty());
  }

  @Override
  public synchronized PutIfAbsent putIfAbsent(String key, Bytes value) {
    var present = get(key);
    return present.isPresent()
        ? new PutIfAbsent(false, present.get(), settled(key).thenApply(_ -> null))
        : new PutIfAbsent(
            true, value, write(key, Optional.of(value), Optional.of(Optional.empty())));
  }

  @Override
  public synchronized Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    return get(key).equals(expected)
        ? new Replaced(true, write(key, Optional.of(value), Optional.of(expected)))
        : new Replaced(false, CompletableFuture.completedFuture(null));
  }

  @Override
  public synchronized CompletableFuture<Void> remove(String key) {
    return write(key, Optional.empty(), Optional.empty());
  }

  @Override
  public synchronized SortedMap<String, Bytes> withPrefix(String prefix) {
    var found = new TreeMap<String, Bytes>(known.subMap(prefix, prefix + Character.MAX_VALUE));
    pending.keySet().stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> set(found, key, get(key)));
    return found;
  }

  @Override
  public synchronized CompletableFuture<Optional<Bytes>> current(String key) {
    synchronized (shared) {
      shared.reads++;
      if (shared.isAway) {
        return CompletableFuture.failedFuture(new IOException("the store does not answer"));
      }
      var stored = Optional.ofNullable(shared.records.get(key));
      set(known, key, stored);
      return CompletableFuture.completedFuture(stored);
    }
  }

  @Override
  public synchronized CompletableFuture<Optional<Bytes>> settled(String key) {
    var waiting = pending.get(key);
    return waiting == null || waiting.isEmpty()
        ? CompletableFuture.completedFuture(committed(key))
        : waiting.getLast().done().handle((_, _) -> committed(key));
  }

  private synchronized Optional<Bytes> committed(String key) {
    return Optional.ofNullable(known.get(key));
  }
}
