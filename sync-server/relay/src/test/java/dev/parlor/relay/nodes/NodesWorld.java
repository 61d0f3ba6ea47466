package dev.parlor.relay.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Several real relays in one process with one document. Clients come and go, the bus may misbehave
 * as far as its port allows, disks are slow and processes die. Everything runs on the test's
 * thread. Time stands still, so no timer repairs anything, with an exception: the last frames of a
 * process may arrive after its death and miss a node that opened the document since. Such a node
 * learns of them only from the next announcement.
 */
final class NodesWorld implements AutoCloseable {

  static final DocumentId DOCUMENT = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  private final Random random;
  private final boolean oneLog;
  private final Limits limits;
  final MemoryNodes bus;
  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));
  private final List<MemoryChangeStore> logs = new ArrayList<>();
  final List<@Nullable SimNode> nodes = new ArrayList<>();
  final List<SimClient> clients = new ArrayList<>();
  private final Set<ChangeHash> acknowledged = new HashSet<>();
  private int nodesMade;
  private int clientsMade;
  private int edits;
  private boolean parted;
  private long now;

  NodesWorld(
      long seed, int nodeCount, boolean oneLog, MemoryNodes.BusFaults faults, Limits limits) {
    this.random = new Random(seed);
    this.oneLog = oneLog;
    this.limits = limits;
    this.bus = new MemoryNodes(faults, random);
    for (var i = 0; i < nodeCount; i++) {
      logs.add(i > 0 && oneLog ? logs.getFirst() : new MemoryChangeStore(new StorageId("log" + i)));
      nodes.add(null);
      start(i);
    }
  }

  /** Adds a client of this node. */
  SimClient client(int at) throws Exception {
    var client = new SimClient("client-" + clientsMade++, Caller.ofOpenRelay());
    clients.add(client);
    client.connect(node(at));
    rest();
    return client;
  }

  SimNode node(int at) {
    var node = nodes.get(at);
    assertTrue(node != null, "the node is down");
    return node;
  }

  /** Holds the commits on the disk of this node until {@link #releaseCommits}. */
  void holdCommits(int at) {
    logs.get(at).holdCommits();
  }

  void releaseCommits(int at) {
    logs.get(at).releaseCommits();
  }

  private void start(int at) {
    // For the bus a restarted process is a new node: no frame reaches a process that died.
    var number = nodesMade++;
    nodes.set(
        at,
        new SimNode(
            number,
            DOCUMENT,
            new SimStore(logs.get(at), tables),
            bus.node(number),
            limits,
            () -> now));
    if (parted) {
      bus.part(number, at);
    }
  }

  /** Kills the process; its log keeps only the committed entries. */
  void crash(int at) {
    var dead = node(at);
    nodes.set(at, null);
    bus.kill(dead.number);
    clients.stream().filter(client -> client.isAt(dead)).forEach(SimClient::disconnect);
    if (!oneLog) {
      logs.set(at, logs.get(at).afterCrash());
    }
    dead.close();
  }

  /** Takes one random step. */
  void step() throws Exception {
    var client = clients.get(random.nextInt(clients.size()));
    var at = random.nextInt(nodes.size());
    switch (random.nextInt(20)) {
      case 0 -> {
        parted = true;
        for (var i = 0; i < nodes.size(); i++) {
          if (nodes.get(i) != null) {
            bus.part(node(i).number, i);
          }
        }
      }
      case 1 -> heal();
      case 2 -> holdCommits(at);
      case 3 -> releaseCommits(at);
      case 4 -> {
        if (nodes.get(at) == null) {
          start(at);
        } else if (nodes.stream().filter(node -> node != null).count() > 1) {
          crash(at);
        }
      }
      case 5 -> {
        // A client leaves for good, with all changes that it did not send.
        acknowledged.addAll(client.acknowledged);
        clients.remove(client);
        client.close();
        client(upNode());
      }
      case 6 -> client.disconnect();
      case 7 -> client.connect(node(upNode()));
      case 8, 9, 10, 11, 12 -> edit(client);
      case 13, 14, 15 -> client.read();
      default -> bus.deliver();
    }
    rest();
  }

  private int upNode() {
    while (true) {
      var at = random.nextInt(nodes.size());
      if (nodes.get(at) != null) {
        return at;
      }
    }
  }

  private void edit(SimClient client) {
    client.edit(new Edit.Put(Path.of("key" + random.nextInt(4)), new Value.Int(++edits)));
  }

  void heal() {
    parted = false;
    bus.heal();
  }

  /** Repairs everything and delivers all frames on their way. */
  void settle() throws Exception {
    for (var i = 0; i < nodes.size(); i++) {
      logs.get(i).releaseCommits();
      if (nodes.get(i) == null) {
        start(i);
      }
    }
    heal();
    for (var client : clients) {
      client.connect(node(random.nextInt(nodes.size())));
    }
    for (var i = 0; i < nodes.size(); i++) {
      // One more client for each node opens the document everywhere.
      client(i);
    }
    quiet();
    if (bus.lateOfTheDead() > 0) {
      now += TimeUnit.MILLISECONDS.toNanos(limits.nodes().announceMillis());
      quiet();
    }
  }

  /** Delivers frames until no node and no client has anything to send. */
  void quiet() throws Exception {
    var moved = 1;
    for (var round = 0; moved > 0; round++) {
      assertTrue(round < 10_000, "the exchange does not end");
      moved = 0;
      rest();
      while (bus.deliver()) {
        moved++;
        assertTrue(moved < 100_000, "the exchange does not end");
      }
      rest();
      for (var client : clients) {
        while (client.read()) {
          moved++;
        }
      }
    }
  }

  private void rest() throws Exception {
    for (var node : nodes) {
      if (node != null) {
        node.rest();
      }
    }
  }

  /**
   * Checks that all nodes and clients have the same document and that no acknowledged change is
   * lost.
   */
  void check() throws Exception {
    var first = clients.getFirst();
    for (var client : clients) {
      assertNull(client.refusal());
      assertEquals(first.graph.heads(), client.graph.heads(), client.id + " has other heads");
      assertEquals(first.root(), client.root(), client.id + " has another document");
      acknowledged.addAll(client.acknowledged);
    }
    for (var node : nodes) {
      var room = node.describe().orElseThrow();
      assertEquals(first.graph.heads(), room.heads(), "node " + node.number);
      // Deferred changes may remain. Their dependencies are lost: a node died before the commit,
      // and their author, to whom they were not acknowledged, is gone.
      assertEquals(0, room.uncommitted());
    }
    for (var hash : acknowledged) {
      assertTrue(first.graph.contains(hash), "an acknowledged change is lost");
    }
    for (var log : logs) {
      var stored = stored(log);
      for (var position = 0; position < first.graph.size(); position++) {
        assertTrue(
            stored.contains(first.graph.hashAt(position)),
            "each node has every change on its disk");
      }
      if (!oneLog) {
        assertEquals(
            first.graph.size(),
            stored.size(),
            "the disk has no other changes than the document's worker");
      }
    }
  }

  /**
   * The number of changes in the logs that no document's worker knows. A log that several processes
   * write to may take an append of a process that has died since. The next process that opens the
   * document finds it.
   */
  int unknownToWorkers() {
    var stored = new HashSet<ChangeHash>();
    logs.forEach(log -> stored.addAll(stored(log)));
    stored.removeIf(clients.getFirst().graph::contains);
    return stored.size();
  }

  private static Set<ChangeHash> stored(MemoryChangeStore log) {
    var stored = new HashSet<ChangeHash>();
    try {
      log.load(DOCUMENT).ifPresent(all -> all.tail().forEach(one -> stored.add(one.hash())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stored;
  }

  @Override
  public void close() {
    clients.forEach(SimClient::close);
    for (var node : nodes) {
      if (node != null) {
        node.close();
      }
    }
  }
}
