package dev.parlor.relay.socket.transport;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A transport: it serves sockets whose upgrade was granted. Safe from any thread. */
public interface SocketServer extends AutoCloseable {

  /**
   * Prepares to serve a connection. It is called before the client is answered, so that it can
   * still be refused; the web server then runs the result.
   */
  Upgrade prepare(ConnectionContext context, WebSocketEndpoint.Admission admission);

  /** A connection that is about to become a socket. */
  interface Upgrade {

    /**
     * The client was answered.
     *
     * @param leftOver the bytes that the client sent directly after its request
     */
    ServerConnection begin(@Nullable ByteBuffer leftOver);
  }

  /** Breaks all sockets that are still open, and ends the transport's threads. */
  @Override
  void close();
}
