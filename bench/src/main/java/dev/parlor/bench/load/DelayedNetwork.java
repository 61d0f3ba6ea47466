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
 * A proxy that adds latency to a server on this machine: it forwards bytes in each direction after
 * a fixed time, in order. It neither limits bandwidth nor loses bytes. It has its own thread.
 * Delays are exact to about a millisecond and never too short, so that the proxy does not use the
 * CPU that the server needs.
 */
final class DelayedNetwork implements AutoCloseable {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static final int READ_BYTES_MAX = 64 * 1024;

  /**
   * Bytes in flight in one direction of one connection. Above this the sender is not read until
   * some have arrived, as with a full socket.
   */
  private static final int IN_FLIGHT_BYTES_MAX = 4 << 20;

  /** Open connections. Above this a new connection is closed. */
  private static final int CONNECTIONS_MAX = 10_000;

  /** Bytes and the time at which they arrive. Without bytes it is the end of the stream. */
  private record Chunk(long dueNanos, @Nullable ByteBuffer data) {}

  private record Arrival(long dueNanos, long order, Lane lane) {}

  private final Selector selector;
  private final ServerSocketChannel serverChannel;
  private final InetSocketAddress server;
  private final long delayNanos;
  private final Thread thread;
  private final PriorityQueue<Arrival> arrivals =
      new PriorityQueue<>(
          Comparator.comparingLong(Arrival::dueNanos).thenComparingLong(Arrival::order));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES_MAX);
  private long nextOrder;
  private int connections;

  private DelayedNetwork(int serverPort, Duration delay) throws IOException {
    selector = Selector.open();
    server = new InetSocketAddress(LOOPBACK, serverPort);
    delayNanos = delay.toNanos();
    serverChannel = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0), 1_024);
    serverChannel.configureBlocking(false);
    serverChannel.register(selector, SelectionKey.OP_ACCEPT);
    thread = Thread.ofPlatform().daemon().name("delayed-network").start(this::run);
  }

  /** A proxy to the server's port with this delay in each direction. */
  static DelayedNetwork to(int serverPort, Duration delay) {
    try {
      return new DelayedNetwork(serverPort, delay);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return serverChannel.socket().getLocalPort();
  }

  /** One direction of one connection. */
  private final class Lane {
    private final SelectionKey from;
    private final SelectionKey to;
    private final ArrayDeque<Chunk> inFlight = new ArrayDeque<>();
    private int inFlightBytes;
    private boolean inputEnded;
    private boolean endDelivered;

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
        inputEnded = true;
        inFlight.add(new Chunk(due, null));
      } else {
        inFlight.add(new Chunk(due, ByteBuffer.allocate(count).put(buffer.flip()).flip()));
        inFlightBytes += count;
      }
      arrivals.add(new Arrival(due, nextOrder++, this));
    }

    /** Forwards the due bytes, as far as the receiver accepts them. */
    void deliver(long now) throws IOException {
      while (!inFlight.isEmpty() && inFlight.peek().dueNanos() - now <= 0) {
        var data = inFlight.peek().data();
        if (data == null) {
          channel(to).shutdownOutput();
          endDelivered = true;
        } else {
          inFlightBytes -= channel(to).write(data);
          if (data.hasRemaining()) {
            return;
          }
        }
        inFlight.remove();
      }
    }

    boolean wantsToRead() {
      return !inputEnded && inFlightBytes < IN_FLIGHT_BYTES_MAX;
    }

    boolean wantsToWrite(long now) {
      return !inFlight.isEmpty() && inFlight.peek().dueNanos() - now <= 0;
    }
  }

  /** The attachment of one socket: the lane that reads from it, and the lane that writes to it. */
  private record End(Lane readLane, Lane writeLane) {}

  private static SocketChannel channel(SelectionKey key) {
    return (SocketChannel) key.channel();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        var wait = arrivals.isEmpty() ? 1_000 : millisUntil(arrivals.peek().dueNanos());
        if (wait <= 0) {
          selector.selectNow(this::ready);
        } else {
          selector.select(this::ready, wait);
        }
        for (var now = System.nanoTime();
            !arrivals.isEmpty() && arrivals.peek().dueNanos() - now <= 0; ) {
          var lane = arrivals.remove().lane();
          runOrClose(lane.from, lane.to, () -> lane.deliver(now));
        }
      }
    } catch (ClosedSelectorException _) {
      // close() closed the selector.
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
      return; // the other side was closed in the same round of the selector
    }
    if (key.isAcceptable()) {
      accept();
      return;
    }
    var end = (End) key.attachment();
    runOrClose(
        end.readLane.from,
        end.readLane.to,
        () -> {
          if (key.isReadable()) {
            end.readLane.read();
          }
          if (key.isWritable()) {
            end.writeLane.deliver(System.nanoTime());
          }
        });
  }

  private void accept() {
    try {
      var client = serverChannel.accept();
      if (client == null) {
        return;
      }
      if (connections >= CONNECTIONS_MAX) {
        client.close();
        return;
      }
      var upstream = SocketChannel.open(server);
      var clientKey = register(client);
      var serverKey = register(upstream);
      var toServer = new Lane(clientKey, serverKey);
      var toClient = new Lane(serverKey, clientKey);
      clientKey.attach(new End(toServer, toClient));
      serverKey.attach(new End(toClient, toServer));
      connections++;
    } catch (ClosedByInterruptException _) {
      // close() interrupted the connect; the loop in run() then ends
    } catch (IOException e) {
      throw new UncheckedIOException(e); // unexpected: the server runs on this machine
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
  private void runOrClose(SelectionKey first, SelectionKey second, Step step) {
    if (!first.isValid() || !second.isValid()) {
      return;
    }
    try {
      step.run();
      var end = (End) first.attachment();
      if (end.readLane.endDelivered && end.writeLane.endDelivered) {
        closeBoth(first, second);
      } else {
        updateInterest(first);
        updateInterest(second);
      }
    } catch (IOException _) {
      closeBoth(first, second);
    }
  }

  private static void updateInterest(SelectionKey key) {
    var end = (End) key.attachment();
    key.interestOps(
        (end.readLane.wantsToRead() ? SelectionKey.OP_READ : 0)
            | (end.writeLane.wantsToWrite(System.nanoTime()) ? SelectionKey.OP_WRITE : 0));
  }

  private void closeBoth(SelectionKey first, SelectionKey second) {
    connections--;
    for (var key : new SelectionKey[] {first, second}) {
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
