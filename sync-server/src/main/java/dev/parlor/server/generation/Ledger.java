package dev.parlor.server.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.storage.ChangeStore;
import dev.parlor.server.storage.RecordTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of all rooms on disk, in three tables: {@code epochs} (document to the last epoch),
 * {@code generations} ({@code <document>/<request>} to the record as JSON) and {@code unfinished}
 * (document to the request whose run had no end yet). Safe from any thread.
 */
final class Ledger {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final RecordTable epochs;
  private final RecordTable records;
  private final RecordTable unfinished;

  Ledger(ChangeStore store) {
    this.epochs = store.table("epochs");
    this.records = store.table("generations");
    this.unfinished = store.table("unfinished");
  }

  long epoch(DocumentId document) {
    return epochs.get(document.value()).map(bytes -> Long.parseLong(bytes.toUtf8())).orElse(0L);
  }

  List<RunRecord> records(DocumentId document) {
    List<RunRecord> all = new ArrayList<>();
    records
        .withPrefix(document.value() + "/")
        .forEach(
            (key, bytes) -> {
              try {
                all.add(JSON.readValue(bytes.toArray(), RunRecord.class));
              } catch (IOException problem) {
                log.error("generations record {} cannot be read: {}", key, problem.toString());
              }
            });
    return all;
  }

  /** Puts an epoch and the run that it was given to on disk. */
  CompletableFuture<Void> store(DocumentId document, long epoch, RunRecord record) {
    return CompletableFuture.allOf(
        epochs.put(document.value(), Bytes.utf8(Long.toString(epoch))),
        unfinished.put(document.value(), Bytes.utf8(record.request())),
        keep(document, record));
  }

  CompletableFuture<Void> keep(DocumentId document, RunRecord record) {
    try {
      return records.put(
          document.value() + "/" + record.request(), Bytes.wrap(JSON.writeValueAsBytes(record)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a run record is always JSON", e);
    }
  }

  /** Puts final records on disk. */
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

  /** The documents whose last run had no end when it was last written. */
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
