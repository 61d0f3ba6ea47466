package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.SyncState;

/**
 * A simulation of one document and its clients, with a manual clock, a slow disk, and connections
 * that lose messages but stay open. The clients use the sync protocol of the Automerge bindings.
 */
final class LossyWorld implements AutoCloseable {

  private static final long STEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

  private static final class Client {
    final FakePeer peer;
    final Document document;
    final SyncState state;
    final ArrayDeque<Bytes> toServer = new ArrayDeque<>();
    final ArrayDeque<SyncMessage> toClient = new ArrayDeque<>();
    final Set<ChangeHash> ownChanges = new HashSet<>();

    Client(int number) {
      var actor = new byte[16];
      Arrays.fill(actor, (byte) (number + 1));
      peer = new FakePeer("client-" + number);
      document = new Document(actor);
      state = new SyncState(); // starts after the document, because the document loads the bindings
    }

    List<ChangeHash> heads() {
      return Arrays.stream(document.getHeads())
          .map(head -> ChangeHash.read(head.getBytes(), 0))
          .sorted()
          .toList();
    }

    void sendSyncMessage() {
      document.generateSyncMessage(state).map(Bytes::wrap).ifPresent(toServer::add);
    }

    void write(String key, String value) {
      try (var transaction = document.startTransaction()) {
        transaction.set(ObjectId.ROOT, key, value);
        transaction.commit();
      }
      ownChanges.addAll(heads());
      sendSyncMessage();
    }
  }

  private final Random random;
  private final Limits limits = Limits.defaults();
  private final Metrics metrics = new Metrics();
  private final InboundDecoder decoder = new InboundDecoder(limits);
  private final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);

  /** The log positions of each append that is not committed: from, and to exclusive. */
  private final ArrayDeque<int[]> appends = new ArrayDeque<>();

  private final List<Client> clients = new ArrayList<>();
  private final DocumentState server;
  private long now = 1;

  /** Nanoseconds until the next step of the document. */
  private long wait = Long.MAX_VALUE;

  /** One past the last committed log position. */
  private int committed;

  private boolean diskPaused;
  private int writes;
  private int messages;

  LossyWorld(long seed, int clients) {
    random = new Random(seed);
    var id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
    server =
        new DocumentState(
            id,
            DocumentFixture.services(limits, metrics, () -> now),
            DocumentFixture.loaded(id, checked),
            (from, records) -> appends.add(new int[] {from, from + records.size()}));
    for (var i = 0; i < clients; i++) {
      this.clients.add(new Client(i));
      this.clients.getLast().sendSyncMessage();
    }
  }

  long now() {
    return now;
  }

  long checkNanos() {
    return TimeUnit.MILLISECONDS.toNanos(limits.stallDetection().checkMillis());
  }

  /** The messages that the server sent. */
  int messages() {
    return messages;
  }

  boolean anySyncWasReset() {
    return !metrics.scrape().contains("parlor_sync_started_over_total 0.0\n");
  }

  /**
   * Performs one random event and advances the clock.
   *
   * @param deliveriesPerLoss one of this many deliveries loses its message; 0 for no loss
   */
  void step(int deliveriesPerLoss) {
    var client = clients.get(random.nextInt(clients.size()));
    switch (random.nextInt(10)) {
      case 0, 1 -> client.write("k" + random.nextInt(5), "v" + writes++);
      case 2 -> diskPaused = random.nextBoolean();
      case 3, 4 -> commit();
      case 5, 6, 7 -> {
        if (deliveriesPerLoss > 0 && random.nextInt(deliveriesPerLoss) == 0) {
          client.toServer.poll();
        } else {
          deliverToServer(client);
        }
      }
      default -> {
        if (deliveriesPerLoss > 0 && random.nextInt(deliveriesPerLoss) == 0) {
          client.toClient.poll();
        } else {
          deliverToClient(client);
        }
      }
    }
    now += random.nextLong(STEP_NANOS_MAX);
    if (wait != Long.MAX_VALUE) {
      settle();
    }
  }

  void everyClientWritesOnce() {
    for (var client : clients) {
      client.write("last", "by " + client.peer.id());
    }
  }

  /** Delivers every message and commits every append. */
  void deliverAndCommitAll() {
    diskPaused = false;
    do {
      deliverAll();
    } while (commit());
  }

  void deliverAll() {
    for (var delivered = true; delivered; ) {
      delivered = false;
      for (var client : clients) {
        delivered |= deliverToServer(client);
        delivered |= deliverToClient(client);
      }
    }
  }

  /** Advances the clock from step to step, until the document needs no further step. */
  void runUntilIdle() {
    for (var rounds = 0; wait != Long.MAX_VALUE; rounds++) {
      assertTrue(rounds < 100, "the document never becomes idle");
      now += wait;
      settle();
      deliverAndCommitAll();
    }
  }

  /** Advances the clock, and returns the nanoseconds until the document's next step. */
  long advance(long nanos) {
    now += nanos;
    settle();
    return wait;
  }

  void assertConverged() {
    for (var client : clients) {
      assertEquals(0, client.peer.closedWith, client.peer.closeRule);
      assertEquals(checked.graph().heads(), client.heads(), client.peer.id() + " has other heads");
      for (var hash : client.ownChanges) {
        assertTrue(checked.graph().contains(hash), "a change is lost");
      }
    }
  }

  @Override
  public void close() {
    for (var client : clients) {
      client.state.free();
      client.document.free();
    }
  }

  private boolean deliverToServer(Client client) {
    var bytes = client.toServer.poll();
    if (bytes == null) {
      return false;
    }
    server.receive(client.peer, decoder.open(bytes).flatMap(decoder::read).orElseThrow(), now);
    settle();
    return true;
  }

  private boolean deliverToClient(Client client) {
    var message = client.toClient.poll();
    if (message == null) {
      return false;
    }
    client.document.receiveSyncMessage(client.state, SyncMessageCodec.encode(message).toArray());
    client.sendSyncMessage();
    return true;
  }

  private boolean commit() {
    if (appends.isEmpty() || diskPaused) {
      return false;
    }
    var run = appends.removeFirst();
    committed = run[1];
    server.appended(run[0], Optional.empty(), now);
    settle();
    return true;
  }

  private void settle() {
    wait = server.settle(now);
    for (var client : clients) {
      for (var message : client.peer.received) {
        if (message instanceof WireMessage.Sync sync) {
          var decoded = SyncMessageCodec.decode(sync.data(), SyncLimits.DEFAULT).orElseThrow();
          checkAcknowledged(client, decoded);
          client.toClient.add(decoded);
          messages++;
        }
      }
      client.peer.received.clear();
    }
  }

  /** Checks that no heads sent to the client cover an uncommitted change of this client [DU1]. */
  private void checkAcknowledged(Client client, SyncMessage message) {
    var graph = checked.graph();
    var notCovered = new HashSet<ChangeHash>();
    for (var position : graph.since(message.heads())) {
      notCovered.add(graph.hashAt(position));
    }
    for (var position = committed; position < graph.size(); position++) {
      var hash = graph.hashAt(position);
      assertTrue(
          notCovered.contains(hash) || !client.ownChanges.contains(hash),
          "a change was acknowledged to its author before the commit");
    }
  }
}
