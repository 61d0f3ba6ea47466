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

class TransportChoiceTest {

  /** A Helidon from which channels cannot be taken away. */
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
  @DisplayName("auto starts the event loop if it is available")
  void autoPrefersTheLoop() {
    try (var server = TransportChoice.start(SocketTransport.AUTO, SETTINGS, LoopServer::start)) {
      assertInstanceOf(LoopServer.class, server);
    }
  }

  @Test
  @DisplayName("auto starts Helidon's sockets and logs one line if the event loop is not available")
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
  @DisplayName("helidon never starts the event loop")
  void helidonIsHelidon() {
    try (var server = TransportChoice.start(SocketTransport.HELIDON, SETTINGS, LoopServer::start)) {
      assertInstanceOf(HelidonServer.class, server);
    }
  }

  @Test
  @DisplayName("loop names the settings that work if the event loop is not available")
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
