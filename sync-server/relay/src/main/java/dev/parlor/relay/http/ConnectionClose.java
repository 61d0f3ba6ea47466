package dev.parlor.relay.http;

import dev.parlor.relay.config.FixedLimits;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.io.InputStream;

/**
 * Closes the connection after a response with {@code Connection: close}, which Helidon leaves to
 * the client. It first reads the rest of the request's body: if a connection closes with unread
 * bytes, the system resets it, and the client may lose the response.
 */
public final class ConnectionClose implements Filter {
  private static final int BUFFER_BYTES = 16 * 1024;

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    chain.proceed();
    if (!response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      return;
    }
    // A client that expects 100 Continue sends no body after a final response.
    if (!request.content().consumed() && !request.headers().contains(HeaderNames.EXPECT)) {
      discard(request.content().inputStream());
    }
    throw new CloseConnectionException("the response has the header Connection: close");
  }

  /**
   * Reads and discards the rest of a body that nothing needs, up to {@link
   * FixedLimits#DISCARDED_BODY_BYTES_MAX}. Returns early if the client leaves.
   */
  public static void discard(InputStream body) {
    try {
      var buffer = new byte[BUFFER_BYTES];
      for (var left = FixedLimits.DISCARDED_BODY_BYTES_MAX; left > 0; ) {
        var read = body.read(buffer);
        if (read < 0) {
          return;
        }
        left -= read;
      }
    } catch (IOException | RuntimeException _) {
      // The client left. Nobody waits for the rest of the body.
    }
  }
}
