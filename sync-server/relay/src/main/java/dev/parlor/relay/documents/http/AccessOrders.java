package dev.parlor.relay.documents.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.access.SyncAccess;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.documents.DocumentFault;
import dev.parlor.relay.documents.DocumentFault.Kind;
import dev.parlor.relay.http.HttpRoutes;
import dev.parlor.relay.rate.RateLimiter;
import dev.parlor.relay.rate.TokenBucket.Rate;
import dev.parlor.relay.socket.SyncSockets;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Orders of the app's backend, from any address, with the backend's own token: {@code POST
 * /api/admin/access/{subject}} ends the answers about a subject, so that the relay asks again.
 * Other requests pass. Its methods run on the thread of the request and do not block.
 */
public final class AccessOrders implements HttpRoutes {
  private static final String PATH = "/api/admin/access/";
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final String BEARER = "Bearer ";
  private static final int RATE_KEYS_MAX = 10_000;

  private final byte[] token;
  private final SyncAccess access;
  private final SyncSockets sockets;
  private final ClientAddresses addresses;
  private final RateLimiter orders;

  private AccessOrders(
      Secret token,
      SyncAccess access,
      SyncSockets sockets,
      ClientAddresses addresses,
      LongSupplier nanoTime) {
    this.token = token.value().getBytes(StandardCharsets.UTF_8);
    this.access = access;
    this.sockets = sockets;
    this.addresses = addresses;
    this.orders =
        new RateLimiter(
            Rate.perMinute(FixedLimits.BACKEND_ORDERS_PER_MINUTE_MAX), RATE_KEYS_MAX, nanoTime);
  }

  /**
   * The routes for orders; none if the backend has no token.
   *
   * @param nanoTime a monotonic clock
   */
  public static HttpRoutes of(
      Optional<Secret> token,
      SyncAccess access,
      SyncSockets sockets,
      ClientAddresses addresses,
      LongSupplier nanoTime) {
    return token
        .<HttpRoutes>map(secret -> new AccessOrders(secret, access, sockets, addresses, nanoTime))
        .orElseGet(HttpRoutes::none);
  }

  @Override
  public void addTo(HttpRouting.Builder routing) {
    routing.addFilter(
        (chain, request, response) -> {
          if (!isOrder(request) || !handle(request, response)) {
            chain.proceed();
          }
        });
  }

  private static boolean isOrder(ServerRequest request) {
    var path = request.path().path();
    return request.prologue().method().equals(Method.POST)
        && path.startsWith(PATH)
        && path.indexOf('/', PATH.length()) < 0;
  }

  /** Whether the request is answered. */
  private boolean handle(ServerRequest request, ServerResponse response) {
    if (!orders.take(address(request)).isZero()) {
      DocumentRouter.send(
          request,
          response,
          Problem.of(
              DocumentFault.of(
                  Kind.TOO_MANY,
                  "too-many-requests",
                  "at most "
                      + FixedLimits.BACKEND_ORDERS_PER_MINUTE_MAX
                      + " orders a minute from one address")));
      return true;
    }
    if (!isFromTheBackend(request)) {
      return false;
    }
    DocumentRouter.send(request, response, reply(request));
    return true;
  }

  /** Compares in constant time. A browser sends no order: pages cannot keep the token secret. */
  private boolean isFromTheBackend(ServerRequest request) {
    var headers = request.headers();
    return headers.all(HeaderNames.ORIGIN, List::of).isEmpty()
        && headers.all(FETCH_SITE, List::of).isEmpty()
        && headers
            .first(HeaderNames.AUTHORIZATION)
            .filter(value -> value.startsWith(BEARER))
            .map(value -> value.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8))
            .filter(sent -> MessageDigest.isEqual(token, sent))
            .isPresent();
  }

  private Reply reply(ServerRequest request) {
    var subject = request.path().path().substring(PATH.length());
    Optional<DocumentId> document = Optional.empty();
    if (request.query().contains("document")) {
      switch (DocumentId.parse(request.query().get("document"))) {
        case Decoding.Decoded<DocumentId>(var id) -> document = Optional.of(id);
        case Decoding.Malformed<DocumentId> _ -> {
          return Problem.of(
              DocumentFault.field(
                  Kind.MALFORMED, "document", "document is not the id of a document"));
        }
      }
    }
    var _ = access.askAgain(subject, document, sockets);
    return Reply.json(202, JsonNodeFactory.instance.objectNode().put("subject", subject));
  }

  private String address(ServerRequest request) {
    return addresses.of(
        request.remotePeer().address(),
        name -> request.headers().all(HeaderNames.create(name), List::of));
  }
}
