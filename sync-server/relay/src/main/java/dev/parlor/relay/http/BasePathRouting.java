package dev.parlor.relay.http;

import dev.parlor.relay.address.BasePath;
import io.helidon.common.uri.UriPath;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Removes the base path from requests, so that all later filters and routes see the server's own
 * paths, and adds it to the paths in {@code Location} headers.
 */
public final class BasePathRouting implements Filter {
  private final BasePath base;

  public BasePathRouting(BasePath base) {
    this.base = base;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!base.isRoot()) {
      request.prologue(withoutBase(request.prologue()));
      response.beforeSend(() -> addToLocation(response));
    }
    chain.proceed();
  }

  private void addToLocation(RoutingResponse response) {
    response
        .headers()
        .first(HeaderNames.LOCATION)
        .filter(location -> location.startsWith("/") && !location.startsWith("//"))
        .ifPresent(location -> response.header(HeaderNames.LOCATION, base.with(location)));
  }

  private HttpPrologue withoutBase(HttpPrologue prologue) {
    var raw = prologue.uriPath().rawPath();
    var own = base.without(raw);
    return own.equals(raw) ? prologue : prologue.withUriPath(UriPath.create(own));
  }

  /** The same upgraders, for the server's own paths. */
  Map<String, Http1Upgrader> upgraders(Map<String, Http1Upgrader> upgraders) {
    if (base.isRoot()) {
      return upgraders;
    }
    var below = new LinkedHashMap<String, Http1Upgrader>();
    upgraders.forEach((protocol, upgrader) -> below.put(protocol, new BelowBase(upgrader)));
    return below;
  }

  private final class BelowBase implements Http1Upgrader {
    private final Http1Upgrader upgrader;

    BelowBase(Http1Upgrader upgrader) {
      this.upgrader = upgrader;
    }

    @Override
    public String supportedProtocol() {
      return upgrader.supportedProtocol();
    }

    @Override
    public ServerConnection upgrade(
        ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
      return upgrader.upgrade(context, withoutBase(prologue), headers);
    }
  }
}
