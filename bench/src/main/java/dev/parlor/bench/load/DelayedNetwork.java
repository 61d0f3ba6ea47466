package dev.parlor.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that adds latency to a server on this machine: bytes in each direction arrive later by a
 * fixed time, in order. It neither limits bandwidth nor loses bytes. It has its own thread. Delays
 * are exact to about a millisecond and never too short, so that the proxy does not use the CPU that
 * the server needs.
 */
final class DelayedNetwork implements AutoCloseable {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static final int READ_BYTES_MAX = 64 * 1024;

  /**
   * Bytes in flight in one direction of one connection. Above this the sender is not read until
   * some have arrived, as with a full socket.
   */
  private static final int WAY_BYTES_MAX = 4 << 20;

  /** Open connections. Above this a new connection is closed. */
  private static final int CONNECTIONS_MAX = 10_000;

  /** Bytes and their time of arrival; without bytes, the end of the stream. */
  private record Parcel(long due, @Nullable ByteBuffer content) {}

  private record Arrival(long due, long order, Lane lane) {}

  private final Selector selector;
  private final ServerSocketChannel door;
  private final InetSocketAddress server;
  private final long delayNanos;
  private final Thread thread;
  private final PriorityQueue<Arrival> arrivals =
      new PriorityQueue<>(Comparator.comparingLong(Arrival::due).thenComparingLong(Arrival::order));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES_MAX);
  private long made;
  private int connections;

  private DelayedNetwork(int serverPort, Duration each) throws IOException {
    selector = Selector.open();
    server = new InetSocketAddress(LOOPBACK, serverPort);
    delayNanos = each.toNanos();
    door = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0), 1_024);
    door.configureBlocking(false);
    door.register(selector, SelectionKey.OP_ACCEPT);
    thread = Thread.ofPlatform().daemon().name("delayed-network").start(this::run);
  }

  /** A proxy to the server's port with this delay in each direction. */
  static DelayedNetwork to(int serverPort, Duration each) {
    try {
      return new DelayedNetwork(serverPort, each);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return door.socket().getLocalPort();
  }

  /** One direction of one connection. */
  private final class Lane {
    private final SelectionKey from;
    private final SelectionKey to;
    private final ArrayDeque<Parcel> onTheWay = new ArrayDeque<>();
    private int bytes;
    private boolean ended;
    private boolean arrived;

    Lane(SelectionKey from, SelectionKey to) {
      this.from = from;
      this.to = to;
    }

    void read() throws IOException {
      buffer.clear();
      var count = channel(from).read(buffer);
      if (count == 0) {
        return;
      }
      var due = System.nanoTime() + delayNanos;
      if (count < 0) {
        ended = true;
        onTheWay.add(new Parcel(due, null));
      } else {
        onTheWay.add(new Parcel(due, ByteBuffer.allocate(count).put(buffer.flip()).flip()));
        bytes += count;
      }
      arrivals.add(new Arrival(due, made++, this));
    }

    /** Forwards the due bytes, as far as the receiver accepts them. */
    void deliver(long now) throws IOException {
      while (!onTheWay.isEmpty() && onTheWay.peek().due() - now <= 0) {
        var content = onTheWay.peek().content();
        if (content == null) {
          channel(to).shutdownOutput();
          arrived = true;
        } else {
          bytes -= channel(to).write(content);
          if (content.hasRemaining()) {
            return;
          }
        }
        onTheWay.remove();
      }
    }

    boolean wantsToRead() {
      return !ended && bytes < WAY_BYTES_MAX;
    }

    boolean wantsToWrite(long now) {
      return !onTheWay.isEmpty() && onTheWay.peek().due() - now <= 0;
    }
  }

  /** One end of a connection: its outgoing and its incoming lane. */
  private record End(Lane says, Lane hears) {}

  private static SocketChannel channel(SelectionKey key) {
    return (SocketChannel) key.channel();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        var wait = arrivals.isEmpty() ? 1_000 : millisUntil(arrivals.peek().due());
        if (wait <= 0) {
          selector.selectNow(this::ready);
        } else {
          selector.select(this::ready, wait);
        }
        for (var now = System.nanoTime();
            !arrivals.isEmpty() && arrivals.peek().due() - now <= 0; ) {
          var lane = arrivals.remove().lane();
          attempt(lane.from, lane.to, () -> lane.deliver(now));
        }
      }
    } catch (ClosedSelectorException _) {
      // closed
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long millisUntil(long due) {
    var nanos = due - System.nanoTime();
    return nanos <= 0 ? 0 : nanos / 1_000_000 + 1;
  }

  private void ready(SelectionKey key) {
    if (!key.isValid()) {
      return; // the other end broke in this very round
    }
    if (key.isAcceptable()) {
      accept();
      return;
    }
    var end = (End) key.attachment();
    attempt(
        end.says.from,
        end.says.to,
        () -> {
          if (key.isReadable()) {
            end.says.read();
          }
          if (key.isWritable()) {
            end.hears.deliver(System.nanoTime());
          }
        });
  }

  private void accept() {
    try {
      var client = door.accept();
      if (client == null) {
        return;
      }
      if (connections >= CONNECTIONS_MAX) {
        client.close();
        return;
      }
      var there = SocketChannel.open(server);
      var one = register(client);
      var other = register(there);
      var out = new Lane(one, other);
      var back = new Lane(other, one);
      one.attach(new End(out, back));
      other.attach(new End(back, out));
      connections++;
    } catch (ClosedByInterruptException _) {
      // closed while connecting: the thread stays interrupted, and the loop sees it
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the server is on this machine, and listens
    }
  }

  private SelectionKey register(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel.register(selector, SelectionKey.OP_READ);
  }

  private interface Step {
    void run() throws IOException;
  }

  /**
   * Runs a step on a connection. The connection ends with the first fault, or when both ends have
   * closed.
   */
  private void attempt(SelectionKey one, SelectionKey other, Step step) {
    if (!one.isValid() || !other.isValid()) {
      return;
    }
    try {
      step.run();
      var end = (End) one.attachment();
      if (end.says.arrived && end.hears.arrived) {
        end(one, other);
      } else {
        interest(one);
        interest(other);
      }
    } catch (IOException _) {
      end(one, other);
    }
  }

  private static void interest(SelectionKey key) {
    var end = (End) key.attachment();
    key.interestOps(
        (end.says.wantsToRead() ? SelectionKey.OP_READ : 0)
            | (end.hears.wantsToWrite(System.nanoTime()) ? SelectionKey.OP_WRITE : 0));
  }

  private void end(SelectionKey one, SelectionKey other) {
    connections--;
    for (var key : new SelectionKey[] {one, other}) {
      try {
        key.channel().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
      for (var key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
