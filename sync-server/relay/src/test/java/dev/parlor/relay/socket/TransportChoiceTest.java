package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.transport.HelidonServer;
import dev.parlor.relay.socket.transport.LoopServer;
import dev.parlor.relay.socket.transport.SocketServer;
import dev.parlor.relay.socket.transport.SocketSettings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests {@link TransportChoice}. */
class TransportChoiceTest {

  /** Stands for the event loop with a version of Helidon on which it is not available. */
  @SuppressWarnings("unused")
  private static Optional<SocketServer> unavailable(SocketSettings settings) {
    return Optional.empty();
  }

  private static final SocketSettings SETTINGS =
      new SocketSettings(
          Limits.defaults().outbox(),
          Limits.defaults().liveness(),
          new Metrics(),
          System::nanoTime);

  @Test
  @DisplayName("with the setting auto the event loop is started if it is available")
  void autoPrefersTheLoop() {
    try (var server = TransportChoice.start(SocketTransport.AUTO, SETTINGS, LoopServer::start)) {
      assertInstanceOf(LoopServer.class, server);
    }
  }

  @Test
  @DisplayName(
      "with the setting auto Helidon's transport is started, and one line is logged, if the event loop is not available")
  void autoFallsBackToHelidon() {
    var lines = new CopyOnWriteArrayList<String>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    var logger = Logger.getLogger(TransportChoice.class.getName());
    logger.addHandler(handler);
    try (var server =
        TransportChoice.start(SocketTransport.AUTO, SETTINGS, TransportChoiceTest::unavailable)) {
      assertInstanceOf(HelidonServer.class, server);
    } finally {
      logger.removeHandler(handler);
    }
    assertEquals(
        List.of(
            "the event loop is not available with this version of Helidon;"
                + " sockets use Helidon's threads"),
        lines);
  }

  @Test
  @DisplayName("with the setting helidon the event loop is never started")
  void helidonIsHelidon() {
    try (var server = TransportChoice.start(SocketTransport.HELIDON, SETTINGS, LoopServer::start)) {
      assertInstanceOf(HelidonServer.class, server);
    }
  }

  @Test
  @DisplayName(
      "with the setting loop the start fails if the event loop is not available, and the error names the other settings")
  void loopIsRefused() {
    var refused =
        assertThrows(
            IllegalStateException.class,
            () ->
                TransportChoice.start(
                    SocketTransport.LOOP, SETTINGS, TransportChoiceTest::unavailable));
    assertEquals(
        "the event loop is not available with this version of Helidon;"
            + " set --sockets to helidon or auto",
        refused.getMessage());
  }
}
