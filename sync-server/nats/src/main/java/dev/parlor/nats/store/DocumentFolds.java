package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.SnapshotReplacedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Folds documents: writes a document's content into a new object, and then replaces the document's
 * pointer if it is still the one that was read. Of two nodes that fold at once one succeeds, so no
 * change is lost. A compaction is a fold with a new snapshot. All methods block. Safe from any
 * thread.
 */
public final class DocumentFolds {

  /** Foldings of a document by other nodes during a compaction; then: the compaction fails. */
  private static final int FOLDS_MAX = 5;

  /** Documents whose snapshot is known; above: the oldest must be loaded before a compaction. */
  private static final int KNOWN_SNAPSHOTS_MAX = 100_000;

  private static final String NO_SNAPSHOT = "";

  private final ClusterClient client;
  private final ClusterNames names;
  private final int shards;
  private final DocumentReader reader;
  private final StoredObjects objects;
  private final UniqueNames unique;
  private final BiConsumer<DocumentId, DocumentContent> folded;
  private final AtomicLong count = new AtomicLong();

  /** The snapshot that this process loaded or wrote last, for each document. */
  private final LinkedHashMap<DocumentId, String> knownSnapshots =
      new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param folded gets each document that was folded, with the content that was read before
   */
  DocumentFolds(
      ClusterClient client,
      DocumentReader reader,
      int shards,
      UniqueNames unique,
      BiConsumer<DocumentId, DocumentContent> folded) {
    this.client = client;
    this.names = client.settings().names();
    this.shards = shards;
    this.reader = reader;
    this.objects = new StoredObjects(client, shards);
    this.unique = unique;
    this.folded = folded;
  }

  /**
   * Writes into a cluster that no node uses.
   *
   * @param random names objects
   */
  public static DocumentFolds ofImport(ClusterClient client, int shards, RandomGenerator random) {
    return new DocumentFolds(
        client, new DocumentReader(client, shards), shards, new UniqueNames(random), (_, _) -> {});
  }

  /** The number of documents that were folded. */
  long count() {
    return count.get();
  }

  /** Stores a document that the cluster does not have. */
  public void create(
      DocumentId document,
      Optional<Bytes> snapshot,
      List<ChangeRecord> changes,
      SortedMap<String, Bytes> records)
      throws IOException {
    var none =
        new DocumentContent(
            Pointer.NONE, 0, Optional.empty(), List.of(), new RecordState(records), 0, 0);
    var name = unique.nextName();
    fold(document, none, snapshot, changes, snapshot.isPresent() ? name : null, name);
  }

  /** The document was loaded. */
  void loaded(DocumentId document, DocumentContent content) {
    knows(document, content.pointer().snapshot());
  }

  /**
   * Stores a snapshot.
   *
   * @throws ClusterException of the kind {@code CONFLICT} if this process does not know the last
   *     snapshot
   */
  void compact(DocumentId document, Bytes snapshot, Set<ChangeHash> covered) throws IOException {
    var content = reader.read(document);
    var stored = content.pointer().snapshot();
    if (stored != null && !stored.equals(knownSnapshot(document))) {
      throw new ClusterException(
          Kind.CONFLICT,
          "document "
              + document
              + ": another node wrote a newer snapshot; it must be loaded before the next one");
    }
    compact(document, content, snapshot, covered);
  }

  /**
   * Stores a snapshot that replaces another one.
   *
   * @throws SnapshotReplacedException if the document has another snapshot than {@code previous}
   */
  void compact(
      DocumentId document, Optional<Bytes> previous, Bytes snapshot, Set<ChangeHash> covered)
      throws IOException {
    for (var attempt = 1; ; attempt++) {
      var content = reader.read(document);
      if (!content.snapshot().equals(previous)) {
        knows(document, content.pointer().snapshot());
        throw new SnapshotReplacedException(document, content.snapshot());
      }
      try {
        compact(document, content, snapshot, covered);
        return;
      } catch (ClusterException e) {
        if (e.kind() != Kind.CONFLICT || attempt == FOLDS_MAX) {
          throw e;
        }
        // Another node folded the document without a new snapshot, or was faster with one.
      }
    }
  }

  private void compact(
      DocumentId document, DocumentContent content, Bytes snapshot, Set<ChangeHash> covered)
      throws IOException {
    var rest = content.tail().stream().filter(change -> !covered.contains(change.hash())).toList();
    var name = unique.nextName();
    fold(document, content, Optional.of(snapshot), rest, name, name);
    knows(document, name);
  }

  /**
   * Moves a document's entries from the log into its object, without a new snapshot. Nothing is
   * lost if other nodes write or fold meanwhile.
   *
   * @return whether the log has no entry of the document any more that is not in the object
   */
  boolean fold(DocumentId document) throws IOException {
    var content = reader.read(document);
    if (content.foldableTo() > content.pointer().sequence()) {
      fold(
          document,
          content,
          content.snapshot(),
          content.tail(),
          content.pointer().snapshot(),
          unique.nextName());
    }
    return content.foldableTo() == content.last();
  }

  /** Removes a document's snapshot and changes; its records stay. */
  void remove(DocumentId document) throws IOException {
    while (true) {
      var content = reader.read(document);
      if (!content.isStored()) {
        return;
      }
      try {
        fold(document, content, Optional.empty(), List.of(), null, unique.nextName());
        return;
      } catch (ClusterException e) {
        if (e.kind() != Kind.CONFLICT) {
          throw e;
        }
        // Another node folded the document; remove what it wrote.
      }
    }
  }

  private void fold(
      DocumentId document,
      DocumentContent content,
      Optional<Bytes> snapshot,
      List<ChangeRecord> changes,
      @Nullable String snapshotName,
      String name)
      throws IOException {
    var operations = new ArrayList<RecordOperation>();
    content
        .records()
        .forEach((record, value) -> operations.add(new RecordOperation.Put(record, value)));
    var before = content.pointer();
    if (snapshot.isEmpty() && changes.isEmpty() && operations.isEmpty()) {
      replace(document, content, Pointer.empty(content.foldableTo(), before.object(), name));
    } else {
      var state = content.state();
      var object =
          new LogEntry(snapshot, state.writers(), operations, changes, state.withoutEffect())
              .encode();
      try {
        var stored = objects.write(document, name, object);
        replace(
            document,
            content,
            new Pointer(
                Pointer.VERSION,
                content.foldableTo(),
                snapshot.isPresent() || !changes.isEmpty(),
                name,
                stored.parts(),
                stored.sha256(),
                snapshotName,
                before.object(),
                name));
      } catch (ClusterException e) {
        if (e.kind() == Kind.CONFLICT) {
          // Certainly no pointer refers to the object, now or later.
          objects.delete(document, name);
        }
        throw e;
      }
    }
    count.incrementAndGet();
    folded.accept(document, content);
    objects.delete(document, before.previous());
  }

  private void replace(DocumentId document, DocumentContent read, Pointer pointer)
      throws IOException {
    var _ =
        client.replace(
            names.pointers(ClusterNames.shardOf(document, shards)),
            names.pointer(document, shards),
            pointer.encode(),
            read.revision());
  }

  private void knows(DocumentId document, @Nullable String snapshot) {
    synchronized (knownSnapshots) {
      knownSnapshots.put(document, snapshot == null ? NO_SNAPSHOT : snapshot);
      if (knownSnapshots.size() > KNOWN_SNAPSHOTS_MAX) {
        var _ = knownSnapshots.pollFirstEntry();
      }
    }
  }

  private String knownSnapshot(DocumentId document) {
    synchronized (knownSnapshots) {
      return knownSnapshots.getOrDefault(document, NO_SNAPSHOT);
    }
  }
}
