package dev.parlor.relay.documents.http;

import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.deletion.Deletions;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.documents.Documents;
import dev.parlor.relay.rate.RateLimiter;
import dev.parlor.relay.rate.TokenBucket.Rate;
import dev.parlor.relay.socket.Authenticator.Outcome;
import dev.parlor.relay.socket.Authenticator.TokenSession;
import dev.parlor.relay.socket.DocumentAccess;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of endpoints and their common behavior: the origin of a page, the token, the limits of
 * requests, and errors as replies. A method that a path does not have gets 405.
 */
final class DocumentRouter {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentRouter.class);
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final HeaderName NOSNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName RESOURCES = HeaderNames.create("Cross-Origin-Resource-Policy");
  private static final Set<String> OWN_SITES = Set.of("same-origin", "none");
  private static final Set<String> READS = Set.of("GET", "HEAD");
  private static final String BEARER = "Bearer ";
  private static final Caller OPERATOR =
      new Caller(Optional.of("operator"), Role.HOST, Optional.empty());
  private static final DocumentAccess EVERYTHING =
      (_, _) -> new DocumentAccess.Decision.Allowed(Permission.OWN);
  private static final Duration FOREVER = Duration.ofDays(365);
  private static final int RATE_KEYS_MAX = 10_000;

  /** Answers one request. Runs on the thread of the request and may block. */
  @FunctionalInterface
  interface Endpoint {
    Reply handle(DocumentCall call);
  }

  /** Writes the response itself, for as long as the client stays connected. */
  @FunctionalInterface
  interface Stream {
    void open(DocumentCall call, ServerResponse response);
  }

  /**
   * The parts that every request uses.
   *
   * @param authenticate decides about the bearer token of a request
   * @param operators recognizes requests of the operator
   * @param nanoTime a monotonic clock
   */
  record Parts(
      Documents documents,
      Deletions deletions,
      Function<Optional<String>, Outcome> authenticate,
      OperatorRequests operators,
      Origins origins,
      ClientAddresses addresses,
      DocumentApiLimits limits,
      LongSupplier nanoTime) {}

  private final Parts parts;
  private final Semaphore reads;

  /** Apart from {@link #reads}, because a client may send a body slowly. */
  private final Semaphore writes;

  private final RateLimiter requests;
  private final Map<String, Map<String, Handler>> byPath = new LinkedHashMap<>();

  DocumentRouter(Parts parts) {
    this.parts = parts;
    this.reads = new Semaphore(parts.limits().requestsMax());
    this.writes = new Semaphore(parts.limits().requestsMax());
    this.requests =
        new RateLimiter(
            Rate.perMinute(parts.limits().requestsPerMinuteMax()), RATE_KEYS_MAX, parts.nanoTime());
  }

  /** Adds a GET, and a HEAD with the same headers. */
  void get(String path, Endpoint endpoint) {
    add("GET", path, endpoint);
    add("HEAD", path, endpoint);
  }

  void post(String path, Endpoint endpoint) {
    add("POST", path, endpoint);
  }

  void patch(String path, Endpoint endpoint) {
    add("PATCH", path, endpoint);
  }

  void put(String path, Endpoint endpoint) {
    add("PUT", path, endpoint);
  }

  void delete(String path, Endpoint endpoint) {
    add("DELETE", path, endpoint);
  }

  /** Adds a GET whose response is a stream. It does not count as a request that is handled. */
  void stream(String path, Stream stream) {
    methods(path)
        .put(
            "GET",
            (request, response) -> {
              try {
                stream.open(admit(request), response);
              } catch (RuntimeException | Error e) {
                if (response.isSent()) {
                  throw e;
                }
                send(request, response, failed(request, e));
              }
            });
  }

  private void add(String method, String path, Endpoint endpoint) {
    methods(path)
        .put(
            method,
            (request, response) -> {
              Reply reply;
              try {
                reply = handle(admit(request), endpoint, READS.contains(method) ? reads : writes);
              } catch (CloseConnectionException e) {
                throw e; // the client has left
              } catch (RuntimeException | Error e) {
                reply = failed(request, e);
              }
              send(request, response, reply);
            });
  }

  private Map<String, Handler> methods(String path) {
    return byPath.computeIfAbsent(path, _ -> new TreeMap<>());
  }

  private static Reply handle(DocumentCall call, Endpoint endpoint, Semaphore permits) {
    if (!permits.tryAcquire()) {
      throw DocumentFault.unavailable(
          "busy", "the server handles too many requests for documents; try again");
    }
    try {
      return endpoint.handle(call);
    } finally {
      permits.release();
    }
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
              (request, response) ->
                  send(
                      request,
                      response,
                      Problem.notAllowed(request.prologue().method().text(), allowed)));
        });
  }

  /** Checks origin, token and rate of a request. */
  private DocumentCall admit(ServerRequest request) {
    var bearer =
        request
            .headers()
            .first(HeaderNames.AUTHORIZATION)
            .filter(value -> value.startsWith(BEARER))
            .map(value -> value.substring(BEARER.length()).strip());
    refuseForeignPages(request, bearer.isPresent());
    if (parts.operators().isOperator(request, bearer.isPresent())) {
      count(address(request));
      return call(request, OPERATOR, Optional.of(new TokenSession(EVERYTHING, FOREVER)));
    }
    return switch (parts.authenticate().apply(bearer)) {
      case Outcome.Refused(var status, var reason) -> {
        count(address(request));
        throw refusal(status, reason);
      }
      case Outcome.Accepted(var caller, var session) -> {
        count(caller.identity().orElseGet(() -> address(request)));
        yield call(request, caller, session);
      }
    };
  }

  private DocumentCall call(ServerRequest request, Caller caller, Optional<TokenSession> session) {
    return new DocumentCall(
        request,
        new RequestAccess(parts.documents(), parts.deletions(), caller, session, openPermission()),
        parts.limits(),
        parts.nanoTime());
  }

  /**
   * The permission of every caller of an open relay. The clients of other machines own nothing: a
   * client that knows a document's id may write to it, but not delete it.
   */
  private Permission openPermission() {
    return parts.origins().isLocalOnly() ? Permission.OWN : Permission.WRITE;
  }

  /**
   * Refuses requests of pages that could not open a socket [WS5]. Browsers leave out the origin for
   * some requests, for example of images, but not the header {@code Sec-Fetch-Site}.
   */
  private void refuseForeignPages(ServerRequest request, boolean hasToken) {
    var headers = request.headers();
    var host = headers.first(HeaderNames.HOST).orElse("");
    var origins = headers.all(HeaderNames.ORIGIN, List::of);
    var isForeign =
        origins.isEmpty()
            ? headers.all(FETCH_SITE, List::of).stream().anyMatch(site -> !OWN_SITES.contains(site))
            : origins.stream()
                .anyMatch(
                    origin -> !parts.origins().mayOpenSocket(Optional.of(origin), host, hasToken));
    if (isForeign) {
      throw DocumentFault.rule(
          Kind.FORBIDDEN, "WS5", "pages of this origin may not use this server");
    }
  }

  private String address(ServerRequest request) {
    return parts
        .addresses()
        .of(
            request.remotePeer().address(),
            name -> request.headers().all(HeaderNames.create(name), List::of));
  }

  private void count(String key) {
    if (!requests.take(key).isZero()) {
      throw DocumentFault.of(
          Kind.TOO_MANY,
          "too-many-requests",
          "at most " + parts.limits().requestsPerMinuteMax() + " requests a minute");
    }
  }

  /** The reason of a refusal begins with its rule, or with none. */
  private static DocumentFault refusal(int status, String reason) {
    var kind =
        switch (status) {
          case 401 -> Kind.NOT_SIGNED_IN;
          case 503 -> Kind.UNAVAILABLE;
          default -> Kind.FORBIDDEN;
        };
    var end = reason.indexOf("] ");
    return reason.startsWith("[") && end > 0
        ? DocumentFault.rule(kind, reason.substring(1, end), reason.substring(end + 2))
        : DocumentFault.of(kind, "closed", reason);
  }

  private static Reply failed(ServerRequest request, Throwable thrown) {
    if (thrown instanceof DocumentFault fault) {
      return Problem.of(fault);
    }
    var id = UUID.randomUUID().toString();
    LOG.error(
        "request {}: {} {} failed",
        id,
        request.prologue().method().text(),
        request.path().absolute().path(),
        thrown);
    return Problem.ofDefect(id);
  }

  static void send(ServerRequest request, ServerResponse response, Reply reply) {
    response.status(reply.status());
    response.header(NOSNIFF, "nosniff");
    response.header(RESOURCES, "same-origin");
    response.header(HeaderNames.CACHE_CONTROL, "private, no-cache");
    reply.headers().forEach(response::header);
    if (!reply.contentType().isEmpty()) {
      response.header(HeaderNames.CONTENT_TYPE, reply.contentType());
    }
    if (reply.body().isEmpty()) {
      response.send();
    } else if (request.prologue().method().equals(Method.HEAD)) {
      response.contentLength(reply.body().length());
      response.send();
    } else {
      response.send(reply.body().toArray());
    }
  }
}
