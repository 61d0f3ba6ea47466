package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests large messages, which are admitted in portions; without threads, sockets or a clock. */
class PortionedMessageTest extends DocumentFixture {

  /** The same message with each change as a separate portion. */
  private static InboundMessage onePerPortion(InboundMessage inbound) {
    var ends = IntStream.rangeClosed(1, inbound.changes().size()).boxed().toList();
    return new InboundMessage(
        inbound.message(), inbound.changes(), inbound.bytes(), inbound.cost(), ends, List.of());
  }

  @Test
  @DisplayName(
      "a large message is admitted in portions; other peers are served in between, its sender afterwards")
  void largeMessageIsAdmittedInPortions() {
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    bob.takeSyncs();
    document.receive(ada, onePerPortion(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    assertEquals(0, graph.size());
    assertEquals(0, document.settle(0), "the next step is due at once");
    assertEquals(1, graph.size());
    assertEquals(100, document.unfinishedCost());
    commitAppend(0); // this step also admits the second portion
    assertEquals(2, graph.size());
    var bobs = chain("bob", 1).getFirst();
    document.receive(bob, carrying(bobs), 0);
    assertEquals(3, graph.size(), "bob's change is added before the last portion");
    assertEquals(List.of(), ada.takeSyncs(), "committed portions are not acknowledged yet");
    assertTrue(document.settle(0) > 0);
    assertEquals(0, document.unfinishedCost());
    assertEquals(4, graph.size());
    commitAppend(1);
    assertEquals(List.of(), ada.takeSyncs());
    commitAppend(2);
    var syncs = ada.takeSyncs();
    assertEquals(1, syncs.size());
    assertTrue(syncs.getFirst().heads().contains(chain.get(2).hash()));
    assertEquals(1, syncs.getFirst().changes().size(), "ada's own changes are not sent back");
  }

  @Test
  @DisplayName("a peer's next message waits until its large message is admitted completely")
  void laterMessageWaitsForAllPortions() {
    document.receive(ada, onePerPortion(carrying(chain.get(0), chain.get(1))), 0);
    document.receive(ada, carrying(chain.get(2)), 0);
    document.settle(0);
    document.settle(0);
    assertEquals(2, graph.size());
    commitAppend(0);
    commitAppend(1);
    assertEquals(3, graph.size());
    assertEquals(0, ada.closedWith);
  }

  @Test
  @DisplayName("the portions of two large messages alternate")
  void largeMessagesAlternate() {
    var other = chain("bob", 2);
    document.receive(ada, onePerPortion(carrying(chain.get(0), chain.get(1))), 0);
    document.receive(bob, onePerPortion(carrying(other.get(0), other.get(1))), 0);
    for (var step = 1; step <= 4; step++) {
      document.settle(0);
      assertEquals(step, graph.size(), "one portion in each step");
    }
    assertTrue(graph.contains(chain.get(1).hash()) && graph.contains(other.get(1).hash()));
    assertEquals(chain.get(0).plain(), graph.chunkAt(0));
    assertEquals(other.get(0).plain(), graph.chunkAt(1));
  }

  @Test
  @DisplayName("a large message is admitted completely even if its peer leaves")
  void largeMessageIsFinishedAfterItsPeerLeft() {
    document.receive(ada, onePerPortion(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    document.settle(0);
    document.leave(ada, true);
    assertFalse(document.isIdle());
    document.settle(0);
    document.settle(0);
    assertEquals(3, graph.size());
    commitAppend(0);
    commitAppend(1);
    commitAppend(2);
    assertTrue(document.isIdle());
  }

  @Test
  @DisplayName("when a peer reconnects, the remaining portions of its old message are dropped")
  void reconnectDropsTheUnfinishedMessage() {
    document.receive(ada, onePerPortion(carrying(chain.get(0), chain.get(1), chain.get(2))), 0);
    document.settle(0);
    var reconnected = new FakePeer("ada");
    document.receive(reconnected, carrying(chain.get(0), chain.get(1)), 0);
    assertTrue(document.settle(0) > 0, "no portion remains");
    assertEquals(2, graph.size());
    assertEquals(0, document.unfinishedCost());
  }

  @Test
  @DisplayName("a refused change in a large message is not added; the other changes are")
  void refusedChangeInALargeMessageIsNotAdded() {
    var broken = chain("bob", 2).get(1);
    var forged =
        new ChangeChunk(
            broken.hash(),
            broken.actor(),
            2,
            1,
            0,
            "",
            List.of(),
            List.of(),
            broken.columns(),
            broken.plain());
    document.receive(ada, onePerPortion(carrying(chain.get(0), forged, chain.get(1))), 0);
    document.settle(0);
    document.settle(0);
    assertEquals(List.of("AD1"), ada.refusals);
    assertEquals(0, ada.closedWith);
    document.settle(0);
    assertTrue(document.settle(0) > 0);
    assertEquals(2, graph.size());
    document.leave(ada, false);
    commitAppend(0);
    commitAppend(1);
    assertTrue(document.isIdle());
  }
}
