package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));
  private final Ledger ledger = new Ledger(store);
  private final DocumentId document = DocumentId.of(Bytes.wrap(new byte[16]));

  private static RunRecord record(Status status) {
    return new RunRecord(
        "r-1",
        "ann",
        "Why \"so\"?",
        "Act as 漢字 😀",
        "stub",
        List.of("c1", "c2"),
        List.of("one ", "two"),
        status,
        "",
        new Usage(1, 2, true),
        7,
        1_795_204_434_983L,
        1_795_204_614_983L,
        RunRecord.NONE,
        12,
        RunRecord.NONE,
        "r-0",
        null,
        50L,
        1);
  }

  @DisplayName("stored records are read back equal")
  @Test
  void recordsAreReadBackEqual() throws Exception {
    ledger.storeGrant(document, 7, record(Status.RUNNING)).get(20, TimeUnit.SECONDS);
    assertEquals(7, ledger.epoch(document));
    assertEquals(List.of(record(Status.RUNNING)), ledger.records(document));
    assertEquals(List.of(document), ledger.unfinished());
    ledger.storeFinal(document, List.of(record(Status.DONE))).get(20, TimeUnit.SECONDS);
    assertEquals(List.of(record(Status.DONE)), ledger.records(document));
    assertTrue(ledger.unfinished().isEmpty());
  }

  @DisplayName("an unreadable record is skipped, and the other records are read")
  @Test
  void unreadableRecordIsSkipped() throws Exception {
    ledger.storeRecord(document, record(Status.DONE)).get(20, TimeUnit.SECONDS);
    store
        .table("generations")
        .put(document + "/unreadable", Bytes.utf8("{"))
        .get(20, TimeUnit.SECONDS);
    assertEquals(1, ledger.records(document).size());
    assertEquals(0, ledger.epoch(document));
  }
}
