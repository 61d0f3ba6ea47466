package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.storage.StoreUnavailableException;
import dev.parlor.relay.storage.StoreUnreachableException;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.worker.FutureCause;
import dev.parlor.room.worker.RoomMetrics;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of endpoints and their common behavior. An exception becomes a problem reply. A wrong
 * method gets 405 with the allowed methods. Every POST supports {@code Idempotency-Key}, except
 * those added by {@link #postWithoutReplay}.
 */
final class Endpoints {
  private static final Logger log = LoggerFactory.getLogger(Endpoints.class);

  /** Runs requests while they have a permit; refuses others with 503. */
  @FunctionalInterface
  interface Permits {
    Reply run(HttpCall call, Supplier<Reply> request);
  }

  /** A handler that writes the response itself, for as long as the client stays connected. */
  @FunctionalInterface
  interface StreamHandler {
    void handle(HttpCall call, ServerResponse response);
  }

  private final RequestAuthorizer authorizer;
  private final Idempotency idempotency;
  private final RequestLimits limits;
  private final RoomMetrics metrics;
  private final ClientAddresses addresses;
  private final BooleanSupplier storageIsAway;
  private final int bodyBytesMax;
  private final Map<String, Map<String, Handler>> byPath = new LinkedHashMap<>();

  Endpoints(
      RequestAuthorizer authorizer,
      Idempotency idempotency,
      RequestLimits limits,
      RoomMetrics metrics,
      ClientAddresses addresses,
      BooleanSupplier storageIsAway,
      int bodyBytesMax) {
    this.authorizer = authorizer;
    this.idempotency = idempotency;
    this.limits = limits;
    this.metrics = metrics;
    this.addresses = addresses;
    this.storageIsAway = storageIsAway;
    this.bodyBytesMax = bodyBytesMax;
  }

  void get(String path, Endpoint endpoint) {
    add("GET", path, rateLimited(path, endpoint));
    add("HEAD", path, rateLimited(path, endpoint));
  }

  /** Adds a cheap GET without a rate limit: files and health. */
  void getUnlimited(String path, Endpoint endpoint) {
    add("GET", path, unlimited(path, endpoint));
    add("HEAD", path, unlimited(path, endpoint));
  }

  void post(String path, Endpoint endpoint) {
    add("POST", path, rateLimited(path, call -> handleIdempotently(call, endpoint)));
  }

  /** Adds a POST with its own size limit for the body. */
  void post(String path, int bodyBytesMax, Endpoint endpoint) {
    add(
        "POST",
        path,
        unlimited(
            path,
            bodyBytesMax,
            call -> {
              limits.countRequest(authorizer.limitKey(call));
              return handleIdempotently(call, endpoint);
            }));
  }

  /** Adds a POST that first needs a permit, because its body can be large. */
  void post(String path, int bodyBytesMax, Permits permits, Endpoint endpoint) {
    add(
        "POST",
        path,
        unlimited(
            path,
            bodyBytesMax,
            call -> {
              limits.countRequest(authorizer.limitKey(call));
              return permits.run(call, () -> handleIdempotently(call, endpoint));
            }));
  }

  /** Adds a GET whose body need not fit into memory. */
  void download(String path, Function<HttpCall, Download> endpoint) {
    Handler handler =
        (request, response) -> {
          var startNanos = System.nanoTime();
          var call = new HttpCall(request, bodyBytesMax, addresses);
          Download download;
          try {
            limits.countRequest(authorizer.limitKey(call));
            download = endpoint.apply(call);
          } catch (RuntimeException | Error e) {
            download = Download.of(failureReply(call, e));
          }
          send(response, call.isHead(), download);
          metrics.httpAnswered(path, download.head().status(), System.nanoTime() - startNanos);
        };
    add("GET", path, handler);
    add("HEAD", path, handler);
  }

  private static void send(ServerResponse response, boolean head, Download download) {
    var reply = download.head();
    if (head || reply.status() >= 400) {
      send(response, head, reply, download.length());
      return;
    }
    sendHead(response, reply);
    response.contentLength(download.length());
    try (var out = response.outputStream()) {
      download.body().writeTo(out);
    } catch (IOException e) {
      throw new CloseConnectionException("a download ended early", e);
    }
  }

  /**
   * Adds a POST that ignores {@code Idempotency-Key}: its reply contains a value that is valid once
   * and must not be sent again.
   */
  void postWithoutReplay(String path, Endpoint endpoint) {
    add("POST", path, rateLimited(path, endpoint));
  }

  void delete(String path, Endpoint endpoint) {
    add("DELETE", path, rateLimited(path, endpoint));
  }

  /**
   * Adds a GET whose response is a stream.
   *
   * @param head handles HEAD: replies at once, with the headers of the stream
   */
  void stream(String path, StreamHandler handler, Endpoint head) {
    add("HEAD", path, rateLimited(path, head));
    add(
        "GET",
        path,
        stream(
            (call, response) -> {
              limits.countRequest(authorizer.limitKey(call));
              handler.handle(call, response);
            }));
  }

  /** A handler that streams its response. An exception before the response becomes a reply. */
  Handler stream(StreamHandler handler) {
    return (request, response) -> {
      var call = new HttpCall(request, bodyBytesMax, addresses);
      try {
        handler.handle(call, response);
      } catch (RuntimeException | Error e) {
        if (response.isSent()) {
          throw e;
        }
        send(response, call.isHead(), failureReply(call, e));
      }
    };
  }

  private void add(String method, String path, Handler handler) {
    byPath.computeIfAbsent(path, _ -> new TreeMap<>()).put(method, handler);
  }

  /** Adds every route, and for each path a 405 reply to other methods. */
  void addTo(HttpRouting.Builder routing) {
    byPath.forEach(
        (path, byMethod) -> {
          byMethod.forEach(
              (method, handler) -> routing.route(Method.create(method), path, handler));
          var allowed = String.join(", ", byMethod.keySet());
          routing.any(
              path,
              rateLimited(
                  path,
                  call -> {
                    throw notAllowed(call, allowed);
                  }));
        });
  }

  /** The 405 problem for a request whose path has other methods. */
  static ProblemException notAllowed(HttpCall call, String allowed) {
    return ProblemDetail.of(
            405,
            "method-not-allowed",
            call.method() + " is not allowed here; allowed are " + allowed)
        .header("Allow", allowed)
        .thrown();
  }

  /**
   * The handler of an endpoint: checks the rate limit, then sends the endpoint's reply or problem.
   */
  private Handler rateLimited(String route, Endpoint endpoint) {
    return unlimited(
        route,
        call -> {
          limits.countRequest(authorizer.limitKey(call));
          return endpoint.handle(call);
        });
  }

  /** As {@link #rateLimited}, without a rate limit, for cheap requests: files and health. */
  Handler unlimited(String route, Endpoint endpoint) {
    return unlimited(route, bodyBytesMax, endpoint);
  }

  private Handler unlimited(String route, int bodyBytesMax, Endpoint endpoint) {
    return (request, response) -> {
      var startNanos = System.nanoTime();
      var call = new HttpCall(request, bodyBytesMax, addresses);
      Reply reply;
      try {
        reply = endpoint.handle(call);
      } catch (RuntimeException | Error e) {
        reply = failureReply(call, e);
      }
      send(response, call.isHead(), reply);
      metrics.httpAnswered(route, reply.status(), System.nanoTime() - startNanos);
    };
  }

  /** As {@link #failed}; also counts a refusal in the metric of its rule. */
  private Reply failureReply(HttpCall call, Throwable thrown) {
    if (thrown instanceof ProblemException refused
        && refused.problem().extensions().get("rule") instanceof String rule) {
      metrics.relayMetrics().refused(rule);
    }
    return failed(call, thrown);
  }

  /**
   * The reply to a failed request. An unexpected exception is logged under an id, and the reply
   * contains this id.
   */
  static Reply failed(HttpCall call, Throwable thrown) {
    return failed(call.method() + " " + call.path(), thrown);
  }

  /** As {@link #failed(HttpCall, Throwable)}, for a request that this text names in the log. */
  static Reply failed(String request, Throwable thrown) {
    var cause = FutureCause.of(thrown);
    if (cause instanceof ProblemException refused) {
      return refused.problem().reply();
    }
    if (cause instanceof StoreUnavailableException || StoreUnreachableException.isCauseOf(thrown)) {
      log.warn("{} failed: {}", request, cause.getMessage());
      return storageAway().reply();
    }
    var id = UUID.randomUUID().toString();
    log.error("request {}: {} failed", id, request, cause);
    return ProblemDetail.of(
            500, "server-error", "the request failed; the server's log has the error under " + id)
        .with("id", id)
        .reply();
  }

  /**
   * Sends a reply.
   *
   * @param head whether the request is a HEAD. The reply then has the headers of a GET, including
   *     its length, but no body: the client would read a body as the next response.
   */
  static void send(ServerResponse response, boolean head, Reply reply) {
    send(response, head, reply, reply.body().length());
  }

  private static void sendHead(ServerResponse response, Reply reply) {
    response.status(reply.status());
    reply.headers().forEach(response::header);
    if (!reply.contentType().isEmpty()) {
      response.header(HeaderNames.CONTENT_TYPE, reply.contentType());
    }
  }

  private static void send(ServerResponse response, boolean head, Reply reply, long length) {
    sendHead(response, reply);
    if (head && length > 0) {
      response.contentLength(length);
      response.send();
    } else if (reply.body().isEmpty()) {
      response.send();
    } else {
      response.send(reply.body().toArray());
    }
  }

  /** The storage of a cluster does not answer; open rooms go on, and nothing is saved. */
  private static ProblemDetail storageAway() {
    return ProblemDetail.of(
            503,
            "storage-away",
            "the server cannot reach its storage, so nothing can be saved; try again")
        .retryAfter(FixedServiceLimits.AWAY_RETRY_SECONDS);
  }

  /** Handles a request once for each {@code Idempotency-Key}, or always if it has no key. */
  private Reply handleIdempotently(HttpCall call, Endpoint endpoint) {
    if (storageIsAway.getAsBoolean()) {
      throw storageAway().thrown();
    }
    var key = call.header(HttpCall.IDEMPOTENCY_KEY);
    if (key.isEmpty()) {
      return endpoint.handle(call);
    }
    var value = key.get();
    var token = call.header(HeaderNames.AUTHORIZATION);
    if (value.isBlank() || value.length() > FixedServiceLimits.IDEMPOTENCY_KEY_LENGTH_MAX) {
      throw ProblemDetail.field(
              400,
              "Idempotency-Key",
              "Idempotency-Key has 1 to "
                  + FixedServiceLimits.IDEMPOTENCY_KEY_LENGTH_MAX
                  + " characters")
          .thrown();
    }
    if (token.isEmpty()
        && value.length() < FixedServiceLimits.IDEMPOTENCY_KEY_LENGTH_MIN_ANONYMOUS) {
      throw ProblemDetail.field(
              400,
              "Idempotency-Key",
              "Idempotency-Key needs at least "
                  + FixedServiceLimits.IDEMPOTENCY_KEY_LENGTH_MIN_ANONYMOUS
                  + " characters in a request without a token")
          .thrown();
    }
    // Use the identity and not the token, because a session gets a new token every few minutes.
    var caller =
        authorizer
            .validIdentity(call)
            .map(identity -> "of " + identity)
            .orElse(token.orElse(call.address()));
    var scope =
        sha256(
            String.join(
                "\n",
                caller,
                call.header(HttpCall.PARLOR_KEY).orElse(""),
                call.path(),
                call.query("dryRun").orElse(""),
                value));
    return idempotency.execute(scope, sha256(call.bodyOfAnyType()), () -> endpoint.handle(call));
  }

  private static String sha256(String text) {
    return sha256(Bytes.utf8(text));
  }

  private static String sha256(Bytes content) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      content.update(digest);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
