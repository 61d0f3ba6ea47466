package dev.parlor.nats.records;

import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.nats.records.BatchMessage.Large;
import dev.parlor.nats.records.BatchMessage.Removed;
import dev.parlor.nats.records.BatchMessage.Small;
import dev.parlor.nats.records.BatchMessage.State;
import dev.parlor.nats.records.BatchMessage.Written;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.RecordStore.Version;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The records of all batches as the stream has them, in memory, without their large values.
 *
 * <h2>Why a refresh sees all batches wholly</h2>
 *
 * A refresh asks the leader for its last message and reads up to the end of that message's batch,
 * from any replica. The stream keeps only the last message of a record. If a message is missing in
 * between, a later batch has replaced it, and the refresh reads on to the leader's new end. So it
 * ends with all that was committed when it began. Only then do the records become visible, all at
 * once.
 *
 * <p>The methods without locking need the lock that the constructor takes.
 */
final class RecordIndex {

  /** How long the cluster keeps the message of a removed record, and the ends of batches. */
  static final int REMOVED_SECONDS = (int) Duration.ofDays(7).toSeconds();

  /** After this time all records are read again, so that no removal is missed. */
  private static final Duration REBUILT_AFTER = Duration.ofDays(1);

  /** The last message of a record. */
  record Cell(long sequence, State state) {}

  private static final Cell NOTHING = new Cell(0, new Removed());

  private final ClusterClient client;
  private final ClusterNames names;
  private final InstantSource clock;
  private final Object lock;
  private final Executor threads;
  private TreeMap<String, Cell> cells = new TreeMap<>();

  /** The sequence up to which this index has all batches. */
  private long seen;

  private long rebuiltMillis;
  private @Nullable CompletableFuture<Void> nextRefresh;
  private boolean refreshing;
  private boolean closed;

  RecordIndex(ClusterClient client, InstantSource clock, Object lock, Executor threads) {
    this.client = client;
    this.names = client.settings().names();
    this.clock = clock;
    this.lock = lock;
    this.threads = threads;
    this.rebuiltMillis = clock.millis() - REBUILT_AFTER.toMillis();
  }

  /** The name of a record in the index. */
  static String name(RecordKey key) {
    return RecordName.of(key.table(), key.key());
  }

  /** The first record of a batch that is not as expected; the caller holds the lock. */
  Optional<RecordKey> conflict(RecordBatch batch) {
    return batch.expected().entrySet().stream()
        .filter(
            expected -> !version(cell(name(expected.getKey())).state()).equals(expected.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The version of a state; empty if there is no record. */
  static Optional<Version> version(State state) {
    return switch (state) {
      case Removed() -> Optional.empty();
      case Small(var value) -> Optional.of(new Version(LargeValues.sha256(value)));
      case Large object -> Optional.of(new Version(object.sha256()));
    };
  }

  /** The state of a record; the caller holds the lock. */
  Cell cell(String name) {
    return cells.getOrDefault(name, NOTHING);
  }

  /** The records of a range of names; the caller holds the lock. */
  NavigableMap<String, Cell> cells(String from, String to) {
    return cells.subMap(from, true, to, false);
  }

  /** All records; the caller holds the lock. */
  Map<String, Cell> cells() {
    return cells;
  }

  /** Puts the records of a batch that this process committed; the caller holds the lock. */
  void applied(List<Written> records, long firstSequence) {
    for (var i = 0; i < records.size(); i++) {
      put(cells, records.get(i).name(), new Cell(firstSequence + i, records.get(i).state()));
    }
  }

  /** The cluster no longer has the message of a removed record; the caller holds the lock. */
  void forget(String name, long sequence) {
    var cell = cells.get(name);
    if (cell != null && cell.sequence == sequence) {
      cells.remove(name);
    }
  }

  private static void put(Map<String, Cell> target, String name, Cell cell) {
    var _ = target.merge(name, cell, (old, given) -> given.sequence > old.sequence ? given : old);
  }

  /**
   * Completes when this index has every batch that was committed before this call. Calls that
   * arrive during a refresh share the next one.
   */
  CompletableFuture<Void> refreshed() {
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(
            new ClusterException(ClusterException.Kind.CLOSED, "the store is closed"));
      }
      var next = nextRefresh;
      if (next == null) {
        next = new CompletableFuture<>();
        nextRefresh = next;
        if (!refreshing) {
          refreshing = true;
          threads.execute(this::refreshWhileAsked);
        }
      }
      return next;
    }
  }

  private void refreshWhileAsked() {
    while (true) {
      CompletableFuture<Void> current;
      synchronized (lock) {
        current = nextRefresh;
        nextRefresh = null;
        refreshing = current != null;
      }
      if (current == null) {
        return;
      }
      try {
        refresh();
        current.complete(null);
      } catch (IOException | RuntimeException e) {
        current.completeExceptionally(e instanceof IOException ? e : new IOException(e));
      }
    }
  }

  /** Refuses further refreshes. */
  void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  /**
   * Reads what was committed since the last refresh; blocks. When it returns, this index has every
   * batch that was committed before the call. Only one thread may call it at a time.
   */
  void refresh() throws IOException {
    var now = clock.millis();
    var rebuilds = Math.abs(now - rebuiltMillis) >= REBUILT_AFTER.toMillis();
    var read = new HashMap<String, Cell>();
    long last;
    synchronized (lock) {
      last = rebuilds ? 0 : seen;
    }
    while (true) {
      var end = end();
      if (end <= last) {
        break;
      }
      var isWhole = read(last, end, read) == end - last;
      last = end;
      if (isWhole) {
        break;
      }
    }
    synchronized (lock) {
      var target = rebuilds ? new TreeMap<String, Cell>() : cells;
      read.forEach((name, cell) -> put(target, name, cell));
      if (rebuilds) {
        for (var own : cells.entrySet()) {
          if (own.getValue().sequence > last) {
            put(target, own.getKey(), own.getValue());
          }
        }
        cells = target;
        rebuiltMillis = now;
      }
      seen = Math.max(seen, last);
    }
  }

  /** The sequence of the last batch's end, from the leader; 0 if there is none. */
  private long end() throws IOException {
    return client.untilAnswered(
        () -> {
          var last = client.last(names.batches(), names.batchSubjects());
          if (last.isEmpty()) {
            return 0L;
          }
          var message = BatchMessage.decode(last.get());
          // The end of an old batch may have been deleted.
          if (message.toEnd() > 0 && clock.millis() - message.millis() < REBUILT_AFTER.toMillis()) {
            throw new ClusterException(
                ClusterException.Kind.UNANSWERED, "the leader is storing a batch");
          }
          return last.get().sequence();
        });
  }

  /**
   * Reads the messages after {@code last} up to {@code end}.
   *
   * @return how many there were
   */
  private long read(long last, long end, Map<String, Cell> into) throws IOException {
    var giveUp =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(client.settings().limits().appendMillis());
    var count = 0L;
    var next = last + 1;
    while (next <= end) {
      var messages = client.read(names.batches(), names.batchSubjects(), next, 1);
      for (var message : messages) {
        next = message.sequence() + 1;
        if (message.sequence() <= end) {
          count++;
          var written = written(message);
          if (written != null) {
            put(into, written.name(), new Cell(message.sequence(), written.state()));
          }
        }
      }
      if (messages.isEmpty()) {
        // The replica that answered is behind the leader, or the cluster has deleted the rest.
        if (end() < next) {
          break;
        }
        if (System.nanoTime() - giveUp >= 0) {
          throw new IOException("the replicas of " + names.batches() + " are behind their leader");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
    }
    return count;
  }

  private static @Nullable Written written(StoredMessage message) throws IOException {
    return BatchMessage.decode(message).content() instanceof Written written ? written : null;
  }
}
