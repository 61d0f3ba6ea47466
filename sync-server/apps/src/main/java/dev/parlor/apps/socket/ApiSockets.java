package dev.parlor.apps.socket;

import dev.parlor.apps.api.AppsApi;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.relay.socket.OriginCheck;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketEndpoint;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The sockets of the apps API. It counts the sockets of the server and of each address. {@link
 * #shutdown} closes them before the transport closes.
 */
public final class ApiSockets implements WebSocketEndpoint {
  private final AppsApi api;
  private final List<String> paths;
  private final OriginCheck origins;
  private final BooleanSupplier memoryIsFull;
  private final AtomicInteger sockets = new AtomicInteger();
  private final Map<String, Integer> perAddress = new ConcurrentHashMap<>();
  private final Set<ApiSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /**
   * @param paths the paths with a WebSocket
   * @param origins the origins of pages that may connect
   * @param memoryIsFull whether the server should take no more data at present
   */
  public ApiSockets(
      AppsApi api, List<String> paths, OriginCheck origins, BooleanSupplier memoryIsFull) {
    this.api = api;
    this.paths = List.copyOf(paths);
    this.origins = origins;
    this.memoryIsFull = memoryIsFull;
  }

  @Override
  public boolean serves(String path) {
    return paths.contains(path);
  }

  @Override
  public Admission admit(HttpPrologue prologue, Headers headers, String address) {
    var host = headers.first(HeaderNames.HOST).orElse("");
    // Tokens in messages come too late for this decision.
    var hasToken = headers.contains(HeaderNames.AUTHORIZATION);
    if (!origins.mayOpenSocket(headers.first(HeaderNames.ORIGIN), host, hasToken)) {
      throw refusal(403, "[WS5] this page's origin may not connect");
    }
    var all = sockets.incrementAndGet();
    int ofAddress = perAddress.merge(address, 1, Integer::sum);
    if (all > AppLimits.SOCKETS_MAX || stopped || memoryIsFull.getAsBoolean()) {
      release(address);
      throw refusal(503, "the server accepts no more connections at present");
    }
    if (ofAddress > AppLimits.SOCKETS_PER_ADDRESS_MAX) {
      release(address);
      throw refusal(429, "this address has the maximum number of connections");
    }
    return new Admission() {
      @Override
      public WebSocketHandler open(WebSocket socket) {
        var handler =
            new ApiSocket(
                api,
                socket,
                address,
                memoryIsFull,
                ended -> {
                  open.remove(ended);
                  release(address);
                });
        open.add(handler);
        if (stopped) {
          handler.restart();
        }
        return handler;
      }

      @Override
      public void abandon() {
        release(address);
      }
    };
  }

  /** The number of open sockets. */
  public int size() {
    return open.size();
  }

  /** Refuses new sockets with 503 and closes open sockets with 1012. Returns without waiting. */
  public void shutdown() {
    stopped = true;
    open.forEach(ApiSocket::restart);
  }

  private void release(String address) {
    sockets.decrementAndGet();
    perAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
  }

  private static RequestException refusal(int status, String reason) {
    return RequestException.builder()
        .type(DirectHandler.EventType.OTHER)
        .status(Status.create(status))
        .message(reason)
        .safeMessage(true)
        .build();
  }
}
