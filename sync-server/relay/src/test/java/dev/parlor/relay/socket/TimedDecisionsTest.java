package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.socket.DocumentAccess.Decision;
import dev.parlor.relay.socket.TimedDecisions.Consequence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimedDecisionsTest {
  private static final DocumentId DOCUMENT = SyncPeer.document(1);
  private static final DocumentId OTHER = SyncPeer.document(2);
  private static final Decision UNAVAILABLE = new Decision.Unavailable("TK5", "away");

  private final TimedDecisions decisions = new TimedDecisions();

  private static long at(int seconds) {
    return Long.MAX_VALUE - 10 + Duration.ofSeconds(seconds).toNanos();
  }

  private void open(DocumentId document, int seconds) {
    decisions.opened(
        document, Permission.WRITE, Duration.ofSeconds(seconds), decisions.orders(), at(0));
  }

  private static Decision allowed(Permission permission, int seconds) {
    return new Decision.Allowed(permission, Optional.of(Duration.ofSeconds(seconds)));
  }

  @Test
  @DisplayName("[TK5] a decision is due when its time ends, once until the next decision arrives")
  void due() {
    open(DOCUMENT, 10);
    assertEquals(List.of(), decisions.due(at(9)));
    assertEquals(List.of(DOCUMENT), decisions.due(at(10)));
    assertEquals(List.of(), decisions.due(at(11)));
    var again = allowed(Permission.WRITE, 10);
    assertEquals(Consequence.CONTINUE, decisions.decided(DOCUMENT, again, at(11)));
    assertEquals(List.of(), decisions.due(at(20)));
    assertEquals(List.of(DOCUMENT), decisions.due(at(21)));
    var forGood = new Decision.Allowed(Permission.WRITE);
    assertEquals(Consequence.CONTINUE, decisions.decided(DOCUMENT, forGood, at(21)));
    assertEquals(List.of(), decisions.due(at(100_000)));
  }

  @Test
  @DisplayName("[TK5] a lower, a higher and a refused permission end the connection")
  void changed() {
    for (var decision :
        List.of(
            allowed(Permission.READ, 10),
            allowed(Permission.OWN, 10),
            new Decision.Denied("TK2", "no"))) {
      open(DOCUMENT, 0);
      assertEquals(List.of(DOCUMENT), decisions.due(at(0)));
      assertEquals(Consequence.CHANGED, decisions.decided(DOCUMENT, decision, at(0)));
    }
  }

  @Test
  @DisplayName(
      "[TK5] without an answer the backend is asked again after 5 s, and after 60 s the connection"
          + " ends")
  void outage() {
    open(DOCUMENT, 10);
    assertEquals(List.of(DOCUMENT), decisions.due(at(10)));
    assertEquals(Consequence.CONTINUE, decisions.decided(DOCUMENT, UNAVAILABLE, at(12)));
    assertEquals(List.of(), decisions.due(at(16)));
    assertEquals(List.of(DOCUMENT), decisions.due(at(17)));
    assertEquals(Consequence.CONTINUE, decisions.decided(DOCUMENT, UNAVAILABLE, at(70)));
    assertEquals(List.of(DOCUMENT), decisions.due(at(75)));
    assertEquals(Consequence.OUTAGE, decisions.decided(DOCUMENT, UNAVAILABLE, at(75)));
  }

  @Test
  @DisplayName("[TK5] an order makes the decision of its document due, or those of all documents")
  void orders() {
    open(DOCUMENT, 100);
    open(OTHER, 100);
    decisions.expire(OTHER, at(1));
    assertEquals(List.of(OTHER), decisions.due(at(1)));
    decisions.expireAll(at(2));
    assertEquals(2, decisions.due(at(2)).size());
  }

  @Test
  @DisplayName(
      "[TK5] a decision that was on its way when an order came is due as soon as it arrives")
  void orderDuringAQuestion() {
    var before = decisions.orders();
    decisions.expire(DOCUMENT, at(0));
    decisions.opened(DOCUMENT, Permission.WRITE, Duration.ofSeconds(100), before, at(1));
    assertEquals(List.of(DOCUMENT), decisions.due(at(1)));
  }
}
