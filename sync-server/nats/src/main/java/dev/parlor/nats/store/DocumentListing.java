package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.client.StoredMessage;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Lists the documents of a cluster. All methods block. Safe from any thread. */
public final class DocumentListing {

  private final ClusterClient client;
  private final ClusterNames names;
  private final DocumentReader reader;
  private final int shards;

  /** Lists the documents that a reader reads. */
  public DocumentListing(ClusterClient client, DocumentReader reader, int shards) {
    this.client = client;
    this.names = client.settings().names();
    this.reader = reader;
    this.shards = shards;
  }

  /** All documents that have changes or a snapshot. */
  Set<DocumentId> stored() throws IOException {
    var stored = new HashSet<DocumentId>();
    var inLogs = new HashSet<DocumentId>();
    for (var shard = 0; shard < shards; shard++) {
      for (var message : pointers(shard)) {
        if (Pointer.decode(message.data()).stored()) {
          ClusterNames.document(message.subject()).ifPresent(stored::add);
        }
      }
      inLogs.addAll(inLog(shard));
    }
    for (var document : inLogs) {
      if (!stored.contains(document) && reader.isStored(document)) {
        stored.add(document);
      }
    }
    return stored;
  }

  /** All documents of a shard that have a pointer or entries, in the order of their ids. */
  public List<DocumentId> ofShard(int shard) throws IOException {
    var found = new TreeMap<String, DocumentId>();
    for (var message : pointers(shard)) {
      ClusterNames.document(message.subject()).ifPresent(id -> found.put(id.value(), id));
    }
    for (var document : inLog(shard)) {
      found.put(document.value(), document);
    }
    return List.copyOf(found.values());
  }

  private List<StoredMessage> pointers(int shard) throws IOException {
    return client.read(names.pointers(shard), names.pointerSubjects(shard), 1, Long.MAX_VALUE);
  }

  private Set<DocumentId> inLog(int shard) throws IOException {
    var filter = StreamInfoOptions.filterSubjects(names.logSubjects(shard));
    var info = ClusterStreams.info(client, names.log(shard), filter);
    if (info.isEmpty()) {
      throw new IOException("the stream " + names.log(shard) + " is missing");
    }
    var found = new HashSet<DocumentId>();
    for (var subject : info.get().getStreamState().getSubjects()) {
      ClusterNames.document(subject.getName()).ifPresent(found::add);
    }
    return found;
  }
}
