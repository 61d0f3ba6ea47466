package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.StoredMessage;
import dev.parlor.nats.records.AtomicBatch.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Stores batches, one at a time. The last message of each batch goes to the subject of this slot,
 * which nothing else writes to, and replaces the end of the slot's batch before. So after an
 * unanswered attempt the last message of that subject tells whether the batch was stored, and
 * another message there prevents that it is stored later. All methods block. Used by one thread at
 * a time.
 */
final class BatchSlot {

  private final ClusterClient client;
  private final RandomGenerator random;
  private final String end;
  private final String guard;

  /** The sequence of the last message of this slot, if {@code isKnown}. */
  private long sequence;

  private boolean isKnown = true; // no message, since the name is new

  /**
   * @param name a name that no other slot of any node has or had
   */
  BatchSlot(ClusterClient client, RandomGenerator random, String name) {
    this.client = client;
    this.random = random;
    this.end = client.settings().names().batchEnd(name);
    this.guard = client.settings().names().batchGuard(name);
  }

  /** The subject of messages that only carry an expectation about another subject. */
  String guard() {
    return guard;
  }

  /**
   * Stores a batch.
   *
   * @param last the last message, whose {@code batch} no other batch has
   * @return the sequence of the last message; the others have the sequences before it
   * @throws ClusterException of the kind {@code CONFLICT} if an expectation is wrong, so that the
   *     batch is not stored and never will be; of another kind if that may not be known
   */
  long store(List<Part> parts, BatchMessage last) throws IOException {
    if (!isKnown) {
      sequence = client.last(stream(), end).map(StoredMessage::sequence).orElse(0L);
    }
    isKnown = false;
    var batch = new ArrayList<>(parts);
    batch.add(
        new Part(end, Bytes.wrap(last.encode()), sequence, null, RecordIndex.REMOVED_SECONDS));
    var stored = store(batch, last.batch());
    sequence = stored;
    isKnown = true;
    return stored;
  }

  private long store(List<Part> batch, Bytes name) throws IOException {
    var limits = client.settings().limits();
    var giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.appendMillis());
    var isFirst = true;
    while (true) {
      try {
        return AtomicBatch.publishOnce(client, newId(), batch);
      } catch (ClusterException e) {
        if (e.kind() == Kind.CLOSED || (isFirst && e.kind() != Kind.UNANSWERED)) {
          throw e;
        }
        if (System.nanoTime() - giveUp >= 0) {
          throw new ClusterException(
              Kind.UNKNOWN, "after an unanswered attempt " + e.getMessage(), e);
        }
        if (e.kind() != Kind.UNANSWERED) {
          var stored = settle(name, e);
          if (stored.isPresent()) {
            return stored.getAsLong();
          }
        }
        isFirst = false;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(limits.reconnectMillis()) / 4);
      }
    }
  }

  /**
   * Finds out what became of unanswered attempts.
   *
   * @return the sequence of the batch's end if it was stored; empty if that is not known yet
   * @throws ClusterException the refusal, if the batch was not stored and never will be
   */
  private OptionalLong settle(Bytes name, ClusterException refusal) throws IOException {
    var last = client.last(stream(), end);
    if (last.isPresent() && last.get().sequence() != sequence) {
      if (BatchMessage.decode(last.get()).batch().equals(name)) {
        return OptionalLong.of(last.get().sequence());
      }
      throw refusal; // an earlier call of this method has prevented the batch
    }
    var number = new byte[BatchMessage.BATCH_BYTES];
    synchronized (random) {
      random.nextBytes(number);
    }
    var prevention =
        new BatchMessage(Bytes.wrap(number), 0, 1, 0, new BatchMessage.Mark()).encode();
    try {
      sequence = client.publishOnce(end, prevention, sequence, RecordIndex.REMOVED_SECONDS);
      isKnown = true;
    } catch (ClusterException e) {
      if (e.kind() == Kind.CLOSED) {
        throw e;
      }
      return OptionalLong.empty();
    }
    throw refusal;
  }

  private String stream() {
    return client.settings().names().batches();
  }

  private String newId() {
    synchronized (random) {
      return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    }
  }
}
