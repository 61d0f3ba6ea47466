package dev.parlor.relay.socket;

import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.socket.transport.HelidonServer;
import dev.parlor.relay.socket.transport.SocketServer;
import dev.parlor.relay.socket.transport.SocketSettings;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the transport that the setting names. */
final class TransportChoice {

  private static final Logger LOG = LoggerFactory.getLogger(TransportChoice.class);

  private TransportChoice() {}

  /**
   * Starts a transport.
   *
   * @param loop starts the event loop; empty if it is not available
   * @throws IllegalStateException if the event loop is required and not available
   */
  static SocketServer start(
      SocketTransport setting,
      SocketSettings settings,
      Function<SocketSettings, Optional<SocketServer>> loop) {
    return switch (setting) {
      case HELIDON -> new HelidonServer(settings);
      case LOOP ->
          loop.apply(settings)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "the event loop is not available with this version of Helidon;"
                              + " set --sockets to helidon or auto"));
      case AUTO ->
          loop.apply(settings)
              .orElseGet(
                  () -> {
                    LOG.warn(
                        "the event loop is not available with this version of Helidon;"
                            + " sockets use Helidon's threads");
                    return new HelidonServer(settings);
                  });
    };
  }
}
