package dev.parlor.relay.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.parlor.relay.config.DocumentSettings;
import dev.parlor.relay.config.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A backend that receives webhooks over real connections and checks their signatures. */
public final class TestReceiver implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);

  /** A delivery with a valid signature. */
  public record Received(String id, long seconds, JsonNode body) {
    public String type() {
      return body.path("type").asText();
    }

    public JsonNode data() {
      return body.path("data");
    }
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private volatile IntSupplier status = () -> 204;

  public TestReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/hook", this::handle);
    server.start();
  }

  public DocumentSettings.Webhook settings() {
    var secret = "whsec_" + Base64.getEncoder().encodeToString(KEY);
    return new DocumentSettings.Webhook(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook"),
        new Secret(secret));
  }

  /** Answers with these statuses from now on. */
  public void answer(IntSupplier statuses) {
    status = statuses;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      var headers = exchange.getRequestHeaders();
      var id = headers.getFirst("webhook-id");
      var seconds = headers.getFirst("webhook-timestamp");
      var isSigned =
          headers.getFirst("webhook-signature").equals("v1," + signature(id, seconds, body));
      var code = isSigned ? status.getAsInt() : 401;
      if (isSigned) {
        received.add(new Received(id, Long.parseLong(seconds), JSON.readTree(body)));
      }
      exchange.sendResponseHeaders(code, -1);
    }
  }

  private static String signature(String id, String seconds, byte[] body) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** The next delivery. */
  public Received next() throws InterruptedException {
    var next = received.poll(30, TimeUnit.SECONDS);
    assertNotNull(next, "no delivery arrived");
    return next;
  }

  /** The next delivery, which must have this type. */
  public Received next(String type) throws InterruptedException {
    var next = next();
    assertEquals(type, next.type(), () -> next.body().toString());
    return next;
  }

  /** The number of deliveries that no test has taken. */
  int waiting() {
    return received.size();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
