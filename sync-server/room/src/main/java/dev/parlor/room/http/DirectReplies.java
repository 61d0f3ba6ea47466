package dev.parlor.room.http;

import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import org.jspecify.annotations.Nullable;

/** Replies to requests that Helidon refuses before routing: malformed or too large requests. */
final class DirectReplies {
  private DirectReplies() {}

  /**
   * The reply to a refused request. It contains {@code message} only for a refused WebSocket
   * upgrade, whose message Parlor wrote. Other messages are Helidon's and may contain parts of the
   * request.
   */
  static TransportResponse reply(
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
          case HTTP_VERSION_NOT_SUPPORTED -> "this version of HTTP is not supported";
          case INTERNAL_ERROR -> "the server failed";
          case OTHER -> message == null || message.isBlank() ? "the request was refused" : message;
        };
    var reply = ProblemDetail.of(status.code(), "refused", detail).reply();
    var response =
        TransportResponse.builder()
            .status(status)
            .headers(headers)
            .header(HeaderNames.CONTENT_TYPE, reply.contentType())
            .keepAlive(event.keepAlive());
    // A client would read a body after HEAD as the next response.
    return request.method().equals("HEAD")
        ? response.build()
        : response.entity(reply.body().toArray()).build();
  }
}
