package dev.parlor.server.socket;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SocketChannel;

/**
 * The channel of one of Helidon's connections, to be taken away from it. Helidon would keep some 22
 * KiB for an upgraded connection as long as it lives, its thread and two buffers, and close the
 * channel when that thread comes back. So the connection is left with a socket that is none:
 * Helidon's thread ends at once, closes that one, and forgets all the rest.
 *
 * <p>Helidon has no way to this. Two fields of its connection are used by their names; its version
 * is pinned, and every test of a socket sees it when they change.
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

  /** Still Helidon's. */
  HelidonChannel(ConnectionContext context) {
    if (context.isSecure()) {
      throw new IllegalStateException("sockets are served on plain channels only");
    }
    this.context = context;
  }

  /** From now on the channel is the caller's. On Helidon's thread, which must then be let go. */
  SocketChannel take() {
    var channel = (SocketChannel) CHANNEL.get(context);
    SOCKET.set(context, new Gone(context.socketId(), context.childSocketId()));
    return channel;
  }

  /** What Helidon is left with, to close it. Nothing comes in here and nothing goes out. */
  private record Gone(String socketId, String childSocketId) implements HelidonSocket {

    @Override
    public void close() {}

    @Override
    public void idle() {}

    @Override
    public boolean isConnected() {
      return false;
    }

    @SuppressWarnings("removal") // Helidon's interface has it, nobody calls it
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
      return new IllegalStateException("this socket is served by somebody else");
    }
  }
}
