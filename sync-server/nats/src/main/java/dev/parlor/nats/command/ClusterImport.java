package dev.parlor.nats.command;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.nodes.Heartbeats;
import dev.parlor.nats.records.NatsRecordStore;
import dev.parlor.nats.records.NatsTables;
import dev.parlor.nats.records.RecordName;
import dev.parlor.nats.store.DocumentFolds;
import dev.parlor.nats.store.NatsChangeStore;
import dev.parlor.relay.backup.BackupChain;
import dev.parlor.relay.backup.BackupContents;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.OfflineStore;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.RecordBatch;
import dev.parlor.relay.storage.RecordStore.Outcome;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import dev.parlor.relay.storage.StoreView;
import dev.parlor.relay.storage.StoredLog;
import dev.parlor.relay.storage.StoredTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Writes a backup, or a data directory that no server has open, into a cluster without data. The
 * cluster gets the storage id of the source, so that clients find their changes saved there.
 *
 * <p>While the import runs, the cluster is marked, and no node opens it. An import that ended early
 * begins again from nothing. One thread uses it.
 */
final class ClusterImport implements StoreView.Sink {

  /** Records whose commits are waited for together. */
  private static final int GROUP = 200;

  /** Bytes of values whose commits are waited for together. */
  private static final long GROUP_BYTES = 8L << 20;

  /** Time without a heartbeat after which no node uses the cluster. */
  private static final int SILENT_SECONDS = 15;

  private static final String DATABASE = "parlor.db";
  private static final String ARCHIVE = "archive";

  private final DocumentFolds folds;
  private final NatsTables tables;
  private final NatsRecordStore batches;
  private final List<CompletableFuture<?>> commits = new ArrayList<>();
  private long commitBytes;

  /** The records of documents whose content has not come yet. */
  private final Map<DocumentId, TreeMap<String, Bytes>> recordsOf = new HashMap<>();

  private String document = "";
  private Optional<Bytes> snapshot = Optional.empty();
  private final List<ChangeRecord> changes = new ArrayList<>();
  private long documents;
  private long records;

  private ClusterImport(
      ClusterClient client,
      ClusterStreams.Created cluster,
      RandomGenerator random,
      InstantSource clock)
      throws IOException {
    this.folds = DocumentFolds.ofImport(client, cluster.shards(), random);
    this.tables = new NatsTables(client, random);
    this.batches = new NatsRecordStore(client, random, clock);
  }

  /** What was written. */
  record Summary(String storageId, long documents, long records) {}

  /**
   * Imports a backup file, the newest backup of a folder, or a data directory; blocks.
   *
   * @throws IOException with one sentence for the operator: the cluster has data or nodes, or the
   *     source is damaged or has archived rooms
   */
  static Summary run(ClusterClient client, Path source, RandomGenerator random, InstantSource clock)
      throws IOException {
    var cluster = ClusterStreams.find(client).orElseThrow(() -> missing(client));
    requireNoNodes(client);
    if (ClusterStreams.isBeingImported(client)) {
      ClusterStreams.removeAll(client, cluster);
    } else {
      requireEmpty(client, cluster);
    }
    if (Files.exists(source.resolve(DATABASE))) {
      requireNoArchive(source);
      try (var store = OfflineStore.open(source, Limits.defaults().storage())) {
        if (!store.damage().isEmpty()) {
          throw damagedSource(store.damage().getFirst());
        }
        return run(client, cluster, random, clock, store.storageId().value(), store::read);
      }
    }
    var chain = BackupChain.of(fileOf(source));
    return run(
        client,
        cluster,
        random,
        clock,
        BackupChain.header(chain.newest()).storageId().value(),
        sink -> BackupContents.read(chain, sink));
  }

  private interface Source {
    void read(StoreView.Sink sink) throws IOException;
  }

  private static Summary run(
      ClusterClient client,
      ClusterStreams.Created cluster,
      RandomGenerator random,
      InstantSource clock,
      String storageId,
      Source source)
      throws IOException {
    // Everything is read once before anything is written.
    source.read(new Check());
    ClusterStreams.beginImport(client);
    var target = new ClusterImport(client, cluster, random, clock);
    try {
      source.read(target);
      target.end();
    } finally {
      target.tables.close();
      target.batches.close();
    }
    ClusterStreams.endImport(client, storageId);
    return new Summary(storageId, target.documents, target.records);
  }

  private static Path fileOf(Path source) throws IOException {
    if (!Files.isDirectory(source)) {
      if (!Files.isReadable(source)) {
        throw new IOException(source + " cannot be read");
      }
      return source;
    }
    return BackupChain.newestIn(source)
        .orElseThrow(
            () ->
                new IOException(
                    source
                        + " is neither a data directory nor a folder with a backup that can be"
                        + " read"));
  }

  private static IOException missing(ClusterClient client) {
    return new IOException(
        "the cluster has no streams of Parlor with the prefix "
            + client.settings().names().streams()
            + "; create them with ./parlor cluster init");
  }

  private static IOException damagedSource(String damage) {
    return new IOException(
        "nothing was imported, the source is damaged: "
            + damage
            + "; ./parlor restore --without-damaged makes a data directory without the damage");
  }

  /** Waits for heartbeats, unless every node has said that it left. */
  private static void requireNoNodes(ClusterClient client) throws IOException {
    var names = client.settings().names();
    if (ClusterStreams.info(client, names.beats()).isEmpty()) {
      return;
    }
    var beats = client.read(names.beats(), names.beatSubjects(), 1, Long.MAX_VALUE);
    if (beats.stream().allMatch(Heartbeats::hasLeft)) {
      return;
    }
    var last = beats.getLast().sequence();
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SILENT_SECONDS);
    while (System.nanoTime() - end < 0) {
      var newest = client.last(names.beats(), names.beatSubjects());
      if (newest.isPresent() && newest.get().sequence() > last) {
        throw new IOException("a node uses the cluster; stop all nodes and try again");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static void requireEmpty(ClusterClient client, ClusterStreams.Created cluster)
      throws IOException {
    for (var stream : ClusterStreams.contents(client, cluster)) {
      var info = ClusterStreams.info(client, stream);
      if (info.isEmpty()) {
        throw new IOException(
            "the stream " + stream + " is missing; create it with ./parlor cluster init");
      }
      if (info.get().getStreamState().getMsgCount() > 0) {
        throw new IOException(
            "the cluster has data already, in the stream "
                + stream
                + "; import into another --prefix, and nothing is overwritten");
      }
    }
  }

  private static void requireNoArchive(Path directory) throws IOException {
    if (Files.isDirectory(directory.resolve(ARCHIVE))) {
      try (var files = Files.list(directory.resolve(ARCHIVE))) {
        if (files.findAny().isPresent()) {
          throw archived();
        }
      }
    }
  }

  private static IOException archived() {
    return new IOException(
        "nothing was imported: the source has archived rooms, which a cluster does not have; open"
            + " these rooms on one machine first");
  }

  /** Refuses sources with damage or archived rooms. */
  private static final class Check implements StoreView.Sink {
    @Override
    public void value(Place place, Bytes value) throws IOException {
      if (place.kind() == Place.Kind.FILE) {
        throw archived();
      }
    }

    @Override
    public void damaged(Place place, String reason) throws IOException {
      throw damagedSource(place.description() + ": " + reason);
    }
  }

  @Override
  public void damaged(Place place, String reason) throws IOException {
    throw damagedSource(place.description() + ": " + reason);
  }

  @Override
  public void value(Place place, Bytes value) throws IOException {
    switch (place.kind()) {
      case RECORD -> {
        endDocument();
        record(place, value);
      }
      case DOCUMENT -> documentPart(place, value);
      case FILE -> throw archived();
    }
  }

  private void record(Place place, Bytes value) throws IOException {
    records++;
    var end = place.name().indexOf('\0');
    var table = place.name().substring(0, end);
    var key = place.name().substring(end + 1);
    switch (StoredTables.kindOf(table)) {
      case PLAIN -> group(tables.table(table).put(key, value), value);
      case OF_DOCUMENTS -> {
        if (NatsChangeStore.LISTED_TABLES.contains(table)) {
          group(tables.table(table).put(key, value), value);
        } else {
          recordsOf
              .computeIfAbsent(documentOf(place.name()), _ -> new TreeMap<>())
              .put(place.name(), value);
        }
      }
      case IN_BATCHES -> {
        var batch = RecordBatch.of(place.name()).put(new RecordKey(table, key), value).build();
        group(
            batches
                .commit(batch)
                .thenApply(
                    outcome -> {
                      if (!(outcome instanceof Outcome.Committed)) {
                        throw new CompletionException(
                            new IOException("another process writes into the cluster"));
                      }
                      return outcome;
                    }),
            value);
      }
    }
  }

  /**
   * The document at the start of a record's key.
   *
   * @param name the table and the key, as {@link RecordName#of} joins them
   */
  static DocumentId documentOf(String name) throws IOException {
    var start = name.indexOf('\0') + 1;
    var end = start;
    while (end < name.length() && Character.isLetterOrDigit(name.charAt(end))) {
      end++;
    }
    if (DocumentId.parse(name.substring(start, end)) instanceof Decoded<DocumentId>(var document)) {
      return document;
    }
    throw new IOException(
        "the key of a record does not begin with the id of a document: "
            + new Place(0, Place.Kind.RECORD, name, 0).description());
  }

  private void group(CompletableFuture<?> commit, Bytes value) throws IOException {
    commits.add(commit);
    commitBytes += value.length();
    if (commits.size() >= GROUP || commitBytes >= GROUP_BYTES) {
      awaitCommits();
    }
  }

  private void awaitCommits() throws IOException {
    try {
      for (var commit : commits) {
        commit.join();
      }
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException problem ? problem : new IOException(e);
    }
    commits.clear();
    commitBytes = 0;
  }

  private void documentPart(Place place, Bytes value) throws IOException {
    if (!place.name().equals(document)) {
      endDocument();
      document = place.name();
    }
    if (place.number() == 0) {
      snapshot = Optional.of(value);
    } else {
      changes.addAll(
          StoredLog.changes(value)
              .orElseThrow(() -> damagedSource(place.description() + " cannot be separated")));
    }
  }

  private void endDocument() throws IOException {
    if (document.isEmpty()) {
      return;
    }
    if (!(DocumentId.parse(document) instanceof Decoded<DocumentId>(var id))) {
      throw new IOException("the document " + document + " has an id that is not valid");
    }
    var ofDocument = recordsOf.remove(id);
    folds.create(id, snapshot, changes, ofDocument == null ? new TreeMap<>() : ofDocument);
    documents++;
    document = "";
    snapshot = Optional.empty();
    changes.clear();
  }

  /** Writes the last document, and the records of documents without content. */
  private void end() throws IOException {
    endDocument();
    for (var rest : recordsOf.entrySet()) {
      folds.create(rest.getKey(), Optional.empty(), List.of(), rest.getValue());
    }
    awaitCommits();
  }
}
