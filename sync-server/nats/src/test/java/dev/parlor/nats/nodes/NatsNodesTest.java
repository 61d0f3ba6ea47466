package dev.parlor.nats.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterLimits;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.relay.nodes.NodeBus;
import dev.parlor.relay.nodes.NodeBusContract;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link NodeBusContract} on a real server, and tests large frames and lost ones. */
class NatsNodesTest extends NodeBusContract {

  private static final DocumentId MARKS = DocumentId.of(Bytes.utf8("marks"));

  @TempDir private static Path folder;
  private static NatsServer server;

  private ClusterSettings settings;
  private Connection plain;

  /** A node, the line to it, and the marks that it received. */
  private record Node(CuttableLine line, NatsNodes bus, Marks marks) {}

  private static final class Marks implements NodeBus.Listener {
    private final BlockingQueue<Bytes> received = new LinkedBlockingQueue<>();
    private final CountDownLatch resumed = new CountDownLatch(1);

    @Override
    public void received(Bytes frame) {
      received.add(frame);
    }

    @Override
    public void resumed() {
      resumed.countDown();
    }
  }

  private final Map<Integer, Node> nodes = new TreeMap<>();
  private final Set<Integer> separated = new HashSet<>();
  private int marks;

  @BeforeAll
  static void startServer() throws IOException {
    server = NatsServer.start(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    settings = server.settings();
    plain = Nats.connect(server.url());
  }

  @AfterEach
  void disconnect() throws Exception {
    for (var node : nodes.values()) {
      node.bus.close();
      node.line.close();
    }
    plain.close();
  }

  @Override
  protected NodeBus node(int number) {
    return nodes.computeIfAbsent(number, this::open).bus;
  }

  private Node existing(int number) {
    return java.util.Objects.requireNonNull(nodes.get(number));
  }

  private Node open(int number) {
    try {
      var line = new CuttableLine(server.address());
      var bus = NatsNodes.connect(through(line, settings.limits()), new Random(number));
      var marks = new Marks();
      var _ = bus.join(MARKS, marks);
      return new Node(line, bus, marks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ClusterSettings through(CuttableLine line, ClusterLimits limits) {
    return new ClusterSettings(
        List.of(line.url()), settings.credentials(), settings.names(), limits);
  }

  /** Each node's messages are at the server, then each node has read what the server sent it. */
  @Override
  protected void deliverAll() throws Exception {
    for (var number : nodes.keySet()) {
      if (!separated.contains(number)) {
        flush(existing(number));
      }
    }
    var mark = Bytes.utf8("mark " + marks++);
    plain.publish(
        settings.names().bus(MARKS),
        Bytes.concat(List.of(Bytes.wrap(new byte[1]), mark)).toArray());
    for (var number : nodes.keySet()) {
      if (!separated.contains(number)) {
        assertEquals(mark, existing(number).marks.received.poll(10, TimeUnit.SECONDS));
      }
    }
  }

  /** Joining waits for the server's answer to everything sent before. */
  private static void flush(Node node) throws Exception {
    node.bus.join(DocumentId.of(Bytes.utf8("flush")), new Marks()).close();
  }

  @Override
  protected void separate(int number) throws Exception {
    separated.add(number);
    existing(number).line.cut();
    await(() -> !existing(number).bus.isConnected());
  }

  @Override
  protected void heal() throws Exception {
    for (var number : separated) {
      existing(number).line.mend();
    }
    for (var number : separated) {
      assertTrue(existing(number).marks.resumed.await(10, TimeUnit.SECONDS));
    }
    separated.clear();
    for (var node : nodes.values()) {
      assertTrue(node.marks.resumed.await(10, TimeUnit.SECONDS));
    }
    deliverAll();
  }

  @Test
  @DisplayName("frames above the maximum of a message arrive whole, also between small frames")
  void largeFramesArriveWhole() throws Exception {
    var listener = new Marks();
    var channel = node(1).join(A, new Marks());
    var _ = node(2).join(A, listener);
    var large = new byte[3 * (1 << 20) + 17];
    new Random(5).nextBytes(large);
    var frames =
        List.of(
            Bytes.utf8("before"),
            Bytes.wrap(large),
            Bytes.wrap(large, 0, (1 << 20) - 1),
            Bytes.wrap(large, 0, 1 << 20),
            Bytes.EMPTY);
    frames.forEach(channel::publish);
    for (var frame : frames) {
      assertEquals(frame, listener.received.poll(10, TimeUnit.SECONDS));
    }
  }

  @Test
  @DisplayName("two channels of one document on one node receive each other's frames")
  void channelsOfOneNodeHearEachOther() throws Exception {
    var listener = new Marks();
    var channel = node(1).join(A, new Marks());
    var other = node(1).join(A, listener);
    channel.publish(Bytes.utf8("x"));
    assertEquals(Bytes.utf8("x"), listener.received.poll(10, TimeUnit.SECONDS));
    other.close();
    assertFalse(existing(1).bus.isAlone());
  }

  @Test
  @DisplayName("a node that reads too slowly is told that it lost frames when it has caught up")
  void slowNodeIsTold() throws Exception {
    try (var line = new CuttableLine(server.address());
        var slow = NatsNodes.connect(through(line, limitsWithQueueOf(10)), new Random(9))) {
      var gate = new CountDownLatch(1);
      var resumed = new CountDownLatch(1);
      var _ =
          slow.join(
              A,
              new NodeBus.Listener() {
                @Override
                public void received(Bytes frame) {
                  try {
                    assertTrue(gate.await(20, TimeUnit.SECONDS));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }

                @Override
                public void resumed() {
                  resumed.countDown();
                }
              });
      var channel = node(1).join(A, new Marks());
      for (var i = 0; i < 200; i++) {
        channel.publish(Bytes.utf8("frame " + i));
      }
      deliverAll();
      assertEquals(1, resumed.getCount(), "not told while frames still wait");
      gate.countDown();
      assertTrue(resumed.await(10, TimeUnit.SECONDS));
    }
  }

  private ClusterLimits limitsWithQueueOf(int messages) {
    var usual = settings.limits();
    return new ClusterLimits(
        usual.requestMillis(),
        usual.appendMillis(),
        usual.partBytesMax(),
        usual.groupBytesMax(),
        messages,
        usual.incompleteBytesMax(),
        usual.reconnectMillis());
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    var end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() - end < 0, "not within 10 s");
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }
}
