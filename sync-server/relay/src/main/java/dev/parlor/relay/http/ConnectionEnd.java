package dev.parlor.relay.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * Closes a connection after a response with {@code Connection: close}. Helidon 4.5 sends this
 * header if the client or the handler asks for it, but then waits for another request. A client
 * that reads the response until the connection ends would wait until the idle time-out.
 */
public final class ConnectionEnd implements Filter {

  /**
   * The maximum size of an unread body that is read before the connection is closed, in bytes. A
   * system that closes a connection with unread bytes may discard the response. A connection with a
   * larger unread body stays open until the client closes it.
   */
  private static final long UNREAD_BYTES_MAX = 256 << 10;

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    chain.proceed();
    if (response.isSent()
        && (saysClose(request.headers()) || saysClose(response.headers()))
        && hasReadBody(request)) {
      throw new CloseConnectionException("the response was the last of its connection");
    }
  }

  private static boolean saysClose(Headers headers) {
    return headers.containsToken(HeaderValues.CONNECTION_CLOSE);
  }

  private static boolean hasReadBody(RoutingRequest request) {
    var content = request.content();
    if (!content.hasEntity() || content.consumed()) {
      return true;
    }
    var headers = request.headers();
    // A client that expects 100 Continue has not sent its body.
    var isSmall =
        headers.contentLength().orElse(Long.MAX_VALUE) <= UNREAD_BYTES_MAX
            && !headers.contains(HeaderNames.EXPECT);
    if (isSmall) {
      content.consume();
    }
    return isSmall;
  }
}
