package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Deletes objects to which no pointer refers: a node died while it wrote them, or did not delete an
 * old object. Before an object is deleted, the pointer of its document is replaced by an equal one.
 * So a writer that read the pointer before, however long ago, can no longer make a pointer refer to
 * the object. All methods block. Safe on several nodes at once.
 */
final class OrphanSweep {

  /** Objects that one sweep deletes; the rest waits for the next one. */
  private static final int OBJECTS_MAX = 1_000;

  private final ClusterClient client;
  private final ClusterNames names;
  private final DocumentReader reader;
  private final StoredObjects objects;
  private final int shards;
  private final Supplier<String> newName;

  /**
   * @param newName makes names that do not repeat on any node
   */
  OrphanSweep(ClusterClient client, DocumentReader reader, int shards, Supplier<String> newName) {
    this.client = client;
    this.names = client.settings().names();
    this.reader = reader;
    this.objects = new StoredObjects(client, shards);
    this.shards = shards;
    this.newName = newName;
  }

  /** An object: its document and its name. */
  private record Named(DocumentId document, String name) {}

  /**
   * Sweeps one shard; returns the number of deleted objects.
   *
   * @param age age from which an object without a pointer is deleted, by the clocks of the servers
   */
  int sweep(int shard, Duration age) throws IOException {
    var stream = names.objects(shard);
    var info =
        ClusterStreams.info(
                client, stream, StreamInfoOptions.filterSubjects(names.objectSubjects(shard)))
            .orElseThrow(() -> new IOException("the stream " + stream + " is missing"));
    var unused = new HashSet<Named>();
    for (var subject : info.getStreamState().getSubjects()) {
      var dot = subject.getName().lastIndexOf('.');
      ClusterNames.document(subject.getName().substring(0, dot))
          .ifPresent(
              document -> unused.add(new Named(document, subject.getName().substring(dot + 1))));
    }
    removeUsed(shard, unused);
    var deleted = 0;
    for (var object : unused) {
      if (deleted == OBJECTS_MAX) {
        break;
      }
      if (isOlder(shard, object, info.getTimestamp().minus(age)) && fence(shard, object)) {
        objects.delete(object.document, object.name);
        deleted++;
      }
    }
    return deleted;
  }

  private void removeUsed(int shard, Set<Named> objects) throws IOException {
    if (objects.isEmpty()) {
      return;
    }
    for (var message :
        client.read(names.pointers(shard), names.pointerSubjects(shard), 1, Long.MAX_VALUE)) {
      var document = ClusterNames.document(message.subject());
      if (document.isPresent()) {
        used(document.get(), Pointer.decode(message.data())).forEach(objects::remove);
      }
    }
  }

  private static Set<Named> used(DocumentId document, Pointer pointer) {
    var used = new HashSet<Named>();
    for (var name : new String[] {pointer.object(), pointer.previous()}) {
      if (name != null) {
        used.add(new Named(document, name));
      }
    }
    return used;
  }

  private boolean isOlder(int shard, Named object, ZonedDateTime than) throws IOException {
    try {
      return client
          .management()
          .getLastMessage(names.objects(shard), names.object(object.document, shards, object.name))
          .getTime()
          .isBefore(than);
    } catch (JetStreamApiException e) {
      return false; // another node has deleted it
    } catch (IllegalStateException e) {
      throw client.unanswered(e);
    }
  }

  /** Replaces the document's pointer by an equal one, unless that refers to the object. */
  private boolean fence(int shard, Named object) throws IOException {
    var read = reader.pointer(object.document);
    if (used(object.document, read.pointer()).contains(object)) {
      return false;
    }
    try {
      var _ =
          client.replace(
              names.pointers(shard),
              names.pointer(object.document, shards),
              read.pointer().renamed(newName.get()).encode(),
              read.sequence());
      return true;
    } catch (ClusterException e) {
      if (e.kind() == Kind.CONFLICT) {
        return false; // another node folds the document; the next sweep looks again
      }
      throw e;
    }
  }
}
