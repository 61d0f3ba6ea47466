package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.FoldedPrompt;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.Result.Usage;
import java.util.List;
import java.util.Set;
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
        1,
        List.of(
            new Attachment(Attachment.Kind.NOTE, "n", "Keep", "milk", null),
            Attachment.text("two words", "result:r-0")),
        "chat-1");
  }

  @DisplayName("stored records are read back equal")
  @Test
  void recordsAreReadBackEqual() throws Exception {
    ledger.storeGrant(document, 7, record(Status.RUNNING)).get(20, TimeUnit.SECONDS);
    assertEquals(7, ledger.epoch(document));
    assertEquals(List.of(record(Status.RUNNING)), ledger.records(document));
    assertEquals(List.of(document), ledger.unfinished());
    ledger.storeFinal(document, List.of(record(Status.DONE)), true).get(20, TimeUnit.SECONDS);
    assertEquals(List.of(record(Status.DONE)), ledger.records(document));
    assertTrue(ledger.unfinished().isEmpty());
  }

  private static QueuedRequest queued(String request, long acceptedAt, boolean old) {
    Lock lock =
        new Lock(
            request,
            "ann",
            1,
            "Why?",
            List.of("c1"),
            3,
            "r-0",
            List.of(Attachment.text("two words", null)),
            "chat-1");
    BuiltPrompt prompt =
        new BuiltPrompt(
            "stub",
            List.of(new FoldedPrompt.Message("user", "Why \ud83d\ude00?")),
            50,
            "text",
            List.of("c1"),
            List.of(new Problem("cards/c1/text", "is empty")),
            "card",
            2);
    return new QueuedRequest(lock, prompt, acceptedAt, old);
  }

  @DisplayName(
      "[GE15] the queue is read back in its order; a request with a record is left out, and one that the"
          + " order does not name comes last")
  @Test
  void queueIsReadBack() throws Exception {
    Paused pause = new Paused("ann", 1, 60_001);
    StoredQueue.Order order = new StoredQueue.Order(List.of("b", "a", "r-1"), Set.of("a"), pause);
    for (QueuedRequest each :
        List.of(queued("a", 1, true), queued("b", 2, false), queued("late", 3, true))) {
      ledger.storeRequest(document, each, order).get(20, TimeUnit.SECONDS);
    }
    ledger.storeRequest(document, queued("r-1", 0, false), order).get(20, TimeUnit.SECONDS);
    assertEquals(List.of(document), ledger.unfinished());
    List<RunRecord> records = List.of(record(Status.RUNNING));
    StoredQueue expected =
        new StoredQueue(
            List.of(queued("b", 2, false), queued("a", 1, false), queued("late", 3, true)), pause);
    assertEquals(expected, ledger.queue(document, records));
    ledger.storeFinal(document, records, false).get(20, TimeUnit.SECONDS);
    assertEquals(expected, ledger.queue(document, List.of()), "the row of r-1 is removed");
    assertEquals(List.of(document), ledger.unfinished(), "requests wait");
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
