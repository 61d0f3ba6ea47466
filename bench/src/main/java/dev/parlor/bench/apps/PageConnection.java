package dev.parlor.bench.apps;

import dev.parlor.bench.load.Loop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import java.util.Queue;

/**
 * A connection that is kept open for requests with GET, one after the other. A request that comes
 * earlier waits. Owned by the loop's thread.
 */
final class PageConnection implements Loop.Connection {

  private record Waiting(ByteBuffer request, Runnable answered) {}

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private ByteBuffer in = ByteBuffer.allocate(32 * 1024);
  private boolean isConnected;
  private boolean isBusy;

  PageConnection(Loop loop, int port) {
    try {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      key = channel.register(loop.selector(), SelectionKey.OP_CONNECT, this);
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of a request. */
  static byte[] request(String host, String path) {
    return ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html,*/*\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Sends a request; an answer without status 200 ends the benchmark. */
  void get(byte[] request, Runnable answered) {
    waiting.add(new Waiting(ByteBuffer.wrap(request), answered));
    sendNext();
  }

  private void sendNext() {
    var next = waiting.peek();
    if (isBusy || !isConnected || next == null) {
      return;
    }
    isBusy = true;
    try {
      channel.write(next.request);
      if (next.request.hasRemaining()) {
        throw new IllegalStateException("the server does not read a short request");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void ready() {
    try {
      if (key.isConnectable() && channel.finishConnect()) {
        isConnected = true;
        key.interestOps(SelectionKey.OP_READ);
        sendNext();
      }
      if (key.isValid() && key.isReadable()) {
        read();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() throws IOException {
    if (channel.read(in) < 0) {
      if (isBusy) {
        throw new IllegalStateException("the server closed a connection during a request");
      }
      close();
      return;
    }
    var end = endOfHead();
    if (end < 0) {
      return;
    }
    var head = new String(in.array(), 0, end, StandardCharsets.ISO_8859_1);
    if (!head.startsWith("HTTP/1.1 200")) {
      throw new IllegalStateException("the server answered " + head);
    }
    var total = end + 4 + contentLength(head);
    if (in.position() < total) {
      if (in.capacity() < total) {
        in = ByteBuffer.wrap(Arrays.copyOf(in.array(), total)).position(in.position());
      }
      return;
    }
    in.clear();
    isBusy = false;
    var answered = waiting.remove().answered;
    answered.run();
    sendNext();
  }

  /** The position of the empty line; -1 if it has not arrived. */
  private int endOfHead() {
    var bytes = in.array();
    for (var at = 0; at + 3 < in.position(); at++) {
      if (bytes[at] == '\r'
          && bytes[at + 1] == '\n'
          && bytes[at + 2] == '\r'
          && bytes[at + 3] == '\n') {
        return at;
      }
    }
    return -1;
  }

  private static int contentLength(String head) {
    var name = "content-length:";
    var at = head.toLowerCase(Locale.ROOT).indexOf(name);
    if (at < 0) {
      throw new IllegalStateException("the answer has no Content-Length: " + head);
    }
    var end = head.indexOf('\r', at);
    return Integer.parseInt(
        head.substring(at + name.length(), end < 0 ? head.length() : end).strip());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
