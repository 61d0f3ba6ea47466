package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.client.ClusterException.Kind;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.records.NatsRecordStore;
import dev.parlor.nats.records.NatsTables;
import dev.parlor.relay.health.Health.Condition;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.RecordStore;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.relay.storage.ServerStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Documents on streams of a cluster. Several processes use the same streams at once.
 *
 * <p>A document's changes are entries of the stream of its shard, see {@link LogEntry}. A
 * compaction writes them into an object, see {@link DocumentFolds}.
 *
 * <p>Writes are stored by virtual threads, see {@link DocumentWrites}. {@link #load}, {@link
 * #contains} and {@link #documents} block on the network. Safe from any thread.
 */
public final class NatsChangeStore implements ServerStore {

  /**
   * The tables of documents whose records all nodes must see at once, or must be able to list. They
   * are beside the logs, and each node has them in memory. The records of all other tables of
   * documents are in the documents' logs.
   */
  public static final Set<String> LISTED_TABLES =
      Set.of("tombstones", "webhook-untold", "document-owners");

  /** Damaged documents that the health names; above: their number. */
  private static final int NAMED_MAX = 5;

  private final ClusterClient client;
  private final ClusterNames names;
  private final ClusterLimits limits;
  private final UniqueNames unique;

  /** Names this process in the entries that it writes. */
  private final long writer;

  private final AtomicLong entryCount = new AtomicLong();
  private final AtomicLong truncations = new AtomicLong();
  private final ClusterStreams.Created cluster;
  private final DocumentReader reader;
  private final DocumentListing listing;
  private final DocumentWrites writes;
  private final DocumentRecords records;
  private final DocumentFolds folds;
  private final NatsTables tables;
  private final NatsRecordStore recordStore;

  private NatsChangeStore(
      ClusterClient client, ClusterStreams.Created cluster, RandomGenerator random, Metrics metrics)
      throws IOException {
    this.client = client;
    this.names = client.settings().names();
    this.limits = client.settings().limits();
    this.unique = new UniqueNames(random);
    this.writer = random.nextLong();
    this.cluster = cluster;
    this.reader = new DocumentReader(client, cluster.shards());
    this.listing = new DocumentListing(client, reader, cluster.shards());
    this.writes = new DocumentWrites(this::append, limits.groupBytesMax(), metrics);
    this.records = new DocumentRecords(reader, writes, writer);
    this.folds = new DocumentFolds(client, reader, cluster.shards(), unique, records::passed);
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
  public interface Check {
    /** Fails with one sentence for the operator. */
    void check(ClusterClient client, ClusterStreams.Created cluster) throws IOException;
  }

  /**
   * As {@link #open(ClusterSettings, RandomGenerator)}, with the metrics of the process, if the
   * cluster passes a check.
   */
  public static NatsChangeStore open(
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
    folds.loaded(document, content);
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
      return listing.stored();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    return records.stored(document, count, operations, publish(document, entry));
  }

  /** Stores an entry, in parts if it is too long for one message; returns its sequence. */
  private long publish(DocumentId document, Bytes entry) throws IOException {
    var subject = names.log(document, cluster.shards());
    return client.untilAnswered(
        () -> {
          try {
            var sequence = ClusterClient.ANY;
            for (var message : EntryParts.split(entry, unique.next(), limits.partBytesMax())) {
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
    return writes.then(document, () -> folds.compact(document, snapshot, coveredChanges));
  }

  @Override
  public CompletableFuture<Void> compact(
      DocumentId document, Optional<Bytes> previous, Bytes snapshot, Set<ChangeHash> covered) {
    var coveredChanges = Set.copyOf(covered);
    return writes.then(document, () -> folds.compact(document, previous, snapshot, coveredChanges));
  }

  @Override
  public boolean isCompactedByNodes() {
    return true;
  }

  /** Moves a document's entries into its object; see {@link DocumentFolds#fold}. Blocks. */
  public boolean fold(DocumentId document) throws IOException {
    return folds.fold(document);
  }

  @Override
  public CompletableFuture<Void> remove(DocumentId document) {
    return writes.then(document, () -> folds.remove(document));
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
            client, reader, folds::fold, cluster.shards(), truncations::incrementAndGet);
    var longest = 0L;
    for (var shard = 0; shard < cluster.shards(); shard++) {
      longest = Math.max(longest, truncation.truncate(shard, shardBytesMax));
    }
    return longest;
  }

  /** Deletes objects of a shard to which no pointer refers; returns how many. Blocks. */
  int sweep(int shard, int objectMillis) throws IOException {
    return new OrphanSweep(client, reader, cluster.shards(), unique::nextName)
        .sweep(shard, Duration.ofMillis(objectMillis));
  }

  /** How often this process deleted the beginning of a shard's log. */
  long truncations() {
    return truncations.get();
  }

  /** The number of objects that this process stored for documents: compactions and folded logs. */
  long folds() {
    return folds.count();
  }

  /** Whether all documents that this process read are whole; names those that are not. */
  public Condition documentsCondition() {
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

  /** The client of all requests of this store. */
  public ClusterClient client() {
    return client;
  }

  /** The number of shards of the cluster. */
  public int shards() {
    return cluster.shards();
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
