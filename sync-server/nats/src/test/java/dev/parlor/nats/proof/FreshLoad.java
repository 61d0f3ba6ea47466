package dev.parlor.nats.proof;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.store.NatsChangeStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads documents from the log of a cluster with a store that has no other state. */
public final class FreshLoad {

  private static final ActorId READER = new ActorId(Bytes.utf8("reader of the log"));

  private FreshLoad() {}

  /** The hashes of all changes of each document; a document without content has none. */
  public static Map<String, Set<String>> changes(List<String> servers, Collection<String> documents)
      throws IOException {
    var found = new HashMap<String, Set<String>>();
    try (var store = NatsChangeStore.open(ClusterSettings.of(servers), new SecureRandom())) {
      for (var document : documents) {
        found.put(document, hashes(store, DocumentId.parse(document).orElseThrow()));
      }
    }
    return found;
  }

  private static Set<String> hashes(NatsChangeStore store, DocumentId document) throws IOException {
    var stored = store.load(document).orElse(null);
    if (stored == null) {
      return Set.of();
    }
    var tail = stored.tail().stream().map(change -> change.chunk()).toList();
    var hashes = new HashSet<String>();
    // A replica applies a change only if it has all changes that the change depends on.
    try (var replica = Replica.load(stored.snapshot(), tail, READER)) {
      for (var change : replica.changes()) {
        if (ChangeCodec.decode(change, FormatLimits.DEFAULT)
            instanceof Decoding.Decoded<ChangeChunk>(var chunk)) {
          hashes.add(chunk.hash().toString());
        }
      }
    }
    return hashes;
  }
}
