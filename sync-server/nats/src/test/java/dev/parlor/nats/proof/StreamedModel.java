package dev.parlor.nats.proof;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * An endpoint that speaks OpenAI's streaming protocol. It streams words until {@link #finish}, and
 * adds each call to a history. Prompts name their room as {@code room:NAME}. They may give the
 * question a name, as {@code question:NAME}, and the answer a length, as {@code words:COUNT}.
 */
public final class StreamedModel implements AutoCloseable {

  private static final Pattern ROOM = Pattern.compile("room:([\\w-]+)");
  private static final Pattern QUESTION = Pattern.compile("question:([\\w-]+)");
  private static final Pattern WORDS = Pattern.compile("words:(\\d+)");
  private static final int MILLIS_BETWEEN_WORDS = 100;

  /** An answer that nothing ends has this many words. */
  private static final int WORDS_MAX = 600;

  private final HttpServer server;
  private final History history;
  private final InstantSource clock;
  private volatile CountDownLatch finish = new CountDownLatch(1);
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private int calls;

  /** Starts the endpoint on this address. */
  public StreamedModel(String host, History history, InstantSource clock) throws IOException {
    this.history = history;
    this.clock = clock;
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(host), 0), 16);
    server.createContext("/", this::serve);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** The value of {@code PARLOR_LLM_URL}. */
  public String url() {
    return "http://"
        + server.getAddress().getAddress().getHostAddress()
        + ":"
        + server.getAddress().getPort()
        + "/v1";
  }

  /** The number of calls. */
  public synchronized int calls() {
    return calls;
  }

  /** The names of the questions whose answers are being streamed. */
  public Set<String> running() {
    return Set.copyOf(running);
  }

  /** Ends all running answers, and lets the next ones run again. */
  public void finish() {
    var ended = finish;
    finish = new CountDownLatch(1);
    ended.countDown();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var end = finish;
      var question = last(QUESTION, body, "");
      history.add(new History.ModelCall(last(ROOM, body, "none"), question, clock.millis()));
      synchronized (this) {
        calls++;
      }
      exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      running.add(question);
      try {
        var words = Integer.parseInt(last(WORDS, body, Integer.toString(WORDS_MAX)));
        stream(exchange.getResponseBody(), words, end);
      } finally {
        running.remove(question);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** A prompt has the marks of earlier questions first, and those of its question last. */
  private static String last(Pattern mark, String body, String otherwise) {
    return mark.matcher(body)
        .results()
        .reduce((_, last) -> last)
        .map(each -> each.group(1))
        .orElse(otherwise);
  }

  private static void stream(OutputStream out, int words, CountDownLatch end)
      throws IOException, InterruptedException {
    for (var word = 0; word < words; word++) {
      send(out, "{\"choices\":[{\"delta\":{\"content\":\"word" + word + " \"}}]}");
      if (end.await(MILLIS_BETWEEN_WORDS, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    send(out, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
    send(out, "[DONE]");
  }

  private static void send(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    finish();
    server.stop(0);
  }
}
