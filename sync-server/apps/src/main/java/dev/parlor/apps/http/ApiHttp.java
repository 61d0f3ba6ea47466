package dev.parlor.apps.http;

import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Json;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.socket.OriginCheck;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * The apps API over HTTP: POST and PUT on {@code /api} and {@code /v1/ws}. Pages of allowed origins
 * may read the answers; the API has no cookies, so a request proves its user by its token only.
 */
public final class ApiHttp {
  private static final HeaderName ASKED_HEADERS =
      HeaderNames.create("Access-Control-Request-Headers");
  private static final String TOKEN = "authorization";
  private static final String BEARER = "Bearer ";
  private static final HeaderName MAX_AGE = HeaderNames.create("Access-Control-Max-Age");

  private final AppsApi api;
  private final OriginCheck origins;
  private final ClientAddresses addresses;
  private final BooleanSupplier memoryIsFull;

  /** The KiB that bodies may still take. A body counts before its user is known. */
  private final Semaphore bodyKib = new Semaphore(kib(AppLimits.BODIES_BYTES_MAX));

  /**
   * @param origins the origins of pages that may read answers
   * @param addresses finds the client's address of a request
   * @param memoryIsFull whether the server should take no more data at present
   */
  public ApiHttp(
      AppsApi api, OriginCheck origins, ClientAddresses addresses, BooleanSupplier memoryIsFull) {
    this.addresses = addresses;
    this.api = api;
    this.origins = origins;
    this.memoryIsFull = memoryIsFull;
  }

  /** Adds the routes. */
  public void addTo(HttpRouting.Builder routing) {
    for (var path : ApiPaths.ALL) {
      routing.route(Method.POST, path, this::call);
      routing.route(Method.PUT, path, this::call);
      routing.route(Method.OPTIONS, path, this::preflight);
    }
    // Clients of the API expect 503 on its main path, and 405 is the usual answer elsewhere.
    routing.any(ApiPaths.API, (_, response) -> refuse(response, 503));
    routing.any(ApiPaths.SOCKET, (_, response) -> refuse(response, 405));
  }

  private void call(ServerRequest request, ServerResponse response) {
    allowOrigin(request, response, bearer(request).isPresent());
    if (memoryIsFull.getAsBoolean()) {
      send(
          response,
          refusal(ErrorCode.UNAVAILABLE, "the server's memory is full; try again later", 0));
      return;
    }
    // A body without a declared length can have every length.
    var declared = request.headers().contentLength().orElse(AppLimits.MESSAGE_BYTES_MAX);
    var taken = kib(Math.min(declared, AppLimits.MESSAGE_BYTES_MAX));
    if (!bodyKib.tryAcquire(taken)) {
      send(
          response,
          refusal(
              ErrorCode.TOO_MANY_REQUESTS,
              "the server reads as many requests as it can; try again in 1 s",
              1));
      return;
    }
    try {
      send(
          response,
          read(request)
              .map(body -> new AppsApi.Message(body, address(request), bearer(request), true))
              .map(message -> api.handle(message).join())
              .orElseGet(this::tooLarge));
    } finally {
      bodyKib.release(taken);
    }
  }

  private static void send(ServerResponse response, AppsApi.Answer answer) {
    response.status(answer.status());
    if (answer.retryAfterSeconds() > 0) {
      response.header(HeaderNames.RETRY_AFTER, Long.toString(answer.retryAfterSeconds()));
    }
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.send(answer.body().toArray());
  }

  /** A number of bytes in KiB, rounded up. */
  private static int kib(long bytes) {
    return (int) ((bytes + 1023) / 1024);
  }

  /** The body; empty if it is above the limit. */
  private static Optional<Bytes> read(ServerRequest request) {
    var max = AppLimits.MESSAGE_BYTES_MAX;
    if (request.headers().contentLength().orElse(0) > max) {
      return Optional.empty();
    }
    try (var in = request.content().inputStream()) {
      var bytes = in.readNBytes(max + 1);
      return bytes.length > max ? Optional.empty() : Optional.of(Bytes.wrap(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("the body could not be read", e);
    }
  }

  private AppsApi.Answer tooLarge() {
    return refusal(
        ErrorCode.TOO_LARGE, "a message has at most " + AppLimits.MESSAGE_BYTES_MAX + " bytes", 0);
  }

  private AppsApi.Answer refusal(ErrorCode code, String sentence, int retryAfterSeconds) {
    var refusal = AppsException.of(code, sentence);
    return api.refuse(
        retryAfterSeconds == 0
            ? refusal
            : refusal.with(RequestRates.RETRY_AFTER, retryAfterSeconds));
  }

  private String address(ServerRequest request) {
    return addresses.of(
        request.remotePeer().address(),
        name -> request.headers().all(HeaderNames.create(name), List::of));
  }

  private static Optional<String> bearer(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.AUTHORIZATION)
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip());
  }

  private void preflight(ServerRequest request, ServerResponse response) {
    var asksForToken =
        request.headers().first(ASKED_HEADERS).orElse("").toLowerCase(Locale.ROOT).contains(TOKEN);
    if (allowOrigin(request, response, asksForToken)) {
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "POST, PUT, OPTIONS");
      response.header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Authorization");
      response.header(MAX_AGE, "86400");
    }
    response.status(204).send();
  }

  /** Lets the page of an allowed origin read the answer. */
  private boolean allowOrigin(ServerRequest request, ServerResponse response, boolean hasToken) {
    response.header(HeaderNames.VARY, "Origin");
    var origin = request.headers().first(HeaderNames.ORIGIN);
    var host = request.headers().first(HeaderNames.HOST).orElse("");
    if (origin.isEmpty() || !origins.mayOpenSocket(origin, host, hasToken)) {
      return false;
    }
    response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin.get());
    return true;
  }

  private static void refuse(ServerResponse response, int status) {
    response.header(HeaderNames.ALLOW, "POST, PUT, OPTIONS");
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    var refusal =
        AppsException.of(
            ErrorCode.INVALID_REQUEST,
            "only POST, PUT, OPTIONS and a WebSocket are understood here");
    response.status(status).send(Json.bytes(Answers.error(refusal)).toArray());
  }
}
