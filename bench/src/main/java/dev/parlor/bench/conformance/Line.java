package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One connection, TCP or TLS, that speaks WebSocket and can break its rules: it sends exactly the
 * given bytes and returns every frame as received. A frame that a server must not send (masked,
 * reserved bits, long control frames) is a {@link Finding}. Blocking, with a deadline on every
 * read. Used by one thread; the watchdog closes it if its check takes too long.
 */
final class Line implements AutoCloseable {

  /** A received frame, or the end of the connection. */
  sealed interface Frame {
    /** A message or a fragment of one. */
    record Data(int opcode, boolean last, Bytes payload) implements Frame {}

    record Ping(Bytes payload) implements Frame {}

    record Pong(Bytes payload) implements Frame {}

    /** A close frame; the code is {@link #NO_CODE} when it carried none. */
    record Close(int code, String reason) implements Frame {}

    /** The connection ended. */
    record Gone(String how) implements Frame {}
  }

  static final int NO_CODE = 1005;

  /** The longest wait for one answer of the server; generous, since machines are busy. */
  static final long PATIENCE_MILLIS = 5_000;

  private static final int CONNECT_MILLIS = 5_000;
  private static final int ANSWER_BYTES_MAX = 64 * 1024;

  private final Socket connection;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private byte[] buffer = new byte[16 * 1024];
  private int from;
  private int to;

  /**
   * @param connection the TCP connection
   * @param socket TLS on it, or the connection itself
   */
  private Line(Socket connection, Socket socket) throws IOException {
    this.connection = connection;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /**
   * Connects.
   *
   * @param receiveBuffer the size of the system's receive buffer in bytes; 0 for the default
   */
  static Line dial(Target target, int receiveBuffer) throws IOException {
    var socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(target.host(), target.port()), CONNECT_MILLIS);
    return new Line(socket, target.secured(socket));
  }

  /**
   * Writes bytes unchanged. If the server has closed the connection, nothing happens, since its
   * earlier messages are still to be read.
   */
  void write(Bytes bytes) {
    try {
      bytes.writeTo(out);
    } catch (IOException _) {
      // The next read reports it.
    }
  }

  /** Closes the sending half and keeps reading. */
  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection by a TCP reset, as after a crash of the client's machine. */
  void reset() throws IOException {
    connection.setSoLinger(true, 0);
    connection.close();
  }

  @Override
  public void close() throws IOException {
    connection.close(); // A close of TLS could wait for the server.
  }

  /** Reads the answer to the upgrade. */
  Upgrade.Answer answer() {
    var deadline = deadline(PATIENCE_MILLIS);
    while (true) {
      var text = new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
      var end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        from += end + 4;
        return parse(text.substring(0, end));
      }
      if (to - from > ANSWER_BYTES_MAX) {
        throw new Finding("an answer to the upgrade", "endless headers");
      }
      switch (fill(deadline)) {
        case SOME -> {}
        case END, RESET -> {
          return new Upgrade.Answer(0, new HashMap<>());
        }
        case TIMEOUT -> throw new Finding("an answer to the upgrade", "nothing within 5 s");
      }
    }
  }

  private static Upgrade.Answer parse(String head) {
    var lines = head.split("\r\n", -1);
    var first = lines[0].split(" ", 3);
    if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("\\d{3}")) {
      throw new Finding("an HTTP status line", "'" + lines[0] + "'");
    }
    var headers = new HashMap<String, String>();
    for (var line : Arrays.asList(lines).subList(1, lines.length)) {
      var colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).trim().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).trim());
      }
    }
    return new Upgrade.Answer(Integer.parseInt(first[1]), headers);
  }

  /** The next frame, within the usual patience. */
  Frame read() {
    return read(PATIENCE_MILLIS);
  }

  Frame read(long millis) {
    var frame = readOrNull(millis);
    if (frame == null) {
      throw new Finding("a frame", "nothing within " + millis + " ms");
    }
    return frame;
  }

  /** The next frame, or null if none arrived in time. */
  @Nullable Frame readOrNull(long millis) {
    var deadline = deadline(millis);
    while (true) {
      var frame = parseFrame();
      if (frame != null) {
        return frame;
      }
      switch (fill(deadline)) {
        case SOME -> {}
        case END -> {
          return new Frame.Gone("the connection ended");
        }
        case RESET -> {
          return new Frame.Gone("the connection was reset");
        }
        case TIMEOUT -> {
          return null;
        }
      }
    }
  }

  /**
   * Whether unread input waits. A TLS socket does not count the bytes that it has not decrypted.
   */
  boolean hasInput() throws IOException {
    return from < to || in.available() > 0 || connection.getInputStream().available() > 0;
  }

  @org.jspecify.annotations.Nullable
  private Frame parseFrame() {
    var have = to - from;
    if (have < 2) {
      return null;
    }
    var first = buffer[from] & 0xff;
    var second = buffer[from + 1] & 0xff;
    if ((first & 0x70) != 0) {
      throw new Finding("frames without reserved bits", "first byte " + Integer.toHexString(first));
    }
    if ((second & 0x80) != 0) {
      throw new Finding("frames without a mask from a server", "a masked frame");
    }
    var header = second == 126 ? 4 : second == 127 ? 10 : 2;
    if (have < header) {
      return null;
    }
    var length = (long) second;
    if (second >= 126) {
      length = 0;
      for (var i = 2; i < header; i++) {
        length = length << 8 | (buffer[from + i] & 0xff);
      }
    }
    if (length > 256L << 20) {
      throw new Finding("a frame of sensible size", length + " bytes");
    }
    if (have < header + length) {
      return null;
    }
    var payload =
        Bytes.wrap(Arrays.copyOfRange(buffer, from + header, from + header + (int) length));
    from += header + (int) length;
    return frame(first & 0xf, (first & RawFrames.FIN) != 0, payload);
  }

  private static Frame frame(int opcode, boolean last, Bytes payload) {
    if (opcode >= RawFrames.CLOSE && (!last || payload.length() > 125)) {
      throw new Finding("control frames whole and at most 125 bytes", payload.length() + " bytes");
    }
    return switch (opcode) {
      case RawFrames.CONTINUATION, RawFrames.TEXT, RawFrames.BINARY ->
          new Frame.Data(opcode, last, payload);
      case RawFrames.PING -> new Frame.Ping(payload);
      case RawFrames.PONG -> new Frame.Pong(payload);
      case RawFrames.CLOSE -> {
        if (payload.isEmpty()) {
          yield new Frame.Close(NO_CODE, "");
        }
        if (payload.length() == 1) {
          throw new Finding("a close frame with a code", "one byte");
        }
        yield new Frame.Close(
            payload.at(0) << 8 | payload.at(1), payload.slice(2, payload.length() - 2).toUtf8());
      }
      default -> throw new Finding("an opcode of RFC 6455", "opcode " + opcode);
    };
  }

  private enum Filled {
    SOME,
    END,
    RESET,
    TIMEOUT
  }

  private Filled fill(long deadline) {
    if (from == to) {
      from = 0;
      to = 0;
    } else if (to == buffer.length && from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    var left = (deadline - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      return Filled.TIMEOUT;
    }
    try {
      socket.setSoTimeout((int) left);
      var count = in.read(buffer, to, buffer.length - to);
      if (count < 0) {
        return Filled.END;
      }
      to += count;
      return Filled.SOME;
    } catch (SocketTimeoutException _) {
      return Filled.TIMEOUT;
    } catch (IOException _) {
      return Filled.RESET;
    }
  }

  private static long deadline(long millis) {
    return System.nanoTime() + millis * 1_000_000;
  }
}
