package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Lock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The limits per minute of a node that takes over from another node, or starts again. */
class RequestRateTest {
  private static final long NOW = 10_000_000;

  /** Three requests a minute of an identity, and five of the room. */
  private static final ServiceLimits.Generation LIMITS =
      new ServiceLimits.Generation(3, 180, 500, 100, 30, 400, 5, 10, 10);

  private final List<RunRecord> records = new ArrayList<>();
  private final List<QueuedRequest> waiting = new ArrayList<>();

  private static Lock lock(String request, String by, long at) {
    return new Lock(request, by, at, "Why?", List.of(), 0);
  }

  private void ran(String by, long startedAt) {
    var number = records.size() + 1;
    records.add(
        RunRecord.granted(
            lock("r" + number, by, startedAt),
            BuiltPrompt.UNKNOWN,
            number,
            startedAt,
            startedAt + 180_000));
  }

  private void waits(String by, long acceptedAt) {
    waiting.add(
        new QueuedRequest(
            lock("w" + waiting.size(), by, acceptedAt), BuiltPrompt.UNKNOWN, acceptedAt, false));
  }

  private Optional<RequestRate.Excess> excess(String identity) {
    var state =
        new GenerationState(
            LIMITS,
            "stub",
            (_, _) -> BuiltPrompt.UNKNOWN,
            records.size(),
            records,
            new StoredQueue(waiting, null));
    var _ = state.recover(NOW);
    return state.excess(identity, NOW);
  }

  @Test
  @DisplayName(
      "[GE3] requests of the last minute that ran or wait in the ledger count on the node that takes"
          + " over; older ones do not")
  void requestsInTheLedgerCount() {
    ran("ann", NOW - 60_000);
    ran("ann", NOW - 50_000);
    ran("ann", NOW - 20_000);
    assertEquals(Optional.empty(), excess("ann"));
    waits("ann", NOW - 10_000);
    assertEquals(Optional.of(new RequestRate.Excess(NOW + 10_000, 3, "")), excess("ann"));
    assertEquals(Optional.empty(), excess("ben"));
  }

  @Test
  @DisplayName("[GE3] the limit of the room also counts the requests in the ledger")
  void requestsOfTheRoomCount() {
    for (var i = 0; i < 5; i++) {
      ran("person-" + i, NOW - 30_000 + i);
    }
    assertEquals(Optional.of(new RequestRate.Excess(NOW + 30_000, 5, "room")), excess("zoe"));
  }

  @Test
  @DisplayName(
      "[GE3] refused requests, imported results and times of a clock that is ahead do not count")
  void otherRecordsDoNotCount() {
    for (var i = 0; i < 6; i++) {
      records.add(RunRecord.refused(lock("x" + i, "ann", NOW), "stub", "stale", 3, NOW));
      records.add(
          RunRecord.granted(lock("i" + i, "ann", NOW), BuiltPrompt.UNKNOWN, 0, NOW, NOW)
              .ended(Outcome.interrupted("imported"), CurrentRun.estimate(1, 1), NOW));
      ran("ann", NOW + 3_600_000);
    }
    assertEquals(Optional.empty(), excess("ann"));
  }
}
