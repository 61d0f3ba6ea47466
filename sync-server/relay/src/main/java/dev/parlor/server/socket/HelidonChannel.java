package dev.parlor.server.socket;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SocketChannel;

/**
 * Takes the channel of a connection away from Helidon. Helidon would keep about 22 KiB for an
 * upgraded connection while it lives, for its thread and two buffers, and would close the channel
 * when that thread returns. So the connection gets a placeholder socket: Helidon's thread ends at
 * once, closes the placeholder, and releases everything else.
 *
 * <p>Helidon has no API for this. Two fields of its connection are accessed by their names.
 * Helidon's version is pinned, and every test with a socket fails when the fields change.
 */
final class HelidonChannel {

  private static final VarHandle CHANNEL;
  private static final VarHandle SOCKET;

  static {
    try {
      var handler = Class.forName("io.helidon.webserver.ConnectionHandler");
      var fields = MethodHandles.privateLookupIn(handler, MethodHandles.lookup());
      CHANNEL = fields.findVarHandle(handler, "socket", SocketChannel.class);
      SOCKET = fields.findVarHandle(handler, "helidonSocket", HelidonSocket.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ConnectionContext context;

  /** The channel still belongs to Helidon. */
  HelidonChannel(ConnectionContext context) {
    if (context.isSecure()) {
      throw new IllegalStateException("the server handles sockets on plain channels only");
    }
    this.context = context;
  }

  /**
   * Takes the channel, which belongs to the caller from now on. Called on Helidon's thread, which
   * must return afterwards.
   */
  SocketChannel take() {
    var channel = (SocketChannel) CHANNEL.get(context);
    SOCKET.set(context, new Gone(context.socketId(), context.childSocketId()));
    return channel;
  }

  /** The placeholder that Helidon closes instead of the socket. It has no input and no output. */
  private record Gone(String socketId, String childSocketId) implements HelidonSocket {

    @Override
    public void close() {}

    @Override
    public void idle() {}

    @Override
    public boolean isConnected() {
      return false;
    }

    @SuppressWarnings("removal") // Helidon's interface has this method, but does not call it
    @Override
    public int read(BufferData buffer) {
      throw gone();
    }

    @Override
    public void write(BufferData buffer) {
      throw gone();
    }

    @Override
    public byte[] get() {
      throw gone();
    }

    @Override
    public PeerInfo remotePeer() {
      throw gone();
    }

    @Override
    public PeerInfo localPeer() {
      throw gone();
    }

    @Override
    public boolean isSecure() {
      return false;
    }

    private static IllegalStateException gone() {
      return new IllegalStateException("Helidon no longer owns this socket");
    }
  }
}
