package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An entry without content. A node stores it to learn whether the cluster stores changes. It
 * belongs to a document that contains nothing, and exists for the truncation only.
 */
public final class ProbeEntry {

  private ProbeEntry() {}

  /** The subject of the entries of one shard. */
  public static String subject(ClusterNames names, int shard, int shards) {
    return names.log(document(shard, shards), shards);
  }

  private static DocumentId document(int shard, int shards) {
    for (var number = 0; ; number++) {
      var document = DocumentId.of(Bytes.utf8("probe " + number));
      if (ClusterNames.shardOf(document, shards) == shard) {
        return document;
      }
    }
  }

  /** The message that is stored. */
  public static byte[] message() {
    var entry = new LogEntry(Optional.empty(), Map.of(), List.of(), List.of()).encode();
    return EntryParts.split(entry, Bytes.EMPTY, Integer.MAX_VALUE).getFirst();
  }
}
