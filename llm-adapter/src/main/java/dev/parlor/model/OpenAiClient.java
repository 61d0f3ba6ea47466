package dev.parlor.model;

import java.net.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * A client of any endpoint with OpenAI's {@code /chat/completions} interface and streamed answers.
 * It contacts only the configured host: it follows no redirects and uses no proxies.
 *
 * <p>Each call is one {@link OpenAiCall} on its own virtual thread; connections are pooled.
 */
public final class OpenAiClient implements ModelClient {
  private static final int CALLS_MAX = 1024;

  private final OpenAiSettings settings;
  private final ModelTimer timer;
  private final ExecutorService threads;
  private final OkHttpClient http;
  private final LimitNames limitNames = new LimitNames();
  private final Set<OpenAiCall> calls = ConcurrentHashMap.newKeySet();

  /** Creates a client. The caller closes the timer after the client. */
  public OpenAiClient(OpenAiSettings settings, ModelTimer timer) {
    this.settings = settings;
    this.timer = timer;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("model-", 0).factory());
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(CALLS_MAX);
    dispatcher.setMaxRequestsPerHost(CALLS_MAX);
    this.http =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectTimeout(settings.timeouts().connect())
            .writeTimeout(settings.timeouts().firstToken())
            .readTimeout(settings.timeouts().total()) // OpenAiCall enforces the shorter timeouts
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false) // OpenAiCall alone decides on retries
            .proxy(Proxy.NO_PROXY)
            .build();
  }

  @Override
  public ModelCall start(ModelRequest request, Consumer<ModelEvent> listener) {
    OpenAiCall call =
        new OpenAiCall(settings, http, timer, limitNames, request, listener, calls::remove);
    calls.add(call);
    call.begin();
    return call;
  }

  @Override
  public String body(ModelRequest request) {
    return Completions.request(request, settings.model(), limitNames.of(request.model()));
  }

  @Override
  public String name() {
    return settings.model();
  }

  @Override
  public void close() {
    calls.forEach(OpenAiCall::cancel);
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
