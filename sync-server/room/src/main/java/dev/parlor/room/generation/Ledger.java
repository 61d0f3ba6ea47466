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
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of all rooms on disk, in three tables: {@code epochs} (document to the last epoch),
 * {@code generations} ({@code <document>/<request>} to the record as JSON) and {@code unfinished}
 * (document to the request of an unfinished run). Safe from any thread.
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
  private final RecordTable ended;

  Ledger(ChangeStore store) {
    this.store = store;
    this.unfinished = store.table("unfinished");
    this.ended = store.table("ended");
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
    rows.putAll(ended.withPrefix(document.value() + "/"));
    rows.forEach((key, bytes) -> read(key, bytes).ifPresent(all::add));
    return all;
  }

  /** The record of a request. */
  Optional<RunRecord> record(DocumentId document, String request) {
    String key = document.value() + "/" + request;
    return ended
        .get(key)
        .or(() -> recordTable(document).get(key))
        .flatMap(bytes -> read(key, bytes));
  }

  private static Optional<RunRecord> read(String key, Bytes bytes) {
    try {
      return Optional.of(JSON.readValue(bytes.toArray(), RunRecord.class));
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
        storeRecord(document, record));
  }

  /** Stores a record in place of the request's earlier record. */
  CompletableFuture<Void> storeRecord(DocumentId document, RunRecord record) {
    return recordTable(document).put(document.value() + "/" + record.request(), json(record));
  }

  private static Bytes json(RunRecord record) {
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
  CompletableFuture<Void> storeFinalOnce(DocumentId document, List<RunRecord> finalRecords) {
    boolean isFirst = true;
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    try {
      for (RunRecord record : finalRecords) {
        var put = ended.putIfAbsent(document.value() + "/" + record.request(), json(record));
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
    writes.add(storeFinal(document, finalRecords));
    return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
  }

  /** Stores final records. */
  CompletableFuture<Void> storeFinal(DocumentId document, List<RunRecord> finalRecords) {
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (RunRecord record : finalRecords) {
      writes.add(storeRecord(document, record));
      boolean isUnfinished =
          unfinished
              .get(document.value())
              .filter(bytes -> bytes.toUtf8().equals(record.request()))
              .isPresent();
      if (isUnfinished) {
        writes.add(unfinished.remove(document.value()));
      }
    }
    return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new));
  }

  /** The documents whose last stored run is not final. */
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
