package dev.parlor.nats.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.cluster.NodeMessages;
import dev.parlor.relay.cluster.NodeMessagesContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link NodeMessagesContract} on a real server, and tests listeners and lost messages. */
class NatsMessagesTest extends NodeMessagesContract {

  @TempDir private static Path folder;
  private static NatsServer server;

  private ClusterSettings settings;

  /** A node and the line to it. */
  private record Node(CuttableLine line, NatsMessages messages) {}

  private final Map<Integer, Node> nodes = new HashMap<>();

  @BeforeAll
  static void startServer() throws IOException {
    server = NatsServer.start(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void name() {
    settings = server.settings();
  }

  @AfterEach
  void disconnect() throws IOException {
    for (var node : nodes.values()) {
      node.messages.close();
      node.line.close();
    }
  }

  @Override
  protected NodeMessages node(int number) {
    return nodes.computeIfAbsent(number, _ -> open()).messages;
  }

  private Node open() {
    try {
      var line = new CuttableLine(server.address());
      var through =
          new ClusterSettings(
              List.of(line.url()), settings.credentials(), settings.names(), settings.limits());
      return new Node(line, NatsMessages.connect(through));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Node existing(int number) {
    return java.util.Objects.requireNonNull(nodes.get(number));
  }

  @Override
  protected void separate(int number) throws Exception {
    existing(number).line.cut();
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (existing(number).messages.isConnected()) {
      assertTrue(System.nanoTime() - end < 0, "not separated within 10 s");
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  protected void heal() {
    nodes.values().forEach(node -> node.line.mend());
  }

  @Test
  @DisplayName("A listener that blocks does not delay a listener of another topic")
  void slowListenerDelaysNobody() throws Exception {
    var gate = new CountDownLatch(1);
    var quick = new Received();
    node(2)
        .subscribe(
            "slow",
            _ -> {
              try {
                assertTrue(gate.await(20, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    node(2).subscribe(TOPIC, quick);
    node(1).publish("slow", Bytes.utf8("x"));
    node(1).publish(TOPIC, Bytes.utf8("y"));
    assertEquals(Bytes.utf8("y"), quick.next());
    gate.countDown();
  }

  @Test
  @DisplayName("A listener that throws an exception receives the next message")
  void failingListenerGoesOn() throws Exception {
    var received = new Received();
    node(2)
        .subscribe(
            TOPIC,
            message -> {
              if (message.isEmpty()) {
                throw new IllegalStateException("a test");
              }
              received.received(message);
            });
    node(1).publish(TOPIC, Bytes.EMPTY);
    node(1).publish(TOPIC, Bytes.utf8("y"));
    assertEquals(Bytes.utf8("y"), received.next());
  }

  @Test
  @DisplayName("Publishing far above the queue while the cluster is away does not block")
  void publishNeverBlocks() throws Exception {
    var received = new Received();
    node(2).subscribe(TOPIC, received);
    node(1).subscribe(TOPIC, new Received());
    separate(1);
    for (var i = 0; i < 100_000; i++) {
      node(1).publish(TOPIC, Bytes.wrap(new byte[1024]));
    }
    heal();
    received.awaitResumed();
  }

  @Test
  @DisplayName("A topic with a separator and a message above 64 KiB are refused")
  void refusesWhatDoesNotFit() {
    assertThrows(IllegalArgumentException.class, () -> node(1).publish("a.b", Bytes.EMPTY));
    assertThrows(
        IllegalArgumentException.class,
        () -> node(1).publish(TOPIC, Bytes.wrap(new byte[64 * 1024 + 1])));
  }
}
