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
 * <p>Nodes that share the tables have a fourth table, {@code ended}. It gets each final record
 * once, and the record is never replaced. It is authoritative for how a request ended, even if a
 * node that lost its lease writes to {@code generations} later.
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
   * Stored in the document's shard, so that a run in the stored document always has its record on
   * disk.
   */
  private RecordTable runs(DocumentId document) {
    return store.tableOf(document, "generations");
  }

  /** Stored in the shard of the records, so that no record is on disk before its epoch. */
  private RecordTable epochs(DocumentId document) {
    return store.tableOf(document, "epochs");
  }

  long epoch(DocumentId document) {
    return epochs(document)
        .get(document.value())
        .map(bytes -> Long.parseLong(bytes.toUtf8()))
        .orElse(0L);
  }

  List<RunRecord> records(DocumentId document) {
    List<RunRecord> all = new ArrayList<>();
    SortedMap<String, Bytes> rows = runs(document).withPrefix(document.value() + "/");
    rows.putAll(ended.withPrefix(document.value() + "/"));
    rows.forEach((key, bytes) -> read(key, bytes).ifPresent(all::add));
    return all;
  }

  /** The record of a request. */
  Optional<RunRecord> record(DocumentId document, String request) {
    String key = document.value() + "/" + request;
    return ended.get(key).or(() -> runs(document).get(key)).flatMap(bytes -> read(key, bytes));
  }

  private static Optional<RunRecord> read(String key, Bytes bytes) {
    try {
      return Optional.of(JSON.readValue(bytes.toArray(), RunRecord.class));
    } catch (IOException problem) {
      log.error("generations record {} cannot be read: {}", key, problem.toString());
      return Optional.empty();
    }
  }

  /** Stores an epoch and its run. */
  CompletableFuture<Void> store(DocumentId document, long epoch, RunRecord record) {
    return CompletableFuture.allOf(
        epochs(document).put(document.value(), Bytes.utf8(Long.toString(epoch))),
        unfinished.put(document.value(), Bytes.utf8(record.request())),
        keep(document, record));
  }

  CompletableFuture<Void> keep(DocumentId document, RunRecord record) {
    return runs(document).put(document.value() + "/" + record.request(), json(record));
  }

  private static Bytes json(RunRecord record) {
    try {
      return Bytes.wrap(JSON.writeValueAsBytes(record));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a run record is always JSON", e);
    }
  }

  /**
   * As {@link #seal}, but other nodes may have ended the same requests: the first final record
   * counts.
   *
   * @return completes with {@link RoomLease.LostException} if another record was first
   */
  CompletableFuture<Void> sealOnce(DocumentId document, List<RunRecord> finals) {
    boolean first = true;
    List<CompletableFuture<Void>> all = new ArrayList<>();
    try {
      for (RunRecord record : finals) {
        var put = ended.putIfAbsent(document.value() + "/" + record.request(), json(record));
        all.add(put.committed());
        first &= put.inserted() || put.value().equals(json(record));
      }
    } catch (UncheckedIOException unreachable) {
      return CompletableFuture.failedFuture(unreachable);
    }
    if (!first) {
      return CompletableFuture.failedFuture(
          new RoomLease.LostException("another node ended the request"));
    }
    all.add(seal(document, finals));
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }

  /** Stores final records. */
  CompletableFuture<Void> seal(DocumentId document, List<RunRecord> ended) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (RunRecord record : ended) {
      all.add(keep(document, record));
      boolean was =
          unfinished
              .get(document.value())
              .filter(bytes -> bytes.toUtf8().equals(record.request()))
              .isPresent();
      if (was) {
        all.add(unfinished.remove(document.value()));
      }
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
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
