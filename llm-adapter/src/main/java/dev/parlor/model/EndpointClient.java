package dev.parlor.model;

import dev.parlor.model.Endpoint.ServedModel;
import java.net.Proxy;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * A client of one endpoint. It contacts only the configured host: it follows no redirects and uses
 * no proxies.
 *
 * <p>Each call is one {@link EndpointCall} on its own virtual thread; connections are pooled.
 */
public final class EndpointClient implements ModelClient {
  private static final int CALLS_MAX = 1024;

  private final Endpoint endpoint;
  private final ModelTimer timer;
  private final ExecutorService threads;
  private final OkHttpClient http;
  private final InstantSource clock;
  private final EndpointMemory memory = new EndpointMemory();
  private final Set<EndpointCall> calls = ConcurrentHashMap.newKeySet();

  /** Creates a client. The caller closes the timer after the client. */
  public EndpointClient(Endpoint endpoint, ModelTimer timer) {
    this(endpoint, timer, InstantSource.system());
  }

  /** Creates a client with a clock, with which the dates of endpoints are compared. */
  EndpointClient(Endpoint endpoint, ModelTimer timer, InstantSource clock) {
    this.endpoint = endpoint;
    this.timer = timer;
    this.clock = clock;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("model-", 0).factory());
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(CALLS_MAX);
    dispatcher.setMaxRequestsPerHost(CALLS_MAX);
    this.http =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectTimeout(endpoint.timeouts().connect())
            .writeTimeout(endpoint.timeouts().firstToken())
            .readTimeout(endpoint.timeouts().total()) // EndpointCall enforces the shorter timeouts
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false) // EndpointCall alone decides on retries
            .proxy(Proxy.NO_PROXY)
            .build();
  }

  @Override
  public ModelCall start(ModelRequest request, Consumer<ModelEvent> listener) {
    ServedModel model = endpoint.model(request.model());
    if (request.hasImages() && !model.takesImages()) {
      listener.accept(
          new ModelEvent.Failed("the model " + model.name() + " takes no images", false));
      return () -> {};
    }
    EndpointCall call =
        new EndpointCall(endpoint, http, timer, clock, memory, request, listener, calls::remove);
    calls.add(call);
    call.begin();
    return call;
  }

  @Override
  public String body(ModelRequest request) {
    ServedModel model = endpoint.model(request.model());
    return Dialect.of(endpoint.kind()).body(request, model, memory.of(model.name()));
  }

  @Override
  public String name() {
    return endpoint.models().getFirst().name();
  }

  @Override
  public List<Offer> offers() {
    return endpoint.models().stream().map(model -> Offer.of(endpoint, model)).toList();
  }

  @Override
  public void close() {
    calls.forEach(EndpointCall::cancel);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    http.connectionPool().evictAll();
  }
}
