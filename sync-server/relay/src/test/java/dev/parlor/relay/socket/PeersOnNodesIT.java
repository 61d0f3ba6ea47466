package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.cluster.MemoryNodeMessages;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.nodes.MemoryNodeBus;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests that a peer id has one connection on all nodes [HS4], with two nodes and real sockets. */
class PeersOnNodesIT {

  private static final DocumentId DOCUMENT = SyncPeer.document(1);

  private final MemoryNodeMessages messages = new MemoryNodeMessages();
  private final ExecutorService deliverer = Executors.newSingleThreadExecutor();
  private final MemoryNodeBus bus =
      new MemoryNodeBus(MemoryNodeBus.Reliability.RELIABLE, new Random(1), deliverer);
  private RelayFixture a;
  private RelayFixture b;

  @BeforeEach
  void start() {
    a = node(1);
    b = node(2);
  }

  private RelayFixture node(int number) {
    Authenticator byPath =
        request ->
            new Authenticator.Outcome.Accepted(
                new Caller(Optional.of(request.path()), Role.PLAYER, Optional.of(DOCUMENT)));
    var node =
        RelayFixture.start(new RelayFixture.Setup().authenticator(byPath).bus(bus.node(number)));
    node.sockets().share(messages.node(number), "node-" + number);
    return node;
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    messages.close();
    deliverer.close();
  }

  private static void assertOpen(RawClient client) throws Exception {
    client.frame(RawClient.PING, true, Bytes.utf8("still here"));
    assertEquals(new RawClient.Frame.Pong(Bytes.utf8("still here")), client.read());
  }

  @Test
  @DisplayName("[HS4] a peer that joins on another node is replaced on the node it had before")
  void movingReplaces() throws Exception {
    try (var first = RawClient.join(a.url("/sync/k/ada"), "ada")) {
      messages.deliverAll();
      try (var second = RawClient.join(b.url("/sync/k/ada"), "ada")) {
        assertEquals(CloseCodes.REPLACED, first.awaitClose().code());
        messages.deliverAll();
        try (var third = RawClient.join(a.url("/sync/k/ada"), "ada")) {
          assertEquals(CloseCodes.REPLACED, second.awaitClose().code());
          assertOpen(third);
        }
      }
    }
  }

  @Test
  @DisplayName("[HS4] other peers get no goodbye of a peer that moved to another node")
  void movingIsNoGoodbye() throws Exception {
    try (var reader = new SyncPeer(RawClient.join(b.url("/sync/k/bob"), "bob"), DOCUMENT);
        var first = new SyncPeer(RawClient.join(a.url("/sync/k/ada"), "ada"), DOCUMENT)) {
      reader.sendSync();
      var _ = reader.receive();
      first.sendSync();
      first.client().send(first.ephemeral(1, Bytes.ofHex("01")));
      awaitEphemeral(reader, Bytes.ofHex("01"));
      try (var second = new SyncPeer(RawClient.join(b.url("/sync/k/ada"), "ada"), DOCUMENT)) {
        assertEquals(CloseCodes.REPLACED, first.client().awaitClose().code());
        second.sendSync();
        second.client().send(second.ephemeral(2, Bytes.ofHex("02")));
        // A goodbye would come before this message.
        awaitEphemeral(reader, Bytes.ofHex("02"));
      }
    }
  }

  private static void awaitEphemeral(SyncPeer reader, Bytes expected) throws Exception {
    while (true) {
      if (reader.receive() instanceof dev.parlor.crdt.wire.WireMessage.Ephemeral ephemeral) {
        assertEquals(expected, ephemeral.data());
        return;
      }
    }
  }

  @Test
  @DisplayName("[HS4] a peer id in use by another identity on another node is refused")
  void anothersPeerId() throws Exception {
    try (var ada = RawClient.join(a.url("/sync/k/ada"), "ada")) {
      messages.deliverAll();
      try (var mallory = RawClient.connect(b.url("/sync/k/mallory"))) {
        mallory.send(mallory.join("ada"));
        assertEquals(CloseCodes.NOT_ALLOWED, mallory.awaitClose().code());
        assertOpen(ada);
      }
    }
  }

  @Test
  @DisplayName("[HS4] of two joins on two nodes at the same time exactly one stays")
  void joinsAtTheSameTime() throws Exception {
    var scope = Optional.of(DOCUMENT);
    var key = new SharedPeers.Key(scope, new PeerId("ada"));
    var caller = new Caller(Optional.of("id_ada"), Role.PLAYER, scope);
    try (var network = new MemoryNodeMessages()) {
      var closed = new LinkedBlockingQueue<String>();
      var first = peers(network, 1, closed);
      var second = peers(network, 2, closed);
      // Both join before a message of the other arrives.
      first.join = first.peers.next();
      second.join = second.peers.next();
      first.peers.tellJoined(key, first.join, caller);
      second.peers.tellJoined(key, second.join, caller);
      network.deliverAll();
      assertEquals(List.of("node-1"), List.copyOf(closed));
      first.join = first.peers.next();
      first.peers.tellJoined(key, first.join, caller);
      network.deliverAll();
      assertEquals(List.of("node-1", "node-2"), List.copyOf(closed), "the client comes again");
    }
  }

  /** A node with one connection. */
  private static final class Node implements SharedPeers.Holders {
    private final String name;
    private final BlockingQueue<String> closed;
    private final SharedPeers peers;
    private SharedPeers.Join join = new SharedPeers.Join(0, "");

    private Node(MemoryNodeMessages network, int number, BlockingQueue<String> closed) {
      this.name = "node-" + number;
      this.closed = closed;
      this.peers = new SharedPeers(network.node(number), name, this);
    }

    @Override
    public void joined(SharedPeers.Key key, SharedPeers.Join newer, Caller caller) {
      if (newer.compareTo(join) > 0) {
        closed.add(name);
      }
    }

    @Override
    public void refused(SharedPeers.Key key, SharedPeers.Join refused) {}
  }

  private static Node peers(MemoryNodeMessages network, int number, BlockingQueue<String> closed) {
    var node = new Node(network, number, closed);
    node.peers.start();
    return node;
  }
}
