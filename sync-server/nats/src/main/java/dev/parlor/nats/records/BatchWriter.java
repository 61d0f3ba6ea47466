package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.records.AtomicBatch.Part;
import dev.parlor.nats.records.BatchMessage.Large;
import dev.parlor.nats.records.BatchMessage.Mark;
import dev.parlor.nats.records.BatchMessage.Removed;
import dev.parlor.nats.records.BatchMessage.Small;
import dev.parlor.nats.records.BatchMessage.State;
import dev.parlor.nats.records.BatchMessage.Written;
import dev.parlor.nats.records.RecordIndex.Cell;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Stores batches of records, each as an atomic batch of the stream. Every message names the
 * sequence that it expects as the last one of its record; a record that is expected and not put has
 * a message without content, which only carries the expectation. Blocks. Safe from any thread, but
 * batches with a common record must come one after the other.
 */
final class BatchWriter {

  /** Batches that this process stores at the same time; above: the others wait. */
  private static final int SLOTS = 4;

  private final ClusterClient client;
  private final ClusterNames names;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final LargeValues large;
  private final RecordIndex index;
  private final Object lock;
  private final Executor threads;
  private final BlockingQueue<BatchSlot> slots = new ArrayBlockingQueue<>(SLOTS);

  /**
   * @param lock guards the index
   * @param threads delete old large values
   */
  BatchWriter(
      ClusterClient client,
      RandomGenerator random,
      InstantSource clock,
      LargeValues large,
      RecordIndex index,
      Object lock,
      Executor threads) {
    this.client = client;
    this.names = client.settings().names();
    this.random = random;
    this.clock = clock;
    this.large = large;
    this.index = index;
    this.lock = lock;
    this.threads = threads;
    var process = number().toHex();
    for (var i = 0; i < SLOTS; i++) {
      slots.add(new BatchSlot(client, random, process + "-" + i));
    }
  }

  /** Stores a batch, or finds out that a record is not as it expects. */
  Outcome store(RecordBatch batch) throws IOException {
    BatchSlot slot;
    try {
      slot = slots.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(Kind.CLOSED, "interrupted", e);
    }
    var objects = new HashMap<RecordKey, State>();
    try {
      return store(batch, slot, objects);
    } catch (ClusterException e) {
      if (e.kind() == Kind.CONFLICT || e.kind() == Kind.REFUSED) {
        discard(objects); // Certainly no record names them, now or later.
      }
      throw e;
    } finally {
      slots.add(slot);
    }
  }

  private Outcome store(RecordBatch batch, BatchSlot slot, Map<RecordKey, State> objects)
      throws IOException {
    var limits = client.settings().limits();
    var giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.appendMillis());
    var isFresh = false;
    while (true) {
      var cells = new HashMap<String, Cell>();
      Optional<RecordKey> conflict;
      synchronized (lock) {
        conflict = index.conflict(batch);
        batch
            .expected()
            .keySet()
            .forEach(key -> cells.put(RecordIndex.name(key), index.cell(RecordIndex.name(key))));
        batch
            .puts()
            .keySet()
            .forEach(key -> cells.put(RecordIndex.name(key), index.cell(RecordIndex.name(key))));
      }
      if (conflict.isPresent() && isFresh) {
        discard(objects);
        return new Outcome.Conflict(conflict.get());
      }
      if (conflict.isEmpty()) {
        try {
          storeOnce(batch, slot, objects, cells);
          return new Outcome.Committed();
        } catch (ClusterException e) {
          if (e.kind() != Kind.CONFLICT || System.nanoTime() - giveUp >= 0) {
            throw e;
          }
          forgetDeleted(cells);
          // Another batch with these records may be on its way.
          LockSupport.parkNanos(random(TimeUnit.MILLISECONDS.toNanos(10)));
        }
      }
      var _ = RecordFutures.await(index.refreshed());
      isFresh = true;
    }
  }

  private void storeOnce(
      RecordBatch batch, BatchSlot slot, Map<RecordKey, State> objects, Map<String, Cell> cells)
      throws IOException {
    var millis = clock.millis();
    var written = new ArrayList<Written>();
    for (var put : batch.puts().entrySet()) {
      written.add(new Written(RecordIndex.name(put.getKey()), state(put, objects, millis)));
    }
    var guarded =
        batch.expected().keySet().stream().filter(key -> !batch.puts().containsKey(key)).toList();
    var number = number();
    var count = written.size() + guarded.size() + 1;
    var parts = new ArrayList<Part>();
    for (var record : written) {
      var message = new BatchMessage(number, parts.size(), count, millis, record);
      parts.add(
          new Part(
              names.batchRecord(record.name()),
              Bytes.wrap(message.encode()),
              sequence(cells, record.name()),
              null,
              record.state() instanceof Removed
                  ? RecordIndex.REMOVED_SECONDS
                  : ClusterClient.FOR_EVER));
    }
    for (var key : guarded) {
      var message = new BatchMessage(number, parts.size(), count, millis, new Mark());
      parts.add(
          new Part(
              slot.guard(),
              Bytes.wrap(message.encode()),
              sequence(cells, RecordIndex.name(key)),
              names.batchRecord(RecordIndex.name(key)),
              RecordIndex.REMOVED_SECONDS));
    }
    var end = slot.store(parts, new BatchMessage(number, count - 1, count, millis, new Mark()));
    synchronized (lock) {
      index.applied(written, end - count + 1);
    }
    for (var record : written) {
      if (cells.getOrDefault(record.name(), new Cell(0, new Removed())).state()
          instanceof Large replaced) {
        threads.execute(() -> large.delete(replaced.object()));
      }
    }
  }

  private static long sequence(Map<String, Cell> cells, String name) {
    var cell = cells.get(name);
    return cell == null ? 0 : cell.sequence();
  }

  /** The state that a put writes; a large value is written once for all attempts. */
  private State state(
      Map.Entry<RecordKey, Optional<Bytes>> put, Map<RecordKey, State> objects, long millis)
      throws IOException {
    var value = put.getValue();
    if (value.isEmpty()) {
      return new Removed();
    }
    if (value.get().length() <= NatsRecordStore.SMALL_BYTES_MAX) {
      return new Small(value.get());
    }
    var known = objects.get(put.getKey());
    if (known == null) {
      known = large.write(value.get(), millis);
      objects.put(put.getKey(), known);
    }
    return known;
  }

  private void discard(Map<RecordKey, State> objects) {
    for (var state : objects.values()) {
      if (state instanceof Large object) {
        large.delete(object.object());
      }
    }
  }

  /** The cluster deletes the messages of removed records after some days. */
  private void forgetDeleted(Map<String, Cell> cells) throws IOException {
    for (var cell : cells.entrySet()) {
      if (cell.getValue().state() instanceof Removed
          && cell.getValue().sequence() > 0
          && client.last(names.batches(), names.batchRecord(cell.getKey())).isEmpty()) {
        synchronized (lock) {
          index.forget(cell.getKey(), cell.getValue().sequence());
        }
      }
    }
  }

  private Bytes number() {
    var number = new byte[BatchMessage.BATCH_BYTES];
    synchronized (random) {
      random.nextBytes(number);
    }
    return Bytes.wrap(number);
  }

  private long random(long bound) {
    synchronized (random) {
      return random.nextLong(bound);
    }
  }
}
