package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the log lines and metrics of refusals and closed connections. */
class RefusalLogTest {

  private static final Caller SPECTATOR =
      new Caller(Optional.empty(), Role.SPECTATOR, Optional.empty());

  private final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final AtomicLong now = new AtomicLong();
  private final Metrics metrics = new Metrics();
  private final List<String> lines = new ArrayList<>();
  private final Logger logger = Logger.getLogger(DocumentWorker.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          lines.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void startListening() {
    logger.addHandler(handler);
    logger.setLevel(java.util.logging.Level.INFO);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
    logger.setLevel(null);
  }

  private DocumentState document() {
    var limits = Limits.defaults();
    var checked = new CheckedGraph(OperationLimits.DEFAULT);
    return new DocumentState(
        id,
        DocumentFixture.services(limits, metrics, now::get),
        DocumentFixture.loaded(id, checked),
        (_, _) -> {});
  }

  private static InboundMessage change() {
    try (var replica = Replica.create(new ActorId(Bytes.utf8("sixteen letters!")))) {
      var edit = new Edit.Put(Path.of("key"), new Value.Int(1));
      var chunk = replica.transact(List.of(edit)).orElseThrow();
      var change = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
      var message =
          new SyncMessage(
              SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(), List.of(), null);
      return new InboundMessage(message, List.of(change), 100, 100);
    }
  }

  @DisplayName("all refusals are counted, and one refusal in each period is logged")
  @Test
  void allRefusalsAreCountedAndOneAPeriodIsLogged() {
    var document = document();
    for (var i = 0; i < 50; i++) {
      var peer = new FakePeer("mallory" + i, SPECTATOR);
      document.receive(peer, change(), now.get());
      assertEquals(List.of("AD5"), peer.refusals);
    }
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(
        lines
            .getFirst()
            .startsWith("document " + id + ": refused a change of peer mallory0: [AD5] "),
        lines.getFirst());
    now.addAndGet(1_000_000_000L);
    document.receive(new FakePeer("late", SPECTATOR), change(), now.get());
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(lines.get(1).contains("refused a change of peer late"), lines.get(1));
    assertEquals("49 similar lines were suppressed since the previous one", lines.get(2));
    assertTrue(metrics.scrape().contains("parlor_refusals_total{rule=\"AD5\"} 51.0"));
  }

  @DisplayName("every close code of the server has a metric series of its own")
  @Test
  void everyServerCloseCodeHasItsOwnSeries() throws IllegalAccessException {
    for (var field : CloseCodes.class.getDeclaredFields()) {
      if (field.getType() == int.class) {
        var code = field.getInt(null);
        metrics.connectionClosed(code);
        assertTrue(
            metrics.scrape().contains("parlor_connections_closed_total{code=\"" + code + "\"} 1.0"),
            field.getName());
      }
    }
  }
}
