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
 * A WebSocket connection over TCP or TLS that can break the rules of the protocol: it sends exactly
 * the given bytes and returns every frame as received. A frame that a server must not send (masked,
 * reserved bits, long control frames) is a {@link Finding}. Blocking, with a deadline on every
 * read. Used by one thread. The watchdog closes the connection if its check takes too long.
 */
final class RawConnection implements AutoCloseable {

  /** A received frame, or the end of the connection. */
  sealed interface Frame {
    /** A message or a fragment of one. */
    record Data(int opcode, boolean isLast, Bytes payload) implements Frame {}

    record Ping(Bytes payload) implements Frame {}

    record Pong(Bytes payload) implements Frame {}

    /** A close frame. Its code is {@link #NO_CODE} if the frame has no code. */
    record Close(int code, String reason) implements Frame {}

    /** The connection ended. */
    record Disconnected(String reason) implements Frame {}
  }

  static final int NO_CODE = 1005;

  /** The longest wait for an answer of the server. It is long, since the machine may be busy. */
  static final long ANSWER_MILLIS_MAX = 5_000;

  private static final int CONNECT_MILLIS_MAX = 5_000;
  private static final int ANSWER_BYTES_MAX = 64 * 1024;

  private final Socket tcpSocket;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private byte[] buffer = new byte[16 * 1024];
  private int readPosition;
  private int writePosition;

  /**
   * @param tcpSocket the TCP connection
   * @param socket the TLS socket on it, or the same socket
   */
  private RawConnection(Socket tcpSocket, Socket socket) throws IOException {
    this.tcpSocket = tcpSocket;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /**
   * Connects.
   *
   * @param receiveBufferBytes the size of the system's receive buffer; 0 for the default
   */
  static RawConnection connect(Target target, int receiveBufferBytes) throws IOException {
    var socket = new Socket();
    if (receiveBufferBytes > 0) {
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(target.host(), target.port()), CONNECT_MILLIS_MAX);
    return new RawConnection(socket, target.secured(socket));
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
    tcpSocket.setSoLinger(true, 0);
    tcpSocket.close();
  }

  @Override
  public void close() throws IOException {
    tcpSocket.close(); // A close of TLS could wait for the server.
  }

  /** Reads the HTTP answer to an upgrade request. */
  UpgradeRequest.Answer answer() {
    var deadline = deadline(ANSWER_MILLIS_MAX);
    while (true) {
      var text =
          new String(
              buffer, readPosition, writePosition - readPosition, StandardCharsets.ISO_8859_1);
      var end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        readPosition += end + 4;
        return parse(text.substring(0, end));
      }
      if (writePosition - readPosition > ANSWER_BYTES_MAX) {
        throw new Finding("an answer to the upgrade", "endless headers");
      }
      switch (fill(deadline)) {
        case SOME -> {}
        case END, RESET -> {
          return new UpgradeRequest.Answer(0, new HashMap<>());
        }
        case TIMEOUT -> throw new Finding("an answer to the upgrade", "nothing within 5 s");
      }
    }
  }

  private static UpgradeRequest.Answer parse(String head) {
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
    return new UpgradeRequest.Answer(Integer.parseInt(first[1]), headers);
  }

  /** The next frame, within {@link #ANSWER_MILLIS_MAX}. */
  Frame read() {
    return read(ANSWER_MILLIS_MAX);
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
          return new Frame.Disconnected("the connection ended");
        }
        case RESET -> {
          return new Frame.Disconnected("the connection was reset");
        }
        case TIMEOUT -> {
          return null;
        }
      }
    }
  }

  /**
   * Whether there is unread input, encrypted input included: the stream of a TLS socket does not
   * count it.
   */
  boolean hasInput() throws IOException {
    return readPosition < writePosition
        || in.available() > 0
        || tcpSocket.getInputStream().available() > 0;
  }

  @org.jspecify.annotations.Nullable
  private Frame parseFrame() {
    var available = writePosition - readPosition;
    if (available < 2) {
      return null;
    }
    var first = buffer[readPosition] & 0xff;
    var second = buffer[readPosition + 1] & 0xff;
    if ((first & 0x70) != 0) {
      throw new Finding("frames without reserved bits", "first byte " + Integer.toHexString(first));
    }
    if ((second & 0x80) != 0) {
      throw new Finding("frames without a mask from a server", "a masked frame");
    }
    var headerLength = second == 126 ? 4 : second == 127 ? 10 : 2;
    if (available < headerLength) {
      return null;
    }
    var length = (long) second;
    if (second >= 126) {
      length = 0;
      for (var i = 2; i < headerLength; i++) {
        length = length << 8 | (buffer[readPosition + i] & 0xff);
      }
    }
    if (length > 256L << 20) {
      throw new Finding("a frame of at most 256 MiB", length + " bytes");
    }
    if (available < headerLength + length) {
      return null;
    }
    var payload =
        Bytes.wrap(
            Arrays.copyOfRange(
                buffer, readPosition + headerLength, readPosition + headerLength + (int) length));
    readPosition += headerLength + (int) length;
    return frame(first & 0xf, (first & RawFrames.FIN) != 0, payload);
  }

  private static Frame frame(int opcode, boolean isLast, Bytes payload) {
    if (opcode >= RawFrames.CLOSE && (!isLast || payload.length() > 125)) {
      throw new Finding(
          "unfragmented control frames of at most 125 bytes", payload.length() + " bytes");
    }
    return switch (opcode) {
      case RawFrames.CONTINUATION, RawFrames.TEXT, RawFrames.BINARY ->
          new Frame.Data(opcode, isLast, payload);
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

  private enum ReadOutcome {
    SOME,
    END,
    RESET,
    TIMEOUT
  }

  private ReadOutcome fill(long deadline) {
    if (readPosition == writePosition) {
      readPosition = 0;
      writePosition = 0;
    } else if (writePosition == buffer.length && readPosition > 0) {
      System.arraycopy(buffer, readPosition, buffer, 0, writePosition - readPosition);
      writePosition -= readPosition;
      readPosition = 0;
    }
    if (writePosition == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    var remainingMillis = (deadline - System.nanoTime()) / 1_000_000;
    if (remainingMillis <= 0) {
      return ReadOutcome.TIMEOUT;
    }
    try {
      socket.setSoTimeout((int) remainingMillis);
      var count = in.read(buffer, writePosition, buffer.length - writePosition);
      if (count < 0) {
        return ReadOutcome.END;
      }
      writePosition += count;
      return ReadOutcome.SOME;
    } catch (SocketTimeoutException _) {
      return ReadOutcome.TIMEOUT;
    } catch (IOException _) {
      return ReadOutcome.RESET;
    }
  }

  private static long deadline(long millis) {
    return System.nanoTime() + millis * 1_000_000;
  }
}
