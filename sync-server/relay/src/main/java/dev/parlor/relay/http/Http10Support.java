package dev.parlor.relay.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections of HTTP/1.1 and of HTTP/1.0, which Helidon closes without an answer. Proxies
 * such as nginx use HTTP/1.0 unless they are configured otherwise.
 *
 * <p>A connection of HTTP/1.0 has one request. It is served as a request of HTTP/1.1 with {@code
 * Connection: close}, and without upgrades to WebSockets. A response without a known length, which
 * only streams of events have, is sent in chunks, which clients of HTTP/1.0 other than proxies may
 * not understand.
 */
final class Http10Support implements ServerConnectionSelector {
  private static final String HTTP_10 = " HTTP/1.0";
  private static final String AS_HTTP_11 = " HTTP/1.1\r\nConnection: close\r\n";

  private final Http1ConnectionSelector http11;
  private final Http1ConnectionSelector withoutUpgrades;
  private final int lineBytesMax;

  /**
   * @param http11 serves connections of HTTP/1.1
   * @param withoutUpgrades serves connections of HTTP/1.0
   */
  Http10Support(Http1ConnectionSelector http11, Http1ConnectionSelector withoutUpgrades) {
    this.http11 = http11;
    this.withoutUpgrades = withoutUpgrades;
    this.lineBytesMax = http11.prototype().config().maxPrologueLength();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return 0;
  }

  @Override
  public Support supports(BufferData request) {
    return Support.SUPPORTED;
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http11.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return new VersionedConnection(context);
  }

  /** A connection whose version of HTTP its first line tells. Served by one thread. */
  private final class VersionedConnection implements ServerConnection, InterruptableTask<Void> {
    private final ConnectionContext context;
    private final long startNanos = System.nanoTime();
    private volatile @Nullable Thread reading;
    private volatile @Nullable ServerConnection served;

    VersionedConnection(ConnectionContext context) {
      this.context = context;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      reading = Thread.currentThread();
      var is10 = isHttp10(context.dataReader());
      var connection =
          is10
              ? withoutUpgrades.connection(new RewrittenContext(context, http11(context)))
              : http11.connection(context);
      served = connection;
      reading = null;
      connection.handle(limit);
    }

    private boolean isHttp10(DataReader reader) {
      try {
        var length = reader.findNewLine(lineBytesMax);
        return length < lineBytesMax
            && reader.getBuffer(length).readString(length).endsWith(HTTP_10);
      } catch (DataReader.InsufficientDataAvailableException
          | DataReader.IncorrectNewLineException _) {
        return false; // HTTP/1.1 answers or closes
      }
    }

    /** The bytes of the connection, as a request of HTTP/1.1. */
    private DataReader http11(ConnectionContext connection) {
      var reader = connection.dataReader();
      var line = reader.readLine();
      var first = line.substring(0, line.length() - HTTP_10.length()) + AS_HTTP_11;
      return DataReader.create(new Rewritten(first.getBytes(StandardCharsets.ISO_8859_1), reader));
    }

    @Override
    public Duration idleTime() {
      var connection = served;
      return connection == null
          ? Duration.ofNanos(System.nanoTime() - startNanos)
          : connection.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      var connection = served;
      var thread = reading;
      if (connection != null) {
        connection.close(interrupt);
      } else if (thread != null) {
        thread.interrupt();
      }
    }

    @Override
    public boolean canInterrupt() {
      return served instanceof InterruptableTask<?> task ? task.canInterrupt() : served == null;
    }
  }

  /** First some bytes, then all that a reader has. Used by one thread. */
  private static final class Rewritten implements java.util.function.Supplier<byte[]> {
    private byte @Nullable [] first;
    private final DataReader rest;

    Rewritten(byte[] first, DataReader rest) {
      this.first = first;
      this.rest = rest;
    }

    @Override
    @SuppressWarnings("NullAway") // Helidon's contract: null at the end of the stream
    public byte[] get() {
      var bytes = first;
      if (bytes != null) {
        first = null;
        return bytes;
      }
      try {
        rest.ensureAvailable();
      } catch (DataReader.InsufficientDataAvailableException _) {
        return null;
      }
      return rest.readBytes(rest.available());
    }
  }
}
