package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A WebSocket client that sends only what the test says, valid or not. It sends no pongs and no
 * closing handshake by itself. Its calls block; only one thread may use it.
 */
public final class RawClient implements AutoCloseable {

  /** A received frame. */
  public sealed interface Frame {
    record Binary(Bytes data) implements Frame {}

    record Text(Bytes utf8) implements Frame {}

    record Ping(Bytes data) implements Frame {}

    record Pong(Bytes data) implements Frame {}

    record Close(int code, String reason) implements Frame {}

    /** The connection ended without a close frame. */
    record Disconnected() implements Frame {}
  }

  public static final int TEXT = 0x1;
  public static final int BINARY = 0x2;
  public static final int CONTINUATION = 0x0;
  public static final int PING = 0x9;

  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket connection;
  private final Socket socket;
  private final DataInputStream in;
  private final int status;
  private final String head;
  private PeerId id = new PeerId("nobody");

  private RawClient(URI url, int receiveBuffer, Optional<SSLContext> tls, List<String> headers)
      throws IOException {
    connection = new Socket();
    if (receiveBuffer > 0) {
      connection.setReceiveBufferSize(receiveBuffer);
    }
    connection.connect(new java.net.InetSocketAddress(url.getHost(), url.getPort()));
    connection.setSoTimeout(TIMEOUT_MILLIS);
    connection.setTcpNoDelay(true);
    socket =
        tls.isEmpty()
            ? connection
            : tls.get()
                .getSocketFactory()
                .createSocket(connection, url.getHost(), url.getPort(), true);
    in = new DataInputStream(socket.getInputStream());
    var request = new StringBuilder("GET " + url.getPath() + " HTTP/1.1\r\n");
    request.append("Host: ").append(url.getAuthority()).append("\r\n");
    request.append("Upgrade: websocket\r\nConnection: Upgrade\r\n");
    request.append("Sec-WebSocket-Version: 13\r\n");
    request.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    headers.forEach(header -> request.append(header).append("\r\n"));
    request.append("\r\n");
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    status = Integer.parseInt(line().split(" ", -1)[1]);
    var lines = new StringBuilder("\r\n");
    for (var line = line(); !line.isEmpty(); line = line()) {
      lines.append(line).append("\r\n");
    }
    head = lines.toString();
  }

  /** Connects; for {@code wss} over TLS with the default context of this JVM. */
  public static RawClient connect(URI url, String... headers) throws IOException {
    return new RawClient(url, 0, tls(url), List.of(headers));
  }

  private static Optional<SSLContext> tls(URI url) {
    try {
      return url.getScheme().equals("wss")
          ? Optional.of(SSLContext.getDefault())
          : Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /** Connects over TLS with this context. */
  public static RawClient connectSecure(URI url, SSLContext tls) throws IOException {
    return new RawClient(url, 0, Optional.of(tls), List.of());
  }

  /** Connects with a small receive buffer, so that a client that does not read is soon noticed. */
  public static RawClient connectSlow(URI url) throws IOException {
    return new RawClient(url, 4_096, tls(url), List.of());
  }

  /** Connects, joins and reads the server's answer. */
  public static RawClient join(URI url, String peerId) throws IOException {
    return connect(url).joinAs(peerId);
  }

  /** Joins and reads the server's answer. */
  public RawClient joinAs(String peerId) throws IOException {
    send(join(peerId));
    assertInstanceOf(WireMessage.PeerMessage.class, message());
    return this;
  }

  /** Sets the client's peer id and returns its join message, without sending it. */
  public WireMessage.Join join(String peerId) {
    id = new PeerId(peerId);
    return new WireMessage.Join(id, new PeerMetadata(Optional.empty(), true), List.of("1"));
  }

  /** The headers of the upgrade's response; a line end precedes and follows each of them. */
  public String head() {
    return head;
  }

  /** The status of the upgrade's response; 101 if it was granted. */
  public int status() {
    return status;
  }

  public PeerId id() {
    return id;
  }

  public void send(WireMessage message) throws IOException {
    send(WireCodec.encode(message));
  }

  public void send(Bytes data) throws IOException {
    frame(BINARY, true, data);
  }

  /** Sends one masked frame. */
  public void frame(int opcode, boolean last, Bytes data) throws IOException {
    write(encode(opcode, last, data));
  }

  /** Writes bytes unchanged. */
  public void write(Bytes bytes) throws IOException {
    bytes.writeTo(socket.getOutputStream());
  }

  /** The bytes of a masked frame. */
  public static Bytes encode(int opcode, boolean last, Bytes data) {
    var out = new ByteArrayOutputStream();
    out.write((last ? 0x80 : 0) | opcode);
    if (data.length() < 126) {
      out.write(0x80 | data.length());
    } else if (data.length() < 0x1_0000) {
      out.write(0x80 | 126);
      out.write(data.length() >>> 8);
      out.write(data.length());
    } else {
      out.write(0x80 | 127);
      for (var shift = 56; shift >= 0; shift -= 8) {
        out.write(shift > 24 ? 0 : data.length() >>> shift);
      }
    }
    var mask = new byte[] {1, 2, 3, 4};
    out.writeBytes(mask);
    for (var i = 0; i < data.length(); i++) {
      out.write(data.at(i) ^ mask[i % 4]);
    }
    return Bytes.wrap(out.toByteArray());
  }

  /** Returns the next message and skips pings. */
  public WireMessage message() throws IOException {
    while (true) {
      switch (read()) {
        case Frame.Binary(var data) -> {
          return WireCodec.decode(data).orElseThrow();
        }
        case Frame.Ping _, Frame.Pong _ -> {}
        case Frame.Close(var code, var reason) ->
            fail("closed instead of a message: " + code + " " + reason);
        case Frame.Text _ -> fail("a text instead of a message");
        case Frame.Disconnected() -> fail("disconnected instead of a message");
      }
    }
  }

  public <T extends WireMessage> T message(Class<T> type) throws IOException {
    return assertInstanceOf(type, message());
  }

  /** Waits for the close frame, and adds the messages before it to the list. */
  public Frame.Close awaitClose(List<WireMessage> messages) throws IOException {
    while (true) {
      switch (read()) {
        case Frame.Binary(var data) -> messages.add(WireCodec.decode(data).orElseThrow());
        case Frame.Close close -> {
          return close;
        }
        case Frame.Ping _, Frame.Pong _ -> {}
        case Frame.Text _ -> fail("a text before the close frame");
        case Frame.Disconnected() -> fail("disconnected without a close frame");
      }
    }
  }

  public Frame.Close awaitClose() throws IOException {
    return awaitClose(new ArrayList<>());
  }

  public Frame read() throws IOException {
    try {
      var opcode = in.readUnsignedByte() & 0xf;
      var length = (long) in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      var data = new byte[Math.toIntExact(length)];
      in.readFully(data);
      return switch (opcode) {
        case BINARY -> new Frame.Binary(Bytes.wrap(data));
        case TEXT -> new Frame.Text(Bytes.wrap(data));
        case PING -> new Frame.Ping(Bytes.wrap(data));
        case 0xa -> new Frame.Pong(Bytes.wrap(data));
        case 0x8 ->
            new Frame.Close(
                (data[0] & 0xff) << 8 | (data[1] & 0xff),
                new String(data, 2, data.length - 2, StandardCharsets.UTF_8));
        default -> throw new IOException("unexpected opcode " + opcode);
      };
    } catch (EOFException | SocketException _) {
      return new Frame.Disconnected();
    }
  }

  /** Reads and drops this many bytes, regardless of frames. After this no frame can be read. */
  public void skipBytes(int count) throws IOException {
    in.skipNBytes(count);
  }

  /** Closes the TCP connection without a close frame; if {@code reset}, by a TCP reset. */
  public void disconnect(boolean reset) throws IOException {
    if (reset) {
      connection.setSoLinger(true, 0);
    }
    connection.close();
  }

  @Override
  public void close() throws IOException {
    connection.close(); // Closing the TLS socket could wait for the server.
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (var c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the answer to the upgrade ends early");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
