package dev.parlor.nats;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.nats.ClusterException.Kind;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.ServerStore;
import dev.parlor.relay.storage.SnapshotReplacedException;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Documents on streams of a cluster. Several processes use the same streams at once.
 *
 * <p>A document's changes are entries of the stream of its shard. A compaction writes the snapshot
 * and all that it does not cover into a new object, and then replaces the document's pointer. Two
 * nodes that compact at once cannot lose changes: one of them fails to replace the pointer.
 *
 * <p>Writes are stored by virtual threads, see {@link DocumentWrites}. {@link #load}, {@link
 * #contains} and {@link #documents} block on the network. Safe from any thread.
 */
public final class NatsChangeStore implements ServerStore {

  /** Foldings of a document by other nodes during a compaction; then: the compaction fails. */
  private static final int FOLDS_MAX = 5;

  /** Documents whose snapshot is known; above: the oldest must be loaded before a compaction. */
  private static final int KNOWN_SNAPSHOTS_MAX = 100_000;

  /**
   * The tables of documents whose records all nodes must see at once, or must be able to list. They
   * are beside the logs, and each node has them in memory. The records of all other tables of
   * documents are in the documents' logs.
   */
  static final Set<String> LISTED_TABLES =
      Set.of("tombstones", "webhook-untold", "document-owners");

  /** Damaged documents that the health names; above: their number. */
  private static final int NAMED_MAX = 5;

  private static final String NO_SNAPSHOT = "";

  private final ClusterClient client;
  private final ClusterNames names;
  private final ClusterLimits limits;
  private final RandomGenerator random;

  /** Names this process in the entries that it writes. */
  private final long writer;

  private final AtomicLong entryCount = new AtomicLong();
  private final AtomicLong folds = new AtomicLong();
  private final AtomicLong truncations = new AtomicLong();
  private final ClusterStreams.Created cluster;
  private final StoredObjects objects;
  private final DocumentReader reader;
  private final DocumentWrites writes;
  private final DocumentRecords records;
  private final NatsTables tables;
  private final NatsRecordStore recordStore;

  /** The snapshot that this process loaded or wrote last, for each document. */
  private final LinkedHashMap<DocumentId, String> knownSnapshots =
      new LinkedHashMap<>(16, 0.75f, true);

  private NatsChangeStore(
      ClusterClient client, ClusterStreams.Created cluster, RandomGenerator random, Metrics metrics)
      throws IOException {
    this.client = client;
    this.names = client.settings().names();
    this.limits = client.settings().limits();
    this.random = random;
    this.writer = random.nextLong();
    this.cluster = cluster;
    this.objects = new StoredObjects(client, cluster.shards());
    this.reader = new DocumentReader(client, objects, cluster.shards());
    this.writes = new DocumentWrites(this::append, limits.groupBytesMax(), metrics);
    this.records = new DocumentRecords(reader, writes, writer);
    this.tables = new NatsTables(client, random);
    this.recordStore = new NatsRecordStore(client, random, InstantSource.system());
  }

  /**
   * Connects to a cluster and reads its tables; blocks.
   *
   * @param random names objects and entries; it must not repeat on other nodes
   * @throws IOException if the cluster cannot be reached or was not created
   */
  public static NatsChangeStore open(ClusterSettings settings, RandomGenerator random)
      throws IOException {
    return open(settings, random, new Metrics(), (_, _) -> {});
  }

  /** Refuses a cluster that cannot be used. */
  interface Check {
    void check(ClusterClient client, ClusterStreams.Created cluster) throws IOException;
  }

  /**
   * As {@link #open(ClusterSettings, RandomGenerator)}, with the metrics of the process, if the
   * cluster passes a check.
   */
  static NatsChangeStore open(
      ClusterSettings settings, RandomGenerator random, Metrics metrics, Check check)
      throws IOException {
    var client = new ClusterClient(settings);
    try {
      var cluster = ClusterStreams.find(client);
      if (cluster.isEmpty()) {
        throw new IOException(
            "the cluster has no streams of Parlor with the prefix "
                + settings.names().streams()
                + "; create them with ./parlor cluster init");
      }
      if (ClusterStreams.isBeingImported(client)) {
        throw new IOException(
            "an import into the cluster has begun and not ended; run ./parlor cluster import again");
      }
      check.check(client, cluster.get());
      return new NatsChangeStore(client, cluster.get(), random, metrics);
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  @Override
  public StorageId storageId() {
    return new StorageId(cluster.storageId());
  }

  @Override
  public Optional<StoredDocument> load(DocumentId document) throws IOException {
    var content = reader.read(document);
    records.loaded(document, content);
    knows(document, content.pointer().snapshot());
    return content.isStored()
        ? Optional.of(new StoredDocument(content.snapshot(), content.tail()))
        : Optional.empty();
  }

  @Override
  public boolean contains(DocumentId document) {
    try {
      return reader.isStored(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<DocumentId> documents() {
    try {
      var stored = new HashSet<DocumentId>();
      for (var shard = 0; shard < cluster.shards(); shard++) {
        for (var message :
            client.read(names.pointers(shard), names.pointerSubjects(shard), 1, Long.MAX_VALUE)) {
          if (Pointer.decode(message.data()).stored()) {
            ClusterNames.document(message.subject()).ifPresent(stored::add);
          }
        }
      }
      for (var document : documentsOfLogs()) {
        if (!stored.contains(document) && reader.isStored(document)) {
          stored.add(document);
        }
      }
      return stored;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Set<DocumentId> documentsOfLogs() throws IOException {
    var found = new HashSet<DocumentId>();
    for (var shard = 0; shard < cluster.shards(); shard++) {
      var filter = StreamInfoOptions.filterSubjects(names.logSubjects(shard));
      var info = ClusterStreams.info(client, names.log(shard), filter);
      if (info.isEmpty()) {
        throw new IOException("the stream " + names.log(shard) + " is missing");
      }
      for (var subject : info.get().getStreamState().getSubjects()) {
        ClusterNames.document(subject.getName()).ifPresent(found::add);
      }
    }
    return found;
  }

  @Override
  public CompletableFuture<Void> append(DocumentId document, List<ChangeRecord> changes) {
    return writes.add(document, List.of(), changes, DocumentWrites.NOTHING);
  }

  private Set<RecordOperation> append(
      DocumentId document, List<RecordOperation> operations, List<ChangeRecord> changes)
      throws IOException {
    var count = entryCount.incrementAndGet();
    var entry = new LogEntry(Optional.empty(), Map.of(writer, count), operations, changes).encode();
    if (operations.isEmpty()) {
      var _ = publish(document, entry);
      return Set.of();
    }
    records.expect(document, count);
    try {
      return records.stored(document, count, operations, publish(document, entry));
    } catch (IOException | RuntimeException e) {
      records.expectNoLonger(document, count);
      throw e;
    }
  }

  /** Stores an entry, in parts if it is too long for one message; returns its sequence. */
  private long publish(DocumentId document, Bytes entry) throws IOException {
    var subject = names.log(document, cluster.shards());
    return client.untilAnswered(
        () -> {
          try {
            var sequence = ClusterClient.ANY;
            for (var message : EntryParts.split(entry, randomBytes(), limits.partBytesMax())) {
              sequence = client.publishOnce(subject, message, sequence);
            }
            return sequence;
          } catch (ClusterException e) {
            // Another message came between two parts. All parts are stored again.
            throw e.kind() == Kind.CONFLICT
                ? new ClusterException(Kind.UNANSWERED, "other nodes write the document too", e)
                : e;
          }
        });
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Bytes snapshot, Set<ChangeHash> covered) {
    var coveredChanges = Set.copyOf(covered);
    return writes.then(
        document,
        () -> {
          var content = reader.read(document);
          var stored = content.pointer().snapshot();
          if (stored != null && !stored.equals(knownSnapshot(document))) {
            throw new ClusterException(
                Kind.CONFLICT,
                "document "
                    + document
                    + ": another node wrote a newer snapshot; it must be loaded before the next one");
          }
          compact(document, content, snapshot, coveredChanges);
        });
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Optional<Bytes> previous, Bytes snapshot, Set<ChangeHash> covered) {
    var coveredChanges = Set.copyOf(covered);
    return writes.then(
        document,
        () -> {
          for (var attempt = 1; ; attempt++) {
            var content = reader.read(document);
            if (!content.snapshot().equals(previous)) {
              knows(document, content.pointer().snapshot());
              throw new SnapshotReplacedException(document, content.snapshot());
            }
            try {
              compact(document, content, snapshot, coveredChanges);
              return;
            } catch (ClusterException e) {
              if (e.kind() != Kind.CONFLICT || attempt == FOLDS_MAX) {
                throw e;
              }
              // Another node folded the document without a new snapshot, or was faster with one.
            }
          }
        });
  }

  private void compact(
      DocumentId document, DocumentContent content, Bytes snapshot, Set<ChangeHash> covered)
      throws IOException {
    var rest = content.tail().stream().filter(change -> !covered.contains(change.hash())).toList();
    var name = newName();
    fold(document, content, Optional.of(snapshot), rest, name, name);
    knows(document, name);
  }

  @Override
  public boolean isCompactedByNodes() {
    return true;
  }

  /**
   * Moves a document's entries from the log into its object, without a new snapshot; blocks.
   * Nothing is lost if other nodes write or fold meanwhile.
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
          newName());
    }
    return content.foldableTo() == content.last();
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
      var object = new LogEntry(snapshot, content.writers(), operations, changes).encode();
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
    folds.incrementAndGet();
    records.passed(document, content);
    objects.delete(document, before.previous());
  }

  private void replace(DocumentId document, DocumentContent read, Pointer pointer)
      throws IOException {
    var _ =
        client.replace(
            names.pointers(ClusterNames.shardOf(document, cluster.shards())),
            names.pointer(document, cluster.shards()),
            pointer.encode(),
            read.revision());
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return writes.then(
        document,
        () -> {
          while (true) {
            var content = reader.read(document);
            if (!content.isStored()) {
              return;
            }
            try {
              fold(document, content, Optional.empty(), List.of(), null, newName());
              return;
            } catch (ClusterException e) {
              if (e.kind() != Kind.CONFLICT) {
                throw e;
              }
              // Another node folded the document; remove what it wrote.
            }
          }
        });
  }

  @Override
  public RecordTable table(String name) {
    return tables.table(name);
  }

  @Override
  public RecordStore recordStore() {
    return recordStore;
  }

  @Override
  public Condition condition() {
    return client.state().condition();
  }

  @Override
  public long awayMillis() {
    return client.state().awayMillis();
  }

  @Override
  public long queuedBytes() {
    return writes.queuedBytes();
  }

  @Override
  public Set<DocumentId> quarantined() {
    return reader.damaged();
  }

  @Override
  public RecordTable tableOf(DocumentId document, String name) {
    return LISTED_TABLES.contains(name)
        ? new OrderedTable(tables.table(name), document, writes)
        : records.table(document, name);
  }

  @Override
  public CompletableFuture<Void> refresh(DocumentId document) {
    return records.refresh(document);
  }

  /** The entries that were damaged, as {@code document@sequence}. */
  public Set<String> unreadableEntries() {
    return reader.unreadable();
  }

  /**
   * Shortens the log of each shard that is longer than the limit; blocks. Safe on several nodes at
   * once.
   *
   * @param shardBytesMax bytes of one shard's log; above: its oldest entries move into objects
   *     until half of that is left
   * @return the bytes of the longest log before
   */
  public long truncate(long shardBytesMax) throws IOException {
    var truncation =
        new LogTruncation(
            client, reader, this::fold, cluster.shards(), truncations::incrementAndGet);
    var longest = 0L;
    for (var shard = 0; shard < cluster.shards(); shard++) {
      longest = Math.max(longest, truncation.truncate(shard, shardBytesMax));
    }
    return longest;
  }

  /** Deletes objects of a shard to which no pointer refers; returns how many. Blocks. */
  int sweep(int shard, int objectMillis) throws IOException {
    return new OrphanSweep(client, reader, objects, cluster.shards(), this::newName)
        .sweep(shard, Duration.ofMillis(objectMillis));
  }

  /** How often this process deleted the beginning of a shard's log. */
  long truncations() {
    return truncations.get();
  }

  /** The number of objects that this process stored for documents: compactions and folded logs. */
  long folds() {
    return folds.get();
  }

  /** Whether all documents that this process read are whole; names those that are not. */
  Condition documentsCondition() {
    var entries = reader.unreadable();
    var objects = reader.damaged();
    if (entries.isEmpty() && objects.isEmpty()) {
      return Condition.ok("no damaged document was read");
    }
    var named =
        Stream.concat(
                objects.stream().map(document -> "the object of document " + document),
                entries.stream()
                    .map(entry -> entry.split("@", 2))
                    .map(entry -> "entry " + entry[1] + " of document " + entry[0]))
            .sorted()
            .limit(NAMED_MAX)
            .collect(Collectors.joining(", "));
    var more = entries.size() + objects.size() - NAMED_MAX;
    return Condition.failing(
        "damaged: "
            + named
            + (more > 0 ? " and " + more + " more" : "")
            + "; documents open without damaged entries, and copies are in the stream "
            + names.unreadable());
  }

  ClusterClient client() {
    return client;
  }

  int shards() {
    return cluster.shards();
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

  private Bytes randomBytes() {
    var bytes = new byte[16];
    synchronized (random) {
      random.nextBytes(bytes);
    }
    return Bytes.wrap(bytes);
  }

  private String newName() {
    return randomBytes().toHex();
  }

  @Override
  public void close() throws IOException {
    writes.close();
    records.close();
    tables.close();
    recordStore.close();
    client.close();
  }

  /** Ends as a killed process does, for tests: what is on its way is not waited for. */
  void abandon() throws InterruptedException {
    writes.abandon();
    records.close();
    tables.abandon();
    recordStore.abandon();
    client.close();
    if (!writes.awaitEnd(10)) {
      throw new IllegalStateException("writes of an abandoned store did not end");
    }
  }
}
