package dev.parlor.server.socket;

import dev.parlor.crdt.identity.Bytes;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.websocket.WsSession;
import java.util.List;

/**
 * Writes WebSocket frames to a Helidon connection. It makes the frames itself and hands whole ones
 * to the connection's writer: {@code WsSession.send} copies each into a buffer that it shares with
 * whoever else sends, and costs one system call per frame, where a busy room has several for the
 * same socket.
 */
final class HelidonWriter implements SocketWriter {

  private static final int BINARY = 0x82;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;
  private static final int HEADER_MAX = 10;

  /** Frames are gathered into one write up to this size; larger ones are written alone. */
  private static final int GATHER_BYTES_MAX = 64 * 1024;

  private final WsSession session;
  private final ConnectionContext connection;
  private final Thread reader;

  /** Made on the connection's reader thread. */
  HelidonWriter(WsSession session) {
    this.session = session;
    this.connection = (ConnectionContext) session.socketContext();
    this.reader = Thread.currentThread();
  }

  @Override
  public void write(List<Item> items) {
    for (var from = 0; from < items.size(); ) {
      if (items.get(from) instanceof Close(var code, var reason)) {
        session.close(code, reason);
        return;
      }
      var to = from;
      var length = 0;
      do {
        length += HEADER_MAX + items.get(to++).length();
      } while (to < items.size()
          && !(items.get(to) instanceof Close)
          && length + HEADER_MAX + items.get(to).length() <= GATHER_BYTES_MAX);
      var target = new byte[length];
      var at = 0;
      for (; from < to; from++) {
        at = frame(items.get(from), target, at);
      }
      connection.dataWriter().writeNow(BufferData.create(target, 0, at));
    }
  }

  @Override
  public void kill() {
    if (session instanceof ServerConnection served) {
      served.close(true);
    }
    reader.interrupt();
  }

  private static int frame(Item item, byte[] target, int at) {
    return switch (item) {
      case Message(var shared, var own) -> {
        var next = header(BINARY, shared.length() + own.length(), target, at);
        shared.copyTo(target, next);
        own.copyTo(target, next + shared.length());
        yield next + shared.length() + own.length();
      }
      case Ping() -> header(PING, 0, target, at);
      case Pong(var payload) -> control(PONG, payload, target, at);
      case Close _ -> throw new IllegalStateException("closing is no frame of ours");
    };
  }

  private static int control(int opcode, Bytes payload, byte[] target, int at) {
    var next = header(opcode, payload.length(), target, at);
    payload.copyTo(target, next);
    return next + payload.length();
  }

  private static int header(int opcode, int length, byte[] target, int at) {
    var next = at;
    target[next++] = (byte) opcode;
    if (length < 126) {
      target[next++] = (byte) length;
    } else if (length < 0x1_0000) {
      target[next++] = 126;
      target[next++] = (byte) (length >>> 8);
      target[next++] = (byte) length;
    } else {
      target[next++] = 127;
      for (var shift = 56; shift >= 0; shift -= 8) {
        target[next++] = shift > 24 ? 0 : (byte) (length >>> shift);
      }
    }
    return next;
  }
}
