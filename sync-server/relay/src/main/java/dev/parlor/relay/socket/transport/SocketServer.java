package dev.parlor.relay.socket.transport;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A transport: it serves sockets whose upgrade was granted. Safe from any thread. */
public interface SocketServer extends AutoCloseable {

  /**
   * Prepares to serve a connection. Called before the client is answered, so that a failure can
   * still refuse the upgrade.
   */
  Upgrade prepare(ConnectionContext context, WebSocketEndpoint.Admission admission);

  /** A connection that is about to become a socket. */
  interface Upgrade {

    /**
     * Called after the client was answered; returns the connection that the web server runs.
     *
     * @param leftOver the bytes that the client sent directly after its request
     */
    ServerConnection begin(@Nullable ByteBuffer leftOver);
  }

  /** Closes all open sockets at once, and ends the transport's threads. */
  @Override
  void close();
}
