package dev.parlor.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * A WebSocket client connection (RFC 6455) directly on the socket; owned by the thread of its
 * {@link Loop}. The mask is all zeros, which the RFC allows and which costs no time.
 */
public final class RawSocket implements Loop.Connection {

  /** Receives the events of the connection, on the loop's thread. */
  public interface Listener {
    void opened();

    /** One complete binary message. The listener may keep the array. */
    void message(byte[] message);

    void closed(String reason);
  }

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static final int OPCODE_CONTINUATION = 0;
  private static final int OPCODE_CLOSE = 8;
  private static final int OPCODE_PING = 9;
  private static final int OPCODE_PONG = 10;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Listener listener;
  private final String path;
  private final ArrayDeque<ByteBuffer> out = new ArrayDeque<>();
  private ByteBuffer in = ByteBuffer.allocate(16 * 1024);
  private byte[] fragments = new byte[0];
  private boolean open;
  private boolean closed;

  RawSocket(Selector selector, int port, String path, Listener listener) throws IOException {
    this.listener = listener;
    this.path = path;
    channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    key = channel.register(selector, SelectionKey.OP_CONNECT, this);
    channel.connect(new InetSocketAddress(LOOPBACK, port));
  }

  public void send(byte[] message) {
    out.add(frame(2, message));
    flush();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public void ready() {
    try {
      if (key.isConnectable() && channel.finishConnect()) {
        out.add(ByteBuffer.wrap(upgrade().getBytes(StandardCharsets.US_ASCII)));
        flush();
      }
      if (key.isValid() && key.isWritable()) {
        flush();
      }
      if (key.isValid() && key.isReadable()) {
        read();
      }
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private String upgrade() throws IOException {
    var port = ((InetSocketAddress) channel.getRemoteAddress()).getPort();
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + port
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: cGFybG9yLWJlbmNoLWtleQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  }

  private void read() throws IOException {
    while (true) {
      if (!in.hasRemaining()) {
        in = ByteBuffer.wrap(Arrays.copyOf(in.array(), in.capacity() * 2)).position(in.position());
      }
      var count = channel.read(in);
      if (count < 0) {
        fail("end of stream");
        return;
      }
      if (count == 0) {
        return;
      }
      in.flip();
      if (!open) {
        handshake();
      }
      while (open && !closed && readFrame()) {}
      var wasFull = in.limit() == in.capacity();
      in.compact();
      if (!wasFull) {
        return; // The buffer was not full, so the socket is empty and needs no second read.
      }
    }
  }

  private void handshake() {
    var text = new String(in.array(), in.position(), in.remaining(), StandardCharsets.ISO_8859_1);
    var end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return;
    }
    if (!text.startsWith("HTTP/1.1 101")) {
      fail(text.lines().findFirst().orElse("no status line"));
      return;
    }
    in.position(in.position() + end + 4);
    open = true;
    listener.opened();
  }

  /** Reads one frame from the buffer. False if the buffer does not hold a complete frame. */
  private boolean readFrame() {
    if (in.remaining() < 2) {
      return false;
    }
    var start = in.position();
    var firstByte = in.get(start) & 0xff;
    var lengthByte = in.get(start + 1) & 0x7f;
    var headerLength = lengthByte == 126 ? 4 : lengthByte == 127 ? 10 : 2;
    if (in.remaining() < headerLength) {
      return false;
    }
    var length =
        lengthByte == 126
            ? in.getShort(start + 2) & 0xffff
            : lengthByte == 127 ? (int) in.getLong(start + 2) : lengthByte;
    if (in.remaining() < headerLength + length) {
      return false;
    }
    var payload = new byte[length];
    in.get(start + headerLength, payload);
    in.position(start + headerLength + length);
    switch (firstByte & 0x0f) {
      case OPCODE_PING -> {
        out.add(frame(OPCODE_PONG, payload));
        flush();
      }
      case OPCODE_PONG -> {}
      case OPCODE_CLOSE -> fail("closed by the server: " + closeReason(payload));
      default -> data(firstByte, payload);
    }
    return true;
  }

  private void data(int firstByte, byte[] payload) {
    var message = payload;
    if (fragments.length > 0 || (firstByte & 0x0f) == OPCODE_CONTINUATION) {
      message = Arrays.copyOf(fragments, fragments.length + payload.length);
      System.arraycopy(payload, 0, message, fragments.length, payload.length);
    }
    var isLast = (firstByte & 0x80) != 0;
    fragments = isLast ? new byte[0] : message;
    if (isLast) {
      listener.message(message);
    }
  }

  private static String closeReason(byte[] payload) {
    if (payload.length < 2) {
      return "no code";
    }
    var code = (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    return code + " " + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
  }

  private static ByteBuffer frame(int opcode, byte[] payload) {
    var length = payload.length;
    var frame = ByteBuffer.allocate(length + 14);
    frame.put((byte) (0x80 | opcode));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    return frame.putInt(0).put(payload).flip();
  }

  private void flush() {
    try {
      while (!out.isEmpty()) {
        var buffer = out.peek();
        channel.write(buffer);
        if (buffer.hasRemaining()) {
          break;
        }
        out.remove();
      }
      updateInterest();
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private void updateInterest() {
    if (key.isValid() && channel.isConnected()) {
      key.interestOps(SelectionKey.OP_READ | (out.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }
  }

  private void fail(String reason) {
    if (!closed) {
      close();
      listener.closed(reason);
    }
  }
}
