package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.Sha256;
import io.nats.client.JetStreamApiException;
import io.nats.client.PurgeOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects with the folded content of documents, stored in messages of a limited size that begin
 * with their index (4 bytes). An object is never changed. All methods block. Safe from any thread.
 */
final class StoredObjects {

  private static final Logger LOG = LoggerFactory.getLogger(StoredObjects.class);
  private static final int INDEX_BYTES = 4;

  private final ClusterClient client;
  private final ClusterNames names;
  private final int shards;

  StoredObjects(ClusterClient client, int shards) {
    this.client = client;
    this.shards = shards;
    this.names = client.settings().names();
  }

  /** What a pointer tells about an object. */
  record Stored(int parts, String sha256) {}

  /** Writes an object. After a failure some of its messages may be left. */
  Stored write(DocumentId document, String name, Bytes content) throws IOException {
    var partBytes = client.settings().limits().partBytesMax();
    var parts = Math.max(1, Math.ceilDiv(content.length(), partBytes));
    for (var index = 0; index < parts; index++) {
      var from = index * partBytes;
      var length = Math.min(partBytes, content.length() - from);
      var message = ByteBuffer.allocate(INDEX_BYTES + length);
      message.putInt(index);
      content.slice(from, length).copyTo(message);
      client.publish(names.object(document, shards, name), message.array());
    }
    return new Stored(parts, Sha256.hex(content));
  }

  /** Reads an object; empty if it is not complete or not as it was written. */
  Optional<Bytes> read(DocumentId document, String name, Stored stored) throws IOException {
    var messages =
        client.read(
            names.objects(ClusterNames.shardOf(document, shards)),
            names.object(document, shards, name),
            1,
            Long.MAX_VALUE);
    var parts = new @Nullable Bytes[stored.parts];
    for (var message : messages) {
      var data = message.data();
      var index = data.length() < INDEX_BYTES ? -1 : data.buffer().getInt(0);
      if (index >= 0 && index < parts.length) {
        parts[index] = data.slice(INDEX_BYTES, data.length() - INDEX_BYTES);
      }
    }
    var found = new java.util.ArrayList<Bytes>(parts.length);
    for (var part : parts) {
      if (part == null) {
        return Optional.empty();
      }
      found.add(part);
    }
    var content = Bytes.concat(found);
    return Sha256.hex(content).equals(stored.sha256) ? Optional.of(content) : Optional.empty();
  }

  /** Deletes an object. A failure leaves messages that nothing refers to. */
  void delete(DocumentId document, @Nullable String name) {
    if (name == null) {
      return;
    }
    try {
      client
          .management()
          .purgeStream(
              names.objects(ClusterNames.shardOf(document, shards)),
              PurgeOptions.subject(names.object(document, shards, name)));
    } catch (IOException | JetStreamApiException | IllegalStateException e) {
      LOG.warn("document {}: an old object was not deleted: {}", document, e.getMessage());
    }
  }
}
