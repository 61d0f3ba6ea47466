package dev.parlor.relay.socket.transport;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serves sockets on event loops: takes channels away from Helidon and distributes them over several
 * {@link IoLoop}s.
 */
public final class LoopServer implements SocketServer {

  /**
   * The maximum number of loops. More threads would compete with each other, since documents' steps
   * run on them too.
   */
  private static final int LOOPS_MAX = 4;

  private final SocketSettings settings;
  private final HelidonChannel.Fields fields;
  private final List<IoLoop> loops;
  private final AtomicInteger served = new AtomicInteger();

  private LoopServer(SocketSettings settings, HelidonChannel.Fields fields) {
    this.settings = settings;
    this.fields = fields;
    var count = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, LOOPS_MAX);
    this.loops = loops(count, settings.timeoutCheckMillis());
    loops.forEach(IoLoop::start);
  }

  /** Starts the loops; empty if channels cannot be taken away from this version of Helidon. */
  public static Optional<SocketServer> start(SocketSettings settings) {
    return HelidonChannel.Fields.find().map(fields -> new LoopServer(settings, fields));
  }

  private static List<IoLoop> loops(int count, int timeoutCheckMillis) {
    var created = new ArrayList<IoLoop>(count);
    try {
      for (var number = 0; number < count; number++) {
        created.add(new IoLoop(number, timeoutCheckMillis));
      }
    } catch (IOException e) {
      created.forEach(IoLoop::close);
      throw new UncheckedIOException("the system has no selector for sockets", e);
    }
    return List.copyOf(created);
  }

  @Override
  public Upgrade prepare(ConnectionContext context, WebSocketEndpoint.Admission admission) {
    var channel = new HelidonChannel(context, fields);
    return leftOver -> new HandOver(() -> serve(channel.take(), admission, leftOver));
  }

  private void serve(
      SocketChannel channel, WebSocketEndpoint.Admission admission, @Nullable ByteBuffer leftOver) {
    var loop = loops.get(Math.floorMod(served.getAndIncrement(), loops.size()));
    loop.execute(() -> new LoopLink(loop, channel, settings, admission).open(leftOver));
  }

  @Override
  public void close() {
    loops.forEach(IoLoop::close);
  }

  /**
   * A socket as Helidon sees it, while it is handed to a loop. Afterwards Helidon does not know the
   * connection, so a long-lived connection costs nothing there.
   */
  private record HandOver(Runnable serve) implements ServerConnection {

    /** Hands the socket over and returns at once; then Helidon has finished with the connection. */
    @Override
    public void handle(Limit requests) {
      serve.run();
    }

    /** Never idle: the {@link WebSocket} checks liveness itself [WS4]. */
    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    /** Does nothing when Helidon stops: the owner of the sockets closes them. */
    @Override
    public void close(boolean interrupt) {}
  }
}
