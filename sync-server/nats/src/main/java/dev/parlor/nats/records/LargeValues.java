package dev.parlor.nats.records;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.client.Sha256;
import dev.parlor.nats.client.StoredMessage;
import io.nats.client.JetStreamApiException;
import io.nats.client.PurgeOptions;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The values of records that are too large for a message of a batch. Each is an object of its own,
 * in messages that begin with their index (4 bytes). It is written before the batch that names it,
 * and never changed. All methods block. Safe from any thread.
 */
final class LargeValues {

  private static final Logger LOG = LoggerFactory.getLogger(LargeValues.class);
  private static final int INDEX_BYTES = 4;
  private static final int TIME_BYTES = 8;

  /** Bytes of the objects that were read last and are kept; above: they are read again. */
  private static final long CACHED_BYTES_MAX = 32L << 20;

  private final ClusterClient client;
  private final ClusterNames names;
  private final RandomGenerator random;
  private final LargeValueCache cache = new LargeValueCache(CACHED_BYTES_MAX);

  LargeValues(ClusterClient client, RandomGenerator random) {
    this.client = client;
    this.names = client.settings().names();
    this.random = random;
  }

  /**
   * Writes an object. A failure may leave some of its messages; {@link #names} lists them.
   *
   * @param millis the time, which becomes part of the name
   */
  BatchMessage.Large write(Bytes value, long millis) throws IOException {
    var name = ByteBuffer.allocate(BatchMessage.BATCH_BYTES).putLong(millis);
    synchronized (random) {
      name.putLong(random.nextLong());
    }
    var object = Bytes.wrap(name.array()).toHex();
    var partBytes = client.settings().limits().partBytesMax();
    var parts = Math.max(1, Math.ceilDiv(value.length(), partBytes));
    for (var index = 0; index < parts; index++) {
      var from = index * partBytes;
      var length = Math.min(partBytes, value.length() - from);
      var message = ByteBuffer.allocate(INDEX_BYTES + length).putInt(index);
      value.slice(from, length).copyTo(message);
      var _ = client.publish(names.value(object), message.array());
    }
    return new BatchMessage.Large(object, parts, value.length(), sha256(value));
  }

  /**
   * Reads an object; empty if it was deleted, because its record has another value.
   *
   * @throws IOException if it is damaged or the cluster does not answer
   */
  Optional<Bytes> read(BatchMessage.Large stored) throws IOException {
    var cached = cache.get(stored.object());
    if (cached.isPresent()) {
      return cached;
    }
    var read = readStored(stored);
    read.ifPresent(value -> cache.put(stored.object(), value));
    return read;
  }

  private Optional<Bytes> readStored(BatchMessage.Large stored) throws IOException {
    var subject = names.value(stored.object());
    var bytes = stored.length() + (long) INDEX_BYTES * stored.parts();
    var end =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(client.settings().limits().appendMillis());
    while (true) {
      var content = joined(stored, client.read(names.values(), subject, 1, bytes));
      if (content.isPresent()) {
        if (!sha256(content.get()).equals(stored.sha256())) {
          throw new IOException("the value of a record is damaged: " + stored.object());
        }
        return content;
      }
      if (client.last(names.values(), subject).isEmpty()) {
        return Optional.empty();
      }
      // The replica that answered is behind the leader.
      if (System.nanoTime() - end >= 0) {
        throw new IOException("the value of a record is not complete: " + stored.object());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private static Optional<Bytes> joined(BatchMessage.Large stored, List<StoredMessage> messages) {
    var parts = new @Nullable Bytes[stored.parts()];
    for (var message : messages) {
      var data = message.data();
      var index = data.length() < INDEX_BYTES ? -1 : data.buffer().getInt(0);
      if (index >= 0 && index < parts.length) {
        parts[index] = data.slice(INDEX_BYTES, data.length() - INDEX_BYTES);
      }
    }
    var found = new ArrayList<Bytes>(parts.length);
    for (var part : parts) {
      if (part == null) {
        return Optional.empty();
      }
      found.add(part);
    }
    return Optional.of(Bytes.concat(found));
  }

  /** Deletes an object. A failure leaves an object that no record names. */
  void delete(String object) {
    try {
      client.management().purgeStream(names.values(), PurgeOptions.subject(names.value(object)));
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      LOG.warn("an old value was not deleted: {}", e.getMessage());
    }
  }

  /** The names of all objects, complete or not. */
  List<String> names() throws IOException {
    var filter = StreamInfoOptions.filterSubjects(names.valueSubjects());
    var info = ClusterStreams.info(client, names.values(), filter);
    var found = new ArrayList<String>();
    if (info.isPresent()) {
      for (var subject : info.get().getStreamState().getSubjects()) {
        found.add(subject.getName().substring(names.valueSubjects().length() - 1));
      }
    }
    return found;
  }

  /** The time at which an object was written, by the clock of its writer. */
  static long millis(String object) {
    return Bytes.ofHex(object).slice(0, TIME_BYTES).buffer().getLong();
  }

  static Bytes sha256(Bytes value) {
    return Bytes.wrap(Sha256.of(value.toArray()));
  }
}
