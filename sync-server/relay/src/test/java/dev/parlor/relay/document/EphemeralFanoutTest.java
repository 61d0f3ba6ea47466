package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.WireMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Ephemeral messages of peers and of the server; without threads, sockets or a clock. */
class EphemeralFanoutTest extends DocumentFixture {

  private WireMessage.Ephemeral ephemeral(FakePeer author, long count) {
    return new WireMessage.Ephemeral(
        author.id(), new PeerId("server"), id, new SessionId("s"), count, Bytes.ofHex("01"));
  }

  @Test
  @DisplayName(
      "[EP1] [EP2] an ephemeral message reaches each other peer once, with only its target changed")
  void messageReachesOtherPeersOnce() {
    document.receiveEphemeral(ada, ephemeral(ada, 1));
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    bob.received.clear();
    document.receiveEphemeral(ada, ephemeral(ada, 5));
    document.receiveEphemeral(ada, ephemeral(ada, 5));
    document.receiveEphemeral(ada, ephemeral(ada, 4));
    document.receiveEphemeral(ada, ephemeral(ada, 6));
    document.settle(0);
    assertEquals(2, bob.received.size());
    var first = (WireMessage.Ephemeral) bob.received.getFirst();
    assertEquals(
        new WireMessage.Ephemeral(ada.id(), bob.id(), id, new SessionId("s"), 5, Bytes.ofHex("01")),
        first);
    assertEquals(List.of(), ada.takeSyncs());
  }

  @Test
  @DisplayName(
      "[EP1] the server's ephemeral messages have its peer id, and are counted in one session per document")
  void serversMessages() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.settle(0);
    ada.received.clear();
    bob.received.clear();
    document.broadcast(Bytes.ofHex("01"));
    document.broadcast(Bytes.ofHex("02"));
    document.settle(0);
    for (var peer : List.of(ada, bob)) {
      for (var count = 1; count <= 2; count++) {
        assertEquals(
            new WireMessage.Ephemeral(
                new PeerId("server"),
                peer.id(),
                id,
                new SessionId("run-" + id.value()),
                count,
                Bytes.ofHex("0" + count)),
            peer.received.get(count - 1));
      }
      assertEquals(2, peer.received.size());
    }
    assertSame(ada.sharedParts.getLast(), bob.sharedParts.getLast(), "encoded once");
  }

  @Test
  @DisplayName(
      "[EP6] with many peers ephemeral messages are coalesced, and changes do not wait for them")
  void ephemeralsAreCoalescedAmongManyPeers() {
    var crowd = new ArrayList<FakePeer>();
    for (var i = 0; i < 64; i++) {
      var peer = new FakePeer("peer-" + i);
      crowd.add(peer);
      document.receive(peer, announcing(List.of()), 0);
    }
    document.settle(0);
    crowd.forEach(peer -> peer.received.clear());
    var author = crowd.getFirst();
    document.receiveEphemeral(author, ephemeral(author, 1));
    assertEquals(10_000_000, document.settle(1_000));
    document.receiveEphemeral(author, ephemeral(author, 2));
    assertEquals(9_999_000, document.settle(2_000));
    assertEquals(List.of(), crowd.get(1).received);
    document.receive(crowd.get(2), carrying(chain.get(0)), 3_000);
    document.settle(3_000);
    assertEquals(3, crowd.get(1).received.size(), "a change is sent with the waiting messages");
    assertEquals(List.of(), crowd.get(2).received, "its author receives only the acknowledgement");
    document.receiveEphemeral(author, ephemeral(author, 3));
    assertTrue(document.settle(10_001_000) > 10_000_000, "no message waits any more");
    assertEquals(3, crowd.get(2).received.size());
    assertEquals(4, crowd.get(1).received.size());
  }

  @Test
  @DisplayName(
      "[EP5] when a peer leaves, the server sends a goodbye in its name with a new session id")
  void goodbye() {
    document.receive(ada, carrying(chain.get(0)), 0);
    document.receive(bob, announcing(List.of()), 0);
    document.receiveEphemeral(ada, ephemeral(ada, 1));
    document.receiveEphemeral(bob, ephemeral(bob, 1));
    document.settle(0);
    bob.received.clear();
    document.leave(ada, true);
    document.settle(0);
    var goodbye = (WireMessage.Ephemeral) bob.received.getFirst();
    assertEquals(ada.id(), goodbye.senderId());
    assertFalse(goodbye.sessionId().equals(new SessionId("s")));
    assertEquals(
        new CborWriter().map(1).text("__presence").map(1).text("type").text("goodbye").toBytes(),
        goodbye.data());
    var carol = new FakePeer("carol");
    document.receive(carol, announcing(List.of()), 0);
    document.leave(bob, false);
    document.settle(0);
    assertTrue(carol.received.stream().noneMatch(WireMessage.Ephemeral.class::isInstance));
  }
}
