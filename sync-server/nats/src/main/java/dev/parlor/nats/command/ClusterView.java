package dev.parlor.nats.command;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.nats.records.NatsRecordStore;
import dev.parlor.nats.records.RecordName;
import dev.parlor.nats.records.TableMessage;
import dev.parlor.nats.store.DocumentContent;
import dev.parlor.nats.store.DocumentListing;
import dev.parlor.nats.store.DocumentReader;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreView;
import dev.parlor.relay.storage.StoredLog;
import dev.parlor.relay.storage.StoredTables;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * All data of a cluster as the contents of a data directory with as many shards. Other nodes may
 * write meanwhile: each document is read at one moment, and each table and record as it was at some
 * moment of the reading. The tables are read before the documents, so that each room that they name
 * is there, and the records that change in batches after them, so that each image that a document
 * names is there.
 *
 * <p>The records of all documents of a shard are in memory, and large values and documents in files
 * of the folder for this work. One thread uses it.
 */
final class ClusterView implements StoreView {

  /** Records of one range that are read at once. */
  private static final int PAGE = 50;

  private final ClusterClient client;
  private final ClusterNames names;
  private final ClusterStreams.Created cluster;
  private final DocumentReader reader;
  private final DocumentListing listing;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final Path work;
  private long documents;
  private long records;
  private long damaged;

  /**
   * @param work an existing folder for files of this view
   */
  ClusterView(
      ClusterClient client,
      ClusterStreams.Created cluster,
      RandomGenerator random,
      InstantSource clock,
      Path work) {
    this.client = client;
    this.names = client.settings().names();
    this.cluster = cluster;
    this.reader = new DocumentReader(client, cluster.shards());
    this.listing = new DocumentListing(client, reader, cluster.shards());
    this.random = random;
    this.clock = clock;
    this.work = work;
  }

  long documents() {
    return documents;
  }

  long records() {
    return records;
  }

  long damagedDocuments() {
    return damaged;
  }

  @Override
  public StorageId storageId() {
    return new StorageId(cluster.storageId());
  }

  @Override
  public int shards() {
    return cluster.shards();
  }

  @Override
  public long pausedNanos() {
    return 0;
  }

  /** The records of one store by name, and the spooled parts of its documents. */
  private final class Contents {
    private final int store;
    private final TreeMap<String, Bytes> small = new TreeMap<>();
    private final Spool spool;

    private Contents(int store) throws IOException {
      this.store = store;
      this.spool = new Spool(work.resolve("documents-" + store));
    }
  }

  @Override
  public void read(Sink sink) throws IOException {
    var first = new Contents(0);
    var ofDocuments = readTables(first.small);
    var shards = new ArrayList<Contents>();
    for (var shard = 0; shard < cluster.shards(); shard++) {
      var contents = cluster.shards() == 1 ? first : new Contents(shard + 1);
      for (var record : ofDocuments.entrySet()) {
        if (ClusterNames.shardOf(ClusterImport.documentOf(record.getKey()), cluster.shards())
            == shard) {
          contents.small.put(record.getKey(), record.getValue());
        }
      }
      for (var document : listing.ofShard(shard)) {
        readDocument(document, contents);
      }
      contents.spool.finish();
      shards.add(contents);
    }
    try (var large = new Spool(work.resolve("values"))) {
      var batched = readBatched(first.small, large);
      large.finish();
      for (var name : union(first.small, batched)) {
        var value = first.small.get(name);
        sink.value(
            new Place(0, Place.Kind.RECORD, name, 0),
            value != null ? value : large.at(batched.getOrDefault(name, 0L)));
        records++;
      }
    }
    if (cluster.shards() > 1) {
      first.spool.close();
    }
    for (var contents : shards) {
      if (contents.store > 0) {
        for (var record : contents.small.entrySet()) {
          sink.value(
              new Place(contents.store, Place.Kind.RECORD, record.getKey(), 0), record.getValue());
          records++;
        }
      }
      contents.spool.pass(sink);
      contents.spool.close();
    }
  }

  private static Set<String> union(Map<String, Bytes> small, Map<String, Long> large) {
    var names = new TreeSet<>(small.keySet());
    names.addAll(large.keySet());
    return names;
  }

  /**
   * The tables that every node has in memory.
   *
   * @param plain gets the records that belong to no document
   * @return the records of documents
   */
  private Map<String, Bytes> readTables(Map<String, Bytes> plain) throws IOException {
    var ofDocuments = new HashMap<String, Bytes>();
    var last = client.last(names.records(), names.recordSubjects());
    var seen = 0L;
    while (last.isPresent() && seen < last.get().sequence()) {
      for (var message :
          client.read(names.records(), names.recordSubjects(), seen + 1, Long.MAX_VALUE)) {
        seen = message.sequence();
        var words = message.subject().substring(names.subjects().length()).split("\\.", -1);
        var table = ClusterNames.text(words[2]);
        var name = RecordName.of(table, ClusterNames.text(words[3]));
        var into =
            StoredTables.kindOf(table) == StoredTables.Kind.OF_DOCUMENTS ? ofDocuments : plain;
        TableMessage.value(message.data())
            .ifPresentOrElse(value -> into.put(name, value), () -> into.remove(name));
      }
    }
    return ofDocuments;
  }

  private void readDocument(DocumentId document, Contents contents) throws IOException {
    DocumentContent content;
    try {
      content = reader.read(document);
    } catch (CorruptDocumentException e) {
      damaged++;
      contents.spool.addDamaged(
          new Place(contents.store, Place.Kind.DOCUMENT, document.value(), 0), "" + e.getMessage());
      return;
    }
    contents.small.putAll(content.records());
    if (!content.isStored()) {
      return;
    }
    documents++;
    if (content.snapshot().isPresent()) {
      contents.spool.add(
          new Place(contents.store, Place.Kind.DOCUMENT, document.value(), 0),
          content.snapshot().get());
    }
    var number = 1;
    for (var value : StoredLog.values(content.tail())) {
      contents.spool.add(
          new Place(contents.store, Place.Kind.DOCUMENT, document.value(), number), value);
      number++;
    }
  }

  /**
   * The records that change in batches.
   *
   * @return the place of each large value in the spool
   */
  private Map<String, Long> readBatched(Map<String, Bytes> small, Spool large) throws IOException {
    var places = new HashMap<String, Long>();
    try (var store = new NatsRecordStore(client, random, clock)) {
      for (var table : store.tables()) {
        var from = "";
        while (true) {
          var page = store.page(table, from, PAGE);
          for (var entry : page) {
            var name = RecordName.of(table, entry.key());
            if (entry.value().length() <= NatsRecordStore.SMALL_BYTES_MAX) {
              small.put(name, entry.value());
            } else {
              places.put(name, large.add(new Place(0, Place.Kind.RECORD, name, 0), entry.value()));
            }
          }
          if (page.size() < PAGE) {
            break;
          }
          from = page.getLast().key() + '\0';
        }
      }
    }
    return places;
  }

  @Override
  public void close() {}

  /** Values in a file, in the order in which they were added. */
  private static final class Spool implements AutoCloseable {
    private final Path file;
    private final DataOutputStream out;
    private long bytes;

    private Spool(Path file) throws IOException {
      this.file = file;
      this.out =
          new DataOutputStream(
              new BufferedOutputStream(
                  Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), 1 << 16));
    }

    /** Adds a value; returns its place in the file. */
    private long add(Place place, Bytes value) throws IOException {
      return write(place, true, value);
    }

    private void addDamaged(Place place, String reason) throws IOException {
      var _ = write(place, false, Bytes.utf8(reason));
    }

    private long write(Place place, boolean intact, Bytes value) throws IOException {
      var at = bytes;
      var name = Bytes.utf8(place.name()).toArray();
      out.writeBoolean(intact);
      out.writeInt(place.store());
      out.writeByte(place.kind().code());
      out.writeLong(place.number());
      out.writeInt(name.length);
      out.write(name);
      out.writeInt(value.length());
      value.writeTo(out);
      bytes += 1 + 4 + 1 + 8 + 4 + name.length + 4 + value.length();
      return at;
    }

    private void finish() throws IOException {
      out.close();
    }

    /** The value at a place that {@link #add} returned. */
    private Bytes at(long place) throws IOException {
      try (var channel = Files.newByteChannel(file);
          var in =
              new DataInputStream(
                  java.nio.channels.Channels.newInputStream(channel.position(place)))) {
        in.skipNBytes(1 + 4 + 1 + 8);
        in.skipNBytes(in.readInt());
        return Bytes.wrap(in.readNBytes(in.readInt()));
      }
    }

    private void pass(Sink sink) throws IOException {
      try (var in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
        for (var left = bytes; left > 0; ) {
          var isIntact = in.readBoolean();
          var store = in.readInt();
          var kind = Place.Kind.of(in.readByte()).orElseThrow();
          var number = in.readLong();
          var name = in.readNBytes(in.readInt());
          var value = in.readNBytes(in.readInt());
          left -= 1 + 4 + 1 + 8 + 4 + name.length + 4 + value.length;
          var place = new Place(store, kind, Bytes.wrap(name).toUtf8(), number);
          if (isIntact) {
            sink.value(place, Bytes.wrap(value));
          } else {
            sink.damaged(place, Bytes.wrap(value).toUtf8());
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
      Files.deleteIfExists(file);
    }
  }
}
