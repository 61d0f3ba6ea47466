package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.http.ConnectionClose;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A request for an endpoint: path, query, headers, and a bounded body, which is read at first use.
 */
final class HttpCall {
  static final HeaderName PARLOR_KEY = HeaderNames.create("Parlor-Key");
  static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
  private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

  private final ServerRequest request;
  private final int bodyBytesMax;
  private final ClientAddresses addresses;
  private @Nullable Bytes body;

  HttpCall(ServerRequest request, int bodyBytesMax, ClientAddresses addresses) {
    this.request = request;
    this.bodyBytesMax = bodyBytesMax;
    this.addresses = addresses;
  }

  String method() {
    return request.prologue().method().text();
  }

  /** Whether the method is HEAD. */
  boolean isHead() {
    return method().equals("HEAD");
  }

  /** The path without its query. */
  String path() {
    return request.path().absolute().path();
  }

  /** The value of a parameter in the path of the route. */
  String pathParameter(String name) {
    return request.path().pathParameters().get(name);
  }

  Optional<String> query(String name) {
    return request.query().contains(name)
        ? Optional.of(request.query().get(name))
        : Optional.empty();
  }

  Optional<String> header(HeaderName name) {
    return request.headers().first(name);
  }

  /** Whether the request came over TLS to this server. False if a proxy in front of it ends TLS. */
  boolean isSecure() {
    return request.isSecure();
  }

  /** The Host header: host and port. */
  String host() {
    return header(HeaderNames.HOST).orElse("localhost");
  }

  /**
   * The properties of the request for {@link AdminAuthorizer}. The client's address comes from the
   * socket, never from a header.
   */
  AdminAuthorizer.AdminRequest adminRequest() {
    return adminRequest(request);
  }

  /** As {@link #adminRequest()}, for a request of another interface. */
  static AdminAuthorizer.AdminRequest adminRequest(ServerRequest request) {
    var headers = request.headers();
    var bearer =
        headers
            .first(HeaderNames.AUTHORIZATION)
            .filter(value -> value.startsWith("Bearer "))
            .map(value -> value.substring("Bearer ".length()).strip());
    return new AdminAuthorizer.AdminRequest(
        request.isSecure(),
        request.remotePeer().address() instanceof InetSocketAddress socket
            && socket.getAddress() != null
            && socket.getAddress().isLoopbackAddress(),
        headers.stream().map(header -> header.headerName().lowerCase()).toList(),
        headers.all(HeaderNames.HOST, List::of),
        headers.all(HeaderNames.ORIGIN, List::of),
        headers.all(SEC_FETCH_SITE, List::of),
        bearer);
  }

  /** The client's address without its port: the key of rate limits by address. */
  String address() {
    return addresses.of(
        request.remotePeer().address(),
        name -> request.headers().all(HeaderNames.create(name), List::of));
  }

  /**
   * The whole body.
   *
   * @throws ProblemException 413 above the limit, 415 if the Content-Type is not JSON in UTF-8
   */
  Bytes body() {
    var read = bodyOfAnyType();
    if (!read.isEmpty()) {
      requireJson();
    }
    return read;
  }

  /** Whether this is the media type of the body. */
  boolean hasType(String mediaType) {
    return request.headers().contentType().stream()
        .anyMatch(type -> type.mediaType().text().equals(mediaType));
  }

  /**
   * The whole body, whatever its Content-Type is.
   *
   * @throws ProblemException 413 above the limit
   */
  Bytes bodyOfAnyType() {
    var read = body;
    if (read == null) {
      read = readBody();
      body = read;
    }
    return read;
  }

  /** Refuses a body with 413 if its Content-Length is above the limit, before reading any of it. */
  void refuseTooLargeBody() {
    refuseTooLargeBody(bodyBytesMax);
  }

  /** As {@link #refuseTooLargeBody()}, with a lower limit. */
  void refuseTooLargeBody(int bytesMax) {
    if (declaredLength().orElse(0) > bytesMax) {
      throw tooLarge(bytesMax);
    }
  }

  /** The size of the body that the request announces. */
  OptionalLong declaredLength() {
    return request.headers().contentLength();
  }

  private Bytes readBody() {
    if (!request.content().hasEntity()) {
      return Bytes.EMPTY;
    }
    try (var in = request.content().inputStream()) {
      var bytes = in.readNBytes(bodyBytesMax + 1);
      if (bytes.length > bodyBytesMax) {
        ConnectionClose.discard(in);
        throw tooLarge(bodyBytesMax);
      }
      return Bytes.wrap(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("the body could not be read", e);
    }
  }

  private static ProblemException tooLarge(int bytesMax) {
    return ProblemDetail.of(
            413, "body-too-large", "the body may have at most " + bytesMax + " bytes")
        .header("Connection", "close")
        .thrown();
  }

  private void requireJson() {
    var type = request.headers().contentType();
    if (type.isEmpty() || !type.get().mediaType().text().equals("application/json")) {
      throw ProblemDetail.of(415, "not-json", "the Content-Type must be application/json").thrown();
    }
    var charset = type.get().charset().orElse("utf-8");
    if (!charset.equalsIgnoreCase("utf-8")) {
      throw ProblemDetail.of(415, "not-utf8", "the charset must be utf-8").thrown();
    }
  }
}
