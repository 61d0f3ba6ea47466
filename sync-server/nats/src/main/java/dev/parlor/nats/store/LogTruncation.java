package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.client.StoredMessage;
import io.nats.client.JetStreamApiException;
import io.nats.client.PurgeOptions;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Deletes the beginning of a shard's log. It walks from the first entry and folds each document
 * whose entry no object contains yet. Then it deletes up to the last entry that it has passed. So
 * no entry is deleted before an object contains it, whichever nodes fold and truncate at the same
 * time. Single documents are never deleted from a log: that would leave holes for ever.
 */
final class LogTruncation {

  /** Folds a document; tells whether an object contains all entries that were read. */
  interface Folding {
    boolean fold(DocumentId document) throws IOException;
  }

  private static final long READ_BYTES = 4 << 20;

  private final ClusterClient client;
  private final ClusterNames names;
  private final DocumentReader reader;
  private final Folding folding;
  private final int shards;
  private final Runnable onDeleted;

  /**
   * @param onDeleted called after the beginning of a log was deleted
   */
  LogTruncation(
      ClusterClient client,
      DocumentReader reader,
      Folding folding,
      int shards,
      Runnable onDeleted) {
    this.client = client;
    this.names = client.settings().names();
    this.reader = reader;
    this.folding = folding;
    this.shards = shards;
    this.onDeleted = onDeleted;
  }

  /** Halves the log if it has more bytes than the limit; returns the bytes before. Blocks. */
  long truncate(int shard, long bytesMax) throws IOException {
    var state = state(shard);
    if (state.getByteCount() <= bytesMax) {
      return state.getByteCount();
    }
    var contained = new HashMap<DocumentId, Long>();
    var bytesPerMessage = Math.max(1, state.getByteCount() / Math.max(1, state.getMsgCount()));
    var toPass = Math.ceilDiv(state.getByteCount() - bytesMax / 2, bytesPerMessage);
    var end = Math.min(state.getLastSequence(), state.getFirstSequence() + toPass - 1);
    var passed = state.getFirstSequence() - 1;
    while (passed < end) {
      var before = passed;
      for (var message :
          client.read(names.log(shard), names.logSubjects(shard), passed + 1, READ_BYTES)) {
        // A log has no holes. A replica that lags could show one.
        if (message.sequence() != passed + 1 || passed >= end || !isContained(message, contained)) {
          break;
        }
        passed = message.sequence();
      }
      if (passed == before) {
        break;
      }
    }
    if (passed >= state.getFirstSequence()) {
      delete(shard, passed);
      onDeleted.run();
    }
    return state.getByteCount();
  }

  private boolean isContained(StoredMessage message, Map<DocumentId, Long> contained)
      throws IOException {
    var document = ClusterNames.document(message.subject());
    if (document.isEmpty()) {
      return true; // no document has this subject, so nothing reads it
    }
    var id = document.get();
    if (contained.getOrDefault(id, 0L) < message.sequence()) {
      contained.put(id, reader.pointer(id).pointer().sequence());
    }
    if (contained.getOrDefault(id, 0L) < message.sequence()) {
      fold(id);
      contained.put(id, reader.pointer(id).pointer().sequence());
    }
    return contained.getOrDefault(id, 0L) >= message.sequence();
  }

  private void fold(DocumentId document) throws IOException {
    try {
      if (!folding.fold(document)) {
        // Parts at the end could still be continued. After this message they cannot.
        var _ = client.publish(names.log(document, shards), EntryParts.fence());
        var _ = folding.fold(document);
      }
    } catch (ClusterException e) {
      if (e.kind() != Kind.CONFLICT) {
        throw e;
      }
      // Another node folded the document at the same time.
    }
  }

  private StreamState state(int shard) throws IOException {
    return ClusterStreams.info(client, names.log(shard))
        .orElseThrow(() -> new IOException("the stream " + names.log(shard) + " is missing"))
        .getStreamState();
  }

  private void delete(int shard, long upTo) throws IOException {
    try {
      var _ =
          client
              .management()
              .purgeStream(names.log(shard), PurgeOptions.builder().sequence(upTo + 1).build());
    } catch (JetStreamApiException e) {
      throw ClusterClient.refused(e);
    }
  }
}
