package dev.parlor.room.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of all rooms on disk: {@code epochs} (document to the last epoch), {@code
 * generations} ({@code <document>/<request>} to the record as JSON), {@code waiting} ({@code
 * <document>/<request>} to a waiting request as JSON), {@code queues} (document to the order of the
 * queue as JSON) and {@code unfinished} (documents in which a request runs or waits). Safe from any
 * thread.
 *
 * <p>A row of {@code waiting} counts only if {@code generations} has no record of the request. So a
 * crash between the writes of a grant neither loses a request nor runs it twice.
 *
 * <p>Nodes that share the tables have a fourth table, {@code ended}. It gets the final record of
 * each request once and never replaces it. It takes precedence over {@code generations}, since a
 * node that lost its lease may still write there.
 */
final class Ledger {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final ChangeStore store;
  private final RecordTable unfinished;

  Ledger(ChangeStore store) {
    this.store = store;
    this.unfinished = store.table("unfinished");
  }

  /**
   * The table of the records. It is in the document's shard, so that a run in the stored document
   * always has its record on disk.
   */
  private RecordTable recordTable(DocumentId document) {
    return store.tableOf(document, "generations");
  }

  /**
   * The table of the epochs. It is in the same shard, so that no record is on disk before its
   * epoch.
   */
  private RecordTable epochTable(DocumentId document) {
    return store.tableOf(document, "epochs");
  }

  private RecordTable waitingTable(DocumentId document) {
    return store.tableOf(document, "waiting");
  }

  /** Only nodes that share the tables write it. */
  private RecordTable endedTable(DocumentId document) {
    return store.tableOf(document, "ended");
  }

  private RecordTable queueTable(DocumentId document) {
    return store.tableOf(document, "queues");
  }

  /**
   * The queue of a room.
   *
   * @param records the records of the room
   */
  StoredQueue queue(DocumentId document, List<RunRecord> records) {
    Set<String> decided = records.stream().map(RunRecord::request).collect(Collectors.toSet());
    List<QueuedRequest> rows = new ArrayList<>();
    waitingTable(document)
        .withPrefix(document.value() + "/")
        .forEach(
            (key, bytes) ->
                read(key, bytes, QueuedRequest.class)
                    .filter(row -> !decided.contains(row.request()))
                    .ifPresent(rows::add));
    StoredQueue.Order order =
        queueTable(document)
            .get(document.value())
            .flatMap(bytes -> read(document.value(), bytes, StoredQueue.Order.class))
            .orElse(StoredQueue.Order.EMPTY);
    return StoredQueue.of(rows, order);
  }

  /** Stores a request that waits, and the order of the queue. */
  CompletableFuture<Void> storeRequest(
      DocumentId document, QueuedRequest request, StoredQueue.Order order) {
    return CompletableFuture.allOf(
        waitingTable(document).put(document.value() + "/" + request.request(), json(request)),
        storeOrder(document, order),
        unfinished.put(document.value(), Bytes.utf8(request.request())));
  }

  /** Stores the order of the queue. */
  CompletableFuture<Void> storeOrder(DocumentId document, StoredQueue.Order order) {
    return queueTable(document).put(document.value(), json(order));
  }

  /** Removes the row of a request that does not wait any more. */
  private CompletableFuture<Void> removeWaiting(DocumentId document, String request) {
    RecordTable table = waitingTable(document);
    String key = document.value() + "/" + request;
    return table.get(key).isPresent() ? table.remove(key) : CompletableFuture.completedFuture(null);
  }

  /** The last epoch of a room; 0 without one. */
  long epoch(DocumentId document) {
    return epochTable(document)
        .get(document.value())
        .map(bytes -> Long.parseLong(bytes.toUtf8()))
        .orElse(0L);
  }

  /** The records of all requests of a room. */
  List<RunRecord> records(DocumentId document) {
    List<RunRecord> all = new ArrayList<>();
    SortedMap<String, Bytes> rows = recordTable(document).withPrefix(document.value() + "/");
    rows.putAll(endedTable(document).withPrefix(document.value() + "/"));
    rows.forEach((key, bytes) -> read(key, bytes, RunRecord.class).ifPresent(all::add));
    return all;
  }

  /** The record of a request. */
  Optional<RunRecord> record(DocumentId document, String request) {
    String key = document.value() + "/" + request;
    return endedTable(document)
        .get(key)
        .or(() -> recordTable(document).get(key))
        .flatMap(bytes -> read(key, bytes, RunRecord.class));
  }

  /** A request that waits. */
  Optional<QueuedRequest> waiting(DocumentId document, String request) {
    String key = document.value() + "/" + request;
    return waitingTable(document).get(key).flatMap(bytes -> read(key, bytes, QueuedRequest.class));
  }

  private static <T> Optional<T> read(String key, Bytes bytes, Class<T> type) {
    try {
      return Optional.of(JSON.readValue(bytes.toArray(), type));
    } catch (IOException problem) {
      log.error("generations record {} cannot be read: {}", key, problem.toString());
      return Optional.empty();
    }
  }

  /** Stores a new epoch and the record of its run. */
  CompletableFuture<Void> storeGrant(DocumentId document, long epoch, RunRecord record) {
    return CompletableFuture.allOf(
        epochTable(document).put(document.value(), Bytes.utf8(Long.toString(epoch))),
        unfinished.put(document.value(), Bytes.utf8(record.request())),
        storeRecord(document, record),
        removeWaiting(document, record.request()));
  }

  /** Stores a record in place of the request's earlier record. */
  CompletableFuture<Void> storeRecord(DocumentId document, RunRecord record) {
    return recordTable(document).put(document.value() + "/" + record.request(), json(record));
  }

  private static Bytes json(Object record) {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(record));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a run record is always JSON", e);
    }
  }

  /**
   * As {@link #storeFinal}, with other nodes. If another node has already stored a different final
   * record of a request, nothing is replaced.
   *
   * @return completes with {@link RoomLease.LostException} if another record was first
   */
  CompletableFuture<Void> storeFinalOnce(
      DocumentId document, List<RunRecord> finalRecords, boolean idle) {
    boolean isFirst = true;
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    try {
      for (RunRecord record : finalRecords) {
        var put =
            endedTable(document)
                .putIfAbsent(document.value() + "/" + record.request(), json(record));
        writes.add(put.committed());
        isFirst &= put.inserted() || put.value().equals(json(record));
      }
    } catch (UncheckedIOException unreachable) {
      return CompletableFuture.failedFuture(unreachable);
    }
    if (!isFirst) {
      return CompletableFuture.failedFuture(
          new RoomLease.LostException("another node ended the request"));
    }
    writes.add(storeFinal(document, finalRecords, idle));
    return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
  }

  /**
   * Stores final records.
   *
   * @param idle whether no request of the room runs or waits after that
   */
  CompletableFuture<Void> storeFinal(
      DocumentId document, List<RunRecord> finalRecords, boolean idle) {
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (RunRecord record : finalRecords) {
      writes.add(storeRecord(document, record));
      writes.add(removeWaiting(document, record.request()));
    }
    if (idle && unfinished.get(document.value()).isPresent()) {
      writes.add(unfinished.remove(document.value()));
    }
    return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
  }

  /**
   * Reads the records of a document that other nodes have written meanwhile.
   *
   * @return completes when the other methods return them
   */
  CompletableFuture<Void> refresh(DocumentId document) {
    return store.refresh(document);
  }

  /** Notes that a node must open the room and decide a request that the document shows. */
  void needsNode(DocumentId document, String request) {
    var _ = unfinished.put(document.value(), Bytes.utf8(request));
  }

  /** Notes that no request of the room runs or will start without a further input of a peer. */
  void idle(DocumentId document) {
    if (unfinished.get(document.value()).isPresent()) {
      var _ = unfinished.remove(document.value());
    }
  }

  /** The documents in which a request runs or waits. */
  List<DocumentId> unfinished() {
    List<DocumentId> documents = new ArrayList<>();
    for (String key : unfinished.withPrefix("").keySet()) {
      switch (DocumentId.parse(key)) {
        case Decoding.Decoded<DocumentId>(DocumentId id) -> documents.add(id);
        case Decoding.Malformed<DocumentId> malformed ->
            log.error("unfinished record {} names no document: {}", key, malformed);
      }
    }
    return documents;
  }
}
