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
 * A simulation of several relays that serve one document, in one process and on the test's thread.
 * Clients connect and leave, the bus is as unreliable as {@link NodeBus} allows, disks are slow and
 * processes crash.
 *
 * <p>The clock does not advance, so all repairs must work without timers. There is one exception.
 * The last frames of a crashed process do not reach a node that opened the document after they were
 * published. That node receives their changes only after the next periodic announcement of another
 * node, so {@link #settle} then advances the clock.
 */
final class NodesWorld implements AutoCloseable {

  static final DocumentId DOCUMENT = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));

  private final Random random;
  private final boolean sharedLog;
  private final Limits limits;
  final MemoryNodeBus bus;
  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));
  private final List<MemoryChangeStore> logs = new ArrayList<>();
  final List<@Nullable SimNode> nodes = new ArrayList<>();
  final List<SimClient> clients = new ArrayList<>();
  private final Set<ChangeHash> acknowledged = new HashSet<>();
  private int startedNodes;
  private int startedClients;
  private int edits;
  private boolean partitioned;
  private long now;

  NodesWorld(
      long seed,
      int nodeCount,
      boolean sharedLog,
      MemoryNodeBus.Reliability reliability,
      Limits limits) {
    this.random = new Random(seed);
    this.sharedLog = sharedLog;
    this.limits = limits;
    this.bus = new MemoryNodeBus(reliability, random);
    for (var i = 0; i < nodeCount; i++) {
      logs.add(
          i > 0 && sharedLog ? logs.getFirst() : new MemoryChangeStore(new StorageId("log" + i)));
      nodes.add(null);
      start(i);
    }
  }

  /** Adds a client that is connected to this node. */
  SimClient client(int at) throws Exception {
    var client = new SimClient("client-" + startedClients++, Caller.ofOpenRelay());
    clients.add(client);
    client.connect(node(at));
    awaitSteps();
    return client;
  }

  SimNode node(int at) {
    var node = nodes.get(at);
    assertTrue(node != null, "the node is down");
    return node;
  }

  /** Holds back the commits on the disk of this node until {@link #releaseCommits}. */
  void holdCommits(int at) {
    logs.get(at).holdCommits();
  }

  void releaseCommits(int at) {
    logs.get(at).releaseCommits();
  }

  private void start(int at) {
    // A restarted process is a new node for the bus, so it receives no frame sent to the old
    // process.
    var number = startedNodes++;
    nodes.set(
        at,
        new SimNode(
            number,
            DOCUMENT,
            new SimStore(logs.get(at), tables),
            bus.node(number),
            limits,
            () -> now));
    if (partitioned) {
      bus.separate(number, at);
    }
  }

  /** Simulates a crash of a node; its log keeps only the committed entries. */
  void crash(int at) {
    var crashed = node(at);
    nodes.set(at, null);
    bus.crash(crashed.number);
    clients.stream().filter(client -> client.isConnectedTo(crashed)).forEach(SimClient::disconnect);
    if (!sharedLog) {
      logs.set(at, logs.get(at).afterCrash());
    }
    crashed.close();
  }

  /** Performs one random event. */
  void step() throws Exception {
    var client = clients.get(random.nextInt(clients.size()));
    var at = random.nextInt(nodes.size());
    switch (random.nextInt(20)) {
      case 0 -> {
        partitioned = true;
        for (var i = 0; i < nodes.size(); i++) {
          if (nodes.get(i) != null) {
            bus.separate(node(i).number, i);
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
        // A client disappears, with all changes that it has not sent.
        acknowledged.addAll(client.acknowledged);
        clients.remove(client);
        client.close();
        client(runningNode());
      }
      case 6 -> client.disconnect();
      case 7 -> client.connect(node(runningNode()));
      case 8, 9, 10, 11, 12 -> edit(client);
      case 13, 14, 15 -> client.read();
      default -> bus.deliver();
    }
    awaitSteps();
  }

  private int runningNode() {
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

  /** Ends the partition. */
  void heal() {
    partitioned = false;
    bus.heal();
  }

  /**
   * Starts all nodes, ends the partition, releases all commits, connects all clients and delivers
   * all frames.
   */
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
      // A new client of each node makes sure that the document is open there.
      client(i);
    }
    deliverAll();
    if (bus.deliveredAfterCrash() > 0) {
      now += TimeUnit.MILLISECONDS.toNanos(limits.nodes().announceMillis());
      deliverAll();
    }
  }

  /** Delivers frames until no node and no client sends any more. */
  void deliverAll() throws Exception {
    var delivered = 1;
    for (var round = 0; delivered > 0; round++) {
      assertTrue(round < 10_000, "the exchange does not end");
      delivered = 0;
      awaitSteps();
      while (bus.deliver()) {
        delivered++;
        assertTrue(delivered < 100_000, "the exchange does not end");
      }
      awaitSteps();
      for (var client : clients) {
        while (client.read()) {
          delivered++;
        }
      }
    }
  }

  private void awaitSteps() throws Exception {
    for (var node : nodes) {
      if (node != null) {
        node.awaitSteps();
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
      var description = node.describe().orElseThrow();
      assertEquals(first.graph.heads(), description.heads(), "node " + node.number);
      // Some changes may still wait for a dependency that is lost: a node crashed before its
      // commit,
      // and its author, who got no acknowledgement, has disappeared.
      assertEquals(0, description.uncommitted());
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
      if (!sharedLog) {
        assertEquals(
            first.graph.size(),
            stored.size(),
            "the disk has no changes that the document in memory lacks");
      }
    }
  }

  /**
   * The number of changes in the logs that are not in the document in memory. A log that several
   * processes share may commit an append of a process that has crashed since. The next process that
   * opens the document reads it.
   */
  int storedButNotInMemory() {
    var stored = new HashSet<ChangeHash>();
    logs.forEach(log -> stored.addAll(stored(log)));
    stored.removeIf(clients.getFirst().graph::contains);
    return stored.size();
  }

  private static Set<ChangeHash> stored(MemoryChangeStore log) {
    var stored = new HashSet<ChangeHash>();
    try {
      log.load(DOCUMENT).ifPresent(all -> all.tail().forEach(change -> stored.add(change.hash())));
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
