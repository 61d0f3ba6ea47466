package dev.parlor.relay.socket.transport;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves sockets on Helidon's connections, through its public API: {@link ServerConnection}, and
 * the reader and writer of {@link ConnectionContext}. The connections may use TLS. One timer thread
 * runs the timed checks of all sockets.
 */
public final class HelidonServer implements SocketServer {

  private static final Logger LOG = LoggerFactory.getLogger(HelidonServer.class);

  private final SocketSettings settings;
  private final Set<HelidonLink> links = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("socket-timer").factory());

  /** Starts the timer thread. */
  public HelidonServer(SocketSettings settings) {
    this.settings = settings;
    var _ =
        timer.scheduleWithFixedDelay(
            this::checkTimeouts,
            settings.timeoutCheckMillis(),
            settings.timeoutCheckMillis(),
            MILLISECONDS);
  }

  private void checkTimeouts() {
    var now = settings.now();
    for (var link : links) {
      try {
        link.checkTimeouts(now);
      } catch (RuntimeException | Error e) {
        LOG.error("the timed checks of a socket failed", e);
      }
    }
  }

  /** Runs a short task after this many nanoseconds, unless the server is closed before. */
  void after(long nanos, Runnable task) {
    if (!timer.isShutdown()) {
      var _ = timer.schedule(task, nanos, NANOSECONDS);
    }
  }

  @Override
  public Upgrade prepare(ConnectionContext context, WebSocketEndpoint.Admission admission) {
    return leftOver -> new UpgradedConnection(context, admission, leftOver);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    links.forEach(HelidonLink::kill);
  }

  /** A socket as Helidon sees it. */
  private final class UpgradedConnection implements ServerConnection {
    private final ConnectionContext context;
    private final WebSocketEndpoint.Admission admission;
    private final @Nullable ByteBuffer leftOver;

    /** Set while the socket is served. */
    private volatile @Nullable HelidonLink served;

    UpgradedConnection(
        ConnectionContext context,
        WebSocketEndpoint.Admission admission,
        @Nullable ByteBuffer leftOver) {
      this.context = context;
      this.admission = admission;
      this.leftOver = leftOver;
    }

    /** Blocks until the socket ends; then Helidon closes the connection. */
    @Override
    public void handle(Limit requests) {
      var link = new HelidonLink(HelidonServer.this, context, settings, admission);
      links.add(link);
      served = link;
      try {
        link.serve(leftOver);
      } finally {
        links.remove(link);
      }
    }

    /** Never idle: the {@link WebSocket} checks liveness itself [WS4]. */
    @Override
    public Duration idleTime() {
      return Duration.ZERO;
    }

    /**
     * Called when Helidon stops. The owner of the sockets has closed them before; a socket that is
     * still open is closed at once.
     */
    @Override
    public void close(boolean interrupt) {
      var link = served;
      if (link != null) {
        link.kill();
      }
    }
  }
}
