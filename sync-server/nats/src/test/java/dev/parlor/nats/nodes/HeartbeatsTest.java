package dev.parlor.nats.nodes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.CuttableLine;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Heartbeats of several nodes on a real server, with the clock of the test. */
@Timeout(120)
class HeartbeatsTest {

  private static final int LEASE_MILLIS = 10_000;

  @TempDir private static Path folder;
  private static NatsServer server;

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> gone = new CopyOnWriteArrayList<>();
  private ClusterSettings settings;

  @BeforeAll
  static void startServer() throws IOException {
    server = NatsServer.start(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void createStreams() throws IOException {
    settings = server.settings();
    opened.add(new StoreFixture(settings, 1));
  }

  @AfterEach
  void close() throws Exception {
    for (var each : opened.reversed()) {
      each.close();
    }
  }

  /** A node whose heartbeats the test publishes. */
  private Heartbeats node(ClusterSettings at, AtomicLong time) throws IOException {
    var node = Heartbeats.open(at, LEASE_MILLIS, new SecureRandom(), time::get);
    opened.add(node);
    return node;
  }

  private Heartbeats node() throws IOException {
    return node(settings, clock);
  }

  private static void await(String condition, BooleanSupplier isTrue) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!isTrue.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, condition);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  @DisplayName("nodes that beat are present on every node, however long they live")
  void beatingNodesArePresent() throws Exception {
    var first = node();
    var second = node();
    first.onGone(gone::add);
    second.onGone(gone::add);
    var both = Set.of(first.self(), second.self());
    await("both hear each other", () -> first.present().equals(both));
    for (var i = 0; i < 20; i++) {
      clock.addAndGet(LEASE_MILLIS / 2);
      assertTrue(first.beat());
      assertTrue(second.beat());
      first.judge();
      second.judge();
      assertEquals(both, first.present());
      assertEquals(both, second.present());
    }
    assertEquals(List.of(), gone);
    assertEquals(1, first.period());
  }

  @Test
  @DisplayName("a silent node is gone one lease time after its last heartbeat, and not before")
  void silentNodeIsGoneAfterOneLease() throws Exception {
    var first = node();
    var second = node();
    first.onGone(gone::add);
    await("it is heard", () -> first.present().contains(second.self()));
    clock.addAndGet(LEASE_MILLIS - 1);
    assertTrue(first.beat());
    first.judge();
    assertFalse(first.isGone(second.self()));
    assertTrue(second.isSelfAlive());
    clock.addAndGet(1);
    assertFalse(second.isSelfAlive());
    first.judge();
    assertTrue(first.isGone(second.self()));
    assertEquals(List.of(second.self()), gone);
    assertEquals(Set.of(first.self()), first.present());
  }

  @Test
  @DisplayName("a node that is cut off is not alive before another node counts it as gone")
  void cutOffNodeIsNotAliveBeforeItIsGone() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var cutOffSettings =
          new ClusterSettings(
              List.of(line.url()), settings.credentials(), settings.names(), settings.limits());
      var cutOff = node(cutOffSettings, clock);
      var other = node();
      await("it is heard", () -> other.present().contains(cutOff.self()));
      line.cut();
      for (var i = 0; i < 24 && !other.isGone(cutOff.self()); i++) {
        clock.addAndGet(LEASE_MILLIS / 16);
        assertFalse(cutOff.beat());
        assertTrue(other.beat());
        other.judge();
        assertFalse(cutOff.isSelfAlive() && other.isGone(cutOff.self()));
        cutOff.judge();
        assertFalse(cutOff.isGone(other.self()), "a node that is cut off judges no other node");
      }
      assertTrue(other.isGone(cutOff.self()));
      line.mend();
      await("it beats again", cutOff::beat);
      await("it is present again", () -> other.present().contains(cutOff.self()));
      assertTrue(cutOff.isSelfAlive());
      assertEquals(2, cutOff.period(), "what it held before may belong to another node");
      cutOff.judge();
      assertFalse(cutOff.isGone(other.self()), "the time without a connection is no silence");
    }
  }

  @Test
  @DisplayName(
      "while the server is suspended no node is alive and none is gone; afterwards both go on")
  void suspendedServerMakesNoNodeGone() throws Exception {
    var first = node();
    var second = node();
    await("both hear each other", () -> first.present().contains(second.self()));
    await("both hear each other", () -> second.present().contains(first.self()));
    server.pause();
    try {
      assertFalse(first.beat());
      clock.addAndGet(2 * LEASE_MILLIS);
      first.judge();
      second.judge();
      assertFalse(first.isSelfAlive());
      assertFalse(first.isGone(second.self()));
      assertFalse(second.isGone(first.self()));
    } finally {
      server.resume();
    }
    await("the first beats", first::beat);
    first.judge();
    assertFalse(first.isGone(second.self()));
    await("the second beats", second::beat);
    second.judge();
    assertFalse(second.isGone(first.self()));
    assertEquals(2, first.period());
    assertEquals(2, second.period());
  }

  @Test
  @DisplayName("a node that closes is gone at once, and a node that starts later does not see it")
  void closingNodeIsGoneAtOnce() throws Exception {
    var first = node();
    var second = node();
    first.onGone(gone::add);
    await("it is heard", () -> first.present().contains(second.self()));
    second.close();
    await("it is gone", () -> first.isGone(second.self()));
    assertEquals(List.of(second.self()), gone);
    var third = node();
    assertTrue(third.isGone(second.self()));
    assertEquals(Set.of(first.self(), third.self()), third.present());
    assertFalse(second.beat());
    assertFalse(second.isSelfAlive());
  }

  @Test
  @DisplayName("a node that was never heard of is gone one lease time after the first question")
  void unknownNodeIsGoneAfterOneLease() throws Exception {
    var node = node();
    clock.addAndGet(LEASE_MILLIS / 2);
    assertTrue(node.beat());
    assertFalse(node.isGone("node-of-last-year"));
    clock.addAndGet(LEASE_MILLIS - 1);
    assertTrue(node.beat());
    node.judge();
    assertFalse(node.isGone("node-of-last-year"));
    clock.addAndGet(1);
    node.judge();
    assertTrue(node.isGone("node-of-last-year"));
    assertFalse(node.isGone(node.self()));
  }

  @Test
  @DisplayName("a node is not gone if its heartbeat is in the stream but its messages were lost")
  void lostMessagesDoNotMakeANodeGone() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var throughLine =
          new ClusterSettings(
              List.of(line.url()), settings.credentials(), settings.names(), settings.limits());
      var deaf = node(throughLine, clock);
      var other = node();
      await("it is heard", () -> deaf.present().contains(other.self()));
      line.cut();
      clock.addAndGet(LEASE_MILLIS / 2);
      assertTrue(other.beat()); // the other node does not hear this one
      line.mend();
      await("it beats", deaf::beat);
      clock.addAndGet(LEASE_MILLIS / 2);
      assertTrue(deaf.isSelfAlive());
      deaf.judge();
      assertFalse(deaf.isGone(other.self()));
    }
  }

  @Test
  @DisplayName(
      "a node that counted as gone and beats again is not confirmed as gone, although the message of its heartbeat was lost")
  void nodeThatBeatsAgainIsNotConfirmedAsGone() throws Exception {
    try (var line = new CuttableLine(server.address())) {
      var throughLine =
          new ClusterSettings(
              List.of(line.url()), settings.credentials(), settings.names(), settings.limits());
      var deaf = node(throughLine, clock);
      var back = node();
      await("it is heard", () -> deaf.present().contains(back.self()));
      clock.addAndGet(LEASE_MILLIS - 1);
      assertTrue(deaf.beat());
      clock.addAndGet(1);
      deaf.judge();
      assertTrue(deaf.confirmGone(back.self()).get(30, TimeUnit.SECONDS));
      line.cut();
      assertTrue(back.beat());
      line.mend();
      await("it beats", deaf::beat);
      assertTrue(deaf.isGone(back.self()), "the message did not arrive");
      assertFalse(deaf.confirmGone(back.self()).get(30, TimeUnit.SECONDS));
      assertFalse(deaf.isGone(back.self()));
    }
  }

  @Test
  @DisplayName("two runs have different names, and a cluster without the stream is refused")
  void startsNeedTheStream() throws Exception {
    assertNotEquals(node().self(), node().self());
    var without = server.settings();
    var refused =
        assertThrows(
            IOException.class,
            () -> Heartbeats.open(without, LEASE_MILLIS, new SecureRandom(), clock::get));
    assertTrue(String.valueOf(refused.getMessage()).contains("./parlor cluster init"));
  }

  @Test
  @DisplayName("the threads of a started node beat and judge by themselves")
  void startedNodesBeatByThemselves() throws Exception {
    var first = Heartbeats.start(settings, 1_000, new SecureRandom());
    opened.add(first);
    first.onGone(gone::add);
    var silent = node(settings, clock); // publishes one heartbeat and no more
    await("it is heard", () -> first.present().contains(silent.self()));
    await("it is gone", () -> gone.contains(silent.self()));
    assertTrue(first.isSelfAlive());
  }
}
