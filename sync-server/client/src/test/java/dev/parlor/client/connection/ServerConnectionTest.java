package dev.parlor.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireMessage;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The states of a connection, with a time and a server of the test. */
class ServerConnectionTest {

  private static final PeerId SELF = new PeerId("client");
  private static final PeerId SERVER = new PeerId("server");
  private static final DocumentId DOCUMENT = DocumentId.of(Bytes.utf8("document"));
  private static final Timing TIMING = Timing.DEFAULT;

  /** Records the calls of the connection. */
  private static final class Events implements Exchange {
    final List<ConnectionState> states = new ArrayList<>();
    final List<String> calls = new ArrayList<>();

    @Override
    public void joined(ConnectionState.Connected server) {
      calls.add("joined");
    }

    @Override
    public void received(WireMessage.OfDocument message) {
      calls.add("received " + message.documentId());
    }

    @Override
    public void refused(DocumentId document, String reason) {
      calls.add("refused " + reason);
    }

    @Override
    public void writable() {
      calls.add("writable");
    }

    @Override
    public void lost() {
      calls.add("lost");
    }

    @Override
    public void changed(ConnectionState state) {
      states.add(state);
    }
  }

  private final ManualLoop loop = new ManualLoop();
  private final FakeTransport transport = new FakeTransport();
  private final Events events = new Events();
  private int tokens;

  private ServerConnection connection(boolean addressIsFixed) {
    // The address is fixed for the connection, so that it is asked on this thread.
    var connection =
        new ServerConnection(
            SELF,
            _ -> URI.create("ws://server/" + ++tokens),
            addressIsFixed,
            transport,
            loop,
            TIMING,
            new Random(1),
            events);
    connection.connect();
    loop.run();
    return connection;
  }

  private FakeTransport.Attempt open() {
    var attempt = transport.last();
    attempt.observer.opened(attempt);
    loop.run();
    return attempt;
  }

  private FakeTransport.Attempt join() {
    var attempt = open();
    attempt.answers(peer("1"));
    loop.run();
    return attempt;
  }

  private static WireMessage peer(String version) {
    return new WireMessage.PeerMessage(
        SERVER, SELF, new PeerMetadata(Optional.of(new StorageId("s")), false, true), version);
  }

  private void close(FakeTransport.Attempt attempt, int code) {
    attempt.observer.ended(new ConnectionEnd.Closed(code, "reason"));
    loop.run();
  }

  @Test
  @DisplayName("a client joins as an ephemeral peer, and knows what the server promised")
  void joins() {
    var connection = connection(true);
    var attempt = join();
    assertEquals(
        List.of(new WireMessage.Join(SELF, new PeerMetadata(Optional.empty(), true), List.of("1"))),
        attempt.sent);
    assertEquals(
        new ConnectionState.Connected(SERVER, Optional.of(new StorageId("s")), true),
        connection.state());
    assertEquals(List.of("joined"), events.calls);
  }

  @Test
  @DisplayName(
      "a server that does not answer the join is given up, and dialled again after a pause")
  void noAnswerToTheJoin() {
    var connection = connection(true);
    var attempt = open();
    loop.pass(TIMING.join());
    assertTrue(attempt.isAborted);
    var waiting = assertInstanceOf(ConnectionState.Waiting.class, connection.state());
    loop.pass(waiting.pause());
    assertEquals(2, transport.attempts.size());
    assertInstanceOf(ConnectionState.Connecting.class, connection.state());
  }

  @Test
  @DisplayName("events of an attempt that was given up do not touch the next attempt")
  void lateEventsAreIgnored() {
    var connection = connection(true);
    var first = transport.last();
    loop.pass(TIMING.join().plus(TIMING.pauseMin()));
    assertEquals(2, transport.attempts.size());
    first.observer.opened(first);
    first.answers(peer("1"));
    close(first, 4400);
    assertTrue(first.isAborted);
    assertInstanceOf(ConnectionState.Connecting.class, connection.state());
    join();
    assertInstanceOf(ConnectionState.Connected.class, connection.state());
  }

  @Test
  @DisplayName("a silent server gets a ping after a heartbeat, and is given up after the next one")
  void silentServer() {
    var connection = connection(true);
    var attempt = join();
    loop.pass(TIMING.heartbeat());
    assertEquals(1, attempt.pings);
    attempt.observer.active(); // the pong
    loop.pass(TIMING.heartbeat());
    assertEquals(1, attempt.pings);
    loop.pass(TIMING.heartbeat());
    assertEquals(2, attempt.pings);
    assertInstanceOf(ConnectionState.Connected.class, connection.state());
    loop.pass(TIMING.heartbeat());
    assertTrue(attempt.isAborted);
    assertEquals(List.of("joined", "lost"), events.calls);
    assertInstanceOf(ConnectionState.Waiting.class, connection.state());
  }

  @Test
  @DisplayName("a ping may wait behind data while the server takes data, but not for ever")
  void pingBehindData() {
    var connection = connection(true);
    var attempt = join();
    attempt.waitingBytes = 1_000_000;
    loop.pass(TIMING.heartbeat());
    assertEquals(1, attempt.pings);
    for (var beat = 0; beat < 5; beat++) {
      attempt.waitingBytes -= 1_000;
      loop.pass(TIMING.heartbeat());
      assertInstanceOf(ConnectionState.Connected.class, connection.state());
    }
    attempt.waitingBytes -= 1_000;
    loop.pass(TIMING.heartbeat());
    assertInstanceOf(ConnectionState.Waiting.class, connection.state());
  }

  @Test
  @DisplayName("a busy connection says that it is writable when its data was sent")
  void busyConnection() {
    var connection = connection(true);
    var attempt = join();
    attempt.waitingBytes = 1 << 20;
    assertTrue(connection.isBusy());
    attempt.observer.sent();
    loop.run();
    attempt.waitingBytes = 0;
    attempt.observer.sent();
    attempt.observer.sent();
    loop.run();
    assertEquals(List.of("joined", "writable"), events.calls);
  }

  @Test
  @DisplayName("[TK4] an expired token: a supplied address is asked for at once, a fixed one stops")
  void expiredToken() {
    var connection = connection(true);
    close(join(), 4002);
    var stopped = assertInstanceOf(ConnectionState.Stopped.class, connection.state());
    assertEquals(new ConnectionEnd.Closed(4002, "reason"), stopped.end());
    loop.pass(Duration.ofHours(1));
    assertEquals(1, transport.attempts.size());
    connection.connect();
    loop.run();
    assertEquals(2, transport.attempts.size());
    assertEquals("ws://server/2", transport.last().address.toString());
  }

  @Test
  @DisplayName("a close that says \"never again\" stops, and the server's error is the reason")
  void finalClose() {
    var connection = connection(true);
    var attempt = join();
    attempt.answers(new WireMessage.ErrorMessage(SERVER, SELF, "[HS4] another identity"));
    close(attempt, 4403);
    assertEquals(
        new ConnectionState.Stopped(new ConnectionEnd.Closed(4403, "[HS4] another identity")),
        connection.state());
  }

  @Test
  @DisplayName("an error about one document does not end the connection")
  void errorAboutADocument() {
    var connection = connection(true);
    var attempt = join();
    attempt.answers(new WireMessage.ErrorMessage(SERVER, SELF, "[AD5] read only", DOCUMENT));
    attempt.answers(new WireMessage.DocUnavailable(SERVER, SELF, DOCUMENT));
    loop.run();
    assertEquals(
        List.of("joined", "refused [AD5] read only", "received " + DOCUMENT), events.calls);
    assertInstanceOf(ConnectionState.Connected.class, connection.state());
  }

  @Test
  @DisplayName("after 1013 the client waits longer than the pause for a busy server")
  void busyServer() {
    var connection = connection(true);
    close(join(), 1013);
    var waiting = assertInstanceOf(ConnectionState.Waiting.class, connection.state());
    assertTrue(waiting.pause().compareTo(TIMING.busyPause()) >= 0, waiting::toString);
  }

  @Test
  @DisplayName("pauses grow while connections are short, and a stable connection resets them")
  void growingPauses() {
    var connection = connection(true);
    Duration pause = Duration.ZERO;
    for (var i = 0; i < 5; i++) {
      close(join(), 1012);
      pause = assertInstanceOf(ConnectionState.Waiting.class, connection.state()).pause();
      loop.pass(pause);
    }
    assertTrue(pause.compareTo(TIMING.pauseMin().multipliedBy(8)) >= 0, pause::toString);
    var attempt = join();
    for (var i = 0; i < 3; i++) {
      attempt.observer.active();
      loop.pass(TIMING.stable().dividedBy(2));
    }
    close(attempt, 1012);
    pause = assertInstanceOf(ConnectionState.Waiting.class, connection.state()).pause();
    assertTrue(pause.compareTo(TIMING.pauseMin()) <= 0, pause::toString);
  }

  @Test
  @DisplayName("malformed bytes or another protocol version end the connection with a pause")
  void brokenServer() {
    var connection = connection(true);
    var attempt = join();
    attempt.observer.message(Bytes.utf8("no CBOR"));
    loop.run();
    assertTrue(attempt.isAborted);
    loop.pass(assertInstanceOf(ConnectionState.Waiting.class, connection.state()).pause());
    open().answers(peer("2"));
    loop.run();
    assertInstanceOf(ConnectionState.Waiting.class, connection.state());
  }

  @Test
  @DisplayName("a closed connection sends a close frame, never dials again, and ignores all events")
  void closed() {
    var connection = connection(true);
    var attempt = join();
    connection.close();
    close(attempt, 1012);
    connection.connect();
    loop.pass(Duration.ofHours(1));
    assertTrue(attempt.isClosed);
    assertFalse(attempt.isAborted);
    assertEquals(1, transport.attempts.size());
    assertEquals(new ConnectionState.Offline(), connection.state());
    assertEquals(List.of("joined", "lost"), events.calls);
  }
}
