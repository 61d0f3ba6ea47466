package dev.parlor.server.socket;

import dev.parlor.server.admission.Caller;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A socket as Helidon sees it, while it is handed to an {@link IoLoop}. Afterwards Helidon does not
 * know the connection, so a long-lived connection costs nothing there.
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

  /** Returns at once; then Helidon has finished with the connection. */
  @Override
  public void handle(Limit requests) {
    sockets.serve(channel.take(), caller, address, page, leftOver);
  }

  /** Never idle: the {@link Connection} checks liveness itself [WS4]. */
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  /** Helidon stops; {@link SyncSockets#shutdown} stops the sockets. */
  @Override
  public void close(boolean interrupt) {}
}
