package dev.parlor.nats.client;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Opens connections to the cluster. Nothing is kept for later while the cluster is away. */
public final class ClusterConnection {

  private ClusterConnection() {}

  /** The options that every connection has. */
  public static Options.Builder options(ClusterSettings settings, String name) {
    var builder =
        new Options.Builder()
            .servers(settings.servers().toArray(String[]::new))
            .connectionName(name)
            .connectionTimeout(Duration.ofMillis(settings.limits().requestMillis()))
            .reconnectWait(Duration.ofMillis(settings.limits().reconnectMillis()))
            .reconnectJitter(Duration.ofMillis(settings.limits().reconnectMillis()))
            .maxReconnects(-1)
            .reconnectBufferSize(0)
            .pingInterval(Duration.ofSeconds(2))
            .maxPingsOut(2)
            .noEcho();
    if (settings.credentials().isPresent()) {
      authenticate(builder, settings.credentials().get());
    }
    return builder;
  }

  /**
   * Adds the credentials of a file: one line {@code user:password}, or the token and the seed that
   * NATS's own tools write.
   */
  private static void authenticate(Options.Builder builder, Path file) {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
    var colon = text.indexOf(':');
    if (colon > 0 && !text.contains("\n")) {
      builder.userInfo(
          text.substring(0, colon).toCharArray(), text.substring(colon + 1).toCharArray());
    } else {
      builder.authHandler(Nats.credentials(file.toString()));
    }
  }

  /**
   * Connects; blocks.
   *
   * @throws IOException if no server can be reached; the message names the servers
   */
  public static Connection open(
      ClusterSettings settings,
      Options.Builder options,
      ConnectionListener events,
      ErrorListener errors)
      throws IOException {
    try {
      return Nats.connect(options.connectionListener(events).errorListener(errors).build());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while connecting to the cluster");
    } catch (AuthenticationException e) {
      throw new IOException(
          "the cluster at "
              + String.join(", ", settings.servers())
              + " refuses the credentials ("
              + e.getMessage()
              + "); correct the file of --cluster-creds or the user's permissions",
          e);
    } catch (IOException e) {
      throw new IOException(
          "the cluster cannot be reached at "
              + String.join(", ", settings.servers())
              + ": "
              + e.getMessage()
              + "; start its servers or correct their addresses",
          e);
    }
  }
}
