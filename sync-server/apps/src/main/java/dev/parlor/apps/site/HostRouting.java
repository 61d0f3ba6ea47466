package dev.parlor.apps.site;

import dev.parlor.apps.address.AppAddresses;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

/**
 * Answers requests on the hosts of apps and of previews. Such a host has no other routes: neither
 * the server's API nor its pages nor WebSockets. It must be the first filter, because the server's
 * other filters refuse these hosts. All other requests go on.
 */
public final class HostRouting implements Filter {
  private final AppAddresses addresses;
  private final AppSite site;
  private final PreviewFrames previews;

  public HostRouting(AppAddresses addresses, AppSite site, PreviewFrames previews) {
    this.addresses = addresses;
    this.site = site;
    this.previews = previews;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    var host = host(request.headers());
    var app = addresses.ofHost(host);
    if (app.isPresent()) {
      site.serveOwnHost(app.get(), request, response);
    } else if (addresses.isPreviewHost(host)) {
      previews.serveOwnHost(request, response);
    } else {
      chain.proceed();
    }
  }

  /**
   * The same upgrades, except on the hosts of apps and of previews. Upgrades are decided before the
   * filters run.
   */
  public Http1Upgrader guard(Http1Upgrader upgrader) {
    return new Http1Upgrader() {
      @Override
      public String supportedProtocol() {
        return upgrader.supportedProtocol();
      }

      @Override
      @SuppressWarnings("NullAway") // Helidon's contract: null means no upgrade
      public ServerConnection upgrade(
          ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
        var host = host(headers);
        if (addresses.ofHost(host).isPresent() || addresses.isPreviewHost(host)) {
          throw RequestException.builder()
              .type(DirectHandler.EventType.OTHER)
              .status(Status.FORBIDDEN_403)
              .message("[WS5] the host of an app has no WebSockets")
              .safeMessage(true)
              .build();
        }
        return upgrader.upgrade(context, prologue, headers);
      }
    };
  }

  private static String host(Headers headers) {
    return headers.first(HeaderNames.HOST).orElse("");
  }
}
