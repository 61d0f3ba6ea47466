package dev.parlor.server.http;

import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import org.jspecify.annotations.Nullable;

/** Problems for what the web server itself refuses: no route was reached, nothing was read. */
final class Refusals {
  private Refusals() {}

  /**
   * The message is told only where this server wrote it itself: at an upgrade to a WebSocket.
   * Otherwise it is Helidon's and may repeat the request.
   */
  static TransportResponse answer(
      TransportRequest request,
      EventType event,
      Status status,
      ServerResponseHeaders headers,
      @Nullable String message) {
    var detail =
        switch (event) {
          case BAD_REQUEST -> "the request line or a header is malformed";
          case PAYLOAD_TOO_LARGE -> "the body is too large";
          case FORBIDDEN -> "this is not allowed";
          case HTTP_VERSION_NOT_SUPPORTED -> "this version of HTTP is not spoken here";
          case INTERNAL_ERROR -> "something here went wrong";
          case OTHER -> message == null || message.isBlank() ? "the request was refused" : message;
        };
    var reply = ProblemDetail.of(status.code(), "refused", detail).reply();
    var response =
        TransportResponse.builder()
            .status(status)
            .headers(headers)
            .header(HeaderNames.CONTENT_TYPE, reply.contentType())
            .keepAlive(event.keepAlive());
    // A body behind HEAD would be read as the next response.
    return request.method().equals("HEAD")
        ? response.build()
        : response.entity(reply.body().toArray()).build();
  }
}
