package dev.parlor.server.socket;

import dev.parlor.server.admission.Caller;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A socket as Helidon sees it, for the moment in which it is handed to an {@link IoLoop}. Whoever
 * is connected for hours is unknown to Helidon, and costs nothing there.
 */
final class ServedSocket implements ServerConnection {

  private final SyncSockets sockets;
  private final HelidonChannel channel;
  private final Caller caller;
  private final String address;
  private final boolean page;
  private final @Nullable ByteBuffer leftOver;

  ServedSocket(
      SyncSockets sockets,
      HelidonChannel channel,
      Caller caller,
      String address,
      boolean page,
      @Nullable ByteBuffer leftOver) {
    this.sockets = sockets;
    this.channel = channel;
    this.caller = caller;
    this.address = address;
    this.page = page;
    this.leftOver = leftOver;
  }

  /** Returns at once, and Helidon is done with the connection. */
  @Override
  public void handle(Limit requests) {
    sockets.serve(channel.take(), caller, address, page, leftOver);
  }

  /** Never idle: liveness is the connection's own business [WS4]. */
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  /** Helidon stops; the sockets are stopped by {@link SyncSockets#shutdown}. */
  @Override
  public void close(boolean interrupt) {}
}
