package dev.parlor.relay.socket.transport;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * Takes the channel of a connection away from Helidon. For an upgraded connection Helidon would
 * keep about 22 KiB, for a thread and two buffers. It would close the channel when that thread
 * returns. So the connection gets a placeholder socket: Helidon's thread ends at once, closes the
 * placeholder, and releases everything else.
 *
 * <p>Helidon has no API for this. This class accesses two fields of Helidon's connection by their
 * names. If a version of Helidon has changed them, {@link HelidonServer} is used instead.
 */
final class HelidonChannel {

  /** The two fields. */
  record Fields(VarHandle channel, VarHandle socket) {

    private static final String CONNECTION = "io.helidon.webserver.ConnectionHandler";

    /** The fields of the Helidon on the class path; empty if they have changed. */
    static Optional<Fields> find() {
      return of(CONNECTION);
    }

    static Optional<Fields> of(String connection) {
      try {
        var type = Class.forName(connection);
        var fields = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        return Optional.of(
            new Fields(
                fields.findVarHandle(type, "socket", SocketChannel.class),
                fields.findVarHandle(type, "helidonSocket", HelidonSocket.class)));
      } catch (ReflectiveOperationException | LinkageError _) {
        return Optional.empty();
      }
    }
  }

  private final ConnectionContext context;
  private final Fields fields;

  /** Does not take the channel yet: it belongs to Helidon until {@link #take}. */
  HelidonChannel(ConnectionContext context, Fields fields) {
    if (context.isSecure()) {
      throw new IllegalStateException("the event loop serves sockets on plain channels only");
    }
    this.context = context;
    this.fields = fields;
  }

  /**
   * Takes the channel, which belongs to the caller from now on. Called on Helidon's thread, which
   * must return afterwards.
   */
  SocketChannel take() {
    var channel = (SocketChannel) fields.channel().get(context);
    fields.socket().set(context, new Placeholder(context.socketId(), context.childSocketId()));
    return channel;
  }

  /** The placeholder that Helidon closes instead of the socket. It has no input and no output. */
  private record Placeholder(String socketId, String childSocketId) implements HelidonSocket {

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
      throw noLongerOwned();
    }

    @Override
    public void write(BufferData buffer) {
      throw noLongerOwned();
    }

    @Override
    public byte[] get() {
      throw noLongerOwned();
    }

    @Override
    public PeerInfo remotePeer() {
      throw noLongerOwned();
    }

    @Override
    public PeerInfo localPeer() {
      throw noLongerOwned();
    }

    @Override
    public boolean isSecure() {
      return false;
    }

    private static IllegalStateException noLongerOwned() {
      return new IllegalStateException("Helidon no longer owns this socket");
    }
  }
}
