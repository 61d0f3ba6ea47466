package dev.parlor.server.socket;

import dev.parlor.server.admission.Caller;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A socket as Helidon sees it: its virtual thread sleeps here while an {@link IoLoop} serves the
 * channel, and Helidon closes the channel for good when it wakes up.
 */
final class ServedSocket implements ServerConnection {

  private final SyncSockets sockets;
  private final SocketChannel channel;
  private final Caller caller;
  private final String address;
  private final @Nullable ByteBuffer leftOver;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Connection connection;

  ServedSocket(
      SyncSockets sockets,
      SocketChannel channel,
      Caller caller,
      String address,
      @Nullable ByteBuffer leftOver) {
    this.sockets = sockets;
    this.channel = channel;
    this.caller = caller;
    this.address = address;
    this.leftOver = leftOver;
  }

  @Override
  public void handle(Limit requests) throws InterruptedException {
    connection = sockets.serve(channel, caller, address, leftOver, over::countDown);
    try {
      over.await();
    } catch (InterruptedException e) {
      close(true);
      throw e;
    }
  }

  /** Never idle: liveness is the connection's own business [WS4]. */
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  @Override
  public void close(boolean interrupt) {
    var served = connection;
    if (served != null) {
      served.kill();
    }
  }
}
