package dev.parlor.nats.store;

import static dev.parlor.nats.store.StoreFixture.A;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterException;
import dev.parlor.nats.records.RecordName;
import dev.parlor.relay.health.Metrics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests what a node learns about its conditional write if another node folds and truncates the log
 * before the first node has read its own entry.
 */
class FoldedOutcomeTest {

  private static final long WRITER = 1;
  private static final long OTHER_WRITER = 2;
  private static final String TABLE = "leases";
  private static final String RECORD = RecordName.of(TABLE, "key");

  @RegisterExtension static final SharedServer shared = new SharedServer();

  private StoreFixture fixture;
  private DocumentWrites writes;
  private DocumentRecords records;

  @BeforeEach
  void readRecords() {
    fixture = shared.fixture();
    writes = new DocumentWrites((_, _, _) -> Set.of(), 1, new Metrics());
    records = new DocumentRecords(new DocumentReader(fixture.operator, 2), writes, WRITER);
    assertEquals(Optional.empty(), records.table(A, TABLE).get("key"));
  }

  @AfterEach
  void close() {
    records.close();
    writes.close();
  }

  private static RecordOperation replace(String expected, String value) {
    return new RecordOperation.Replace(
        RECORD,
        Optional.of(expected).filter(text -> !text.isEmpty()).map(Bytes::utf8),
        Bytes.utf8(value));
  }

  private long publish(long writer, long count, RecordOperation... operations) throws IOException {
    var entry =
        new LogEntry(Optional.empty(), Map.of(writer, count), List.of(operations), List.of());
    var message = EntryParts.split(entry.encode(), Bytes.EMPTY, Integer.MAX_VALUE).getFirst();
    return fixture.operator.publishOnce(fixture.log(A), message, ClusterClient.ANY);
  }

  private void truncate() throws IOException {
    fixture.node().truncate(0);
  }

  @Test
  @DisplayName("a write that had its effect has no conflict, though a later one replaced its value")
  void replacedLater() throws Exception {
    var own = replace("", "own");
    var sequence = publish(WRITER, 1, own);
    publish(OTHER_WRITER, 1, replace("own", "other"));
    truncate();
    assertEquals(Set.of(), records.stored(A, 1, List.of(own), sequence));
    assertEquals(Optional.of(Bytes.utf8("other")), records.table(A, TABLE).get("key"));
  }

  @Test
  @DisplayName("a write without effect has a conflict, though another node wrote the same value")
  void sameValue() throws Exception {
    publish(OTHER_WRITER, 1, replace("", "value"));
    var own = replace("", "value");
    var sequence = publish(WRITER, 1, own);
    truncate();
    assertEquals(Set.of(own), Set.copyOf(records.stored(A, 1, List.of(own), sequence)));
  }

  @Test
  @DisplayName("the outcome of a write is known after several folds by different nodes")
  void severalFolds() throws Exception {
    publish(OTHER_WRITER, 1, replace("", "value"));
    var effective = replace("value", "own");
    var late = replace("", "value");
    var sequence = publish(WRITER, 1, late, effective);
    for (var round = 0; round < 3; round++) {
      truncate();
      publish(OTHER_WRITER, 2 + round, replace("", "value"));
    }
    truncate();
    assertEquals(
        Set.of(late), Set.copyOf(records.stored(A, 1, List.of(late, effective), sequence)));
  }

  @Test
  @DisplayName("a write whose outcome the other nodes removed fails as unknown, not as a conflict")
  void removedOutcome() throws Exception {
    var own = replace("", "own");
    var sequence = publish(WRITER, 1, own);
    publish(OTHER_WRITER, 1, new RecordOperation.Remove(RECORD));
    truncate();
    var problem =
        assertThrows(ClusterException.class, () -> records.stored(A, 1, List.of(own), sequence));
    assertEquals(ClusterException.Kind.UNKNOWN, problem.kind());
  }
}
