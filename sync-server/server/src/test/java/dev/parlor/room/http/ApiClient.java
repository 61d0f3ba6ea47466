package dev.parlor.room.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A socket of the apps API; requests are answered one after the other. */
final class ApiClient implements AutoCloseable, WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SECONDS_MAX = 30;

  private final Queue<CompletableFuture<String>> waiting = new ConcurrentLinkedQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  ApiClient(HttpClient client, int port, String path) throws Exception {
    this.socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + path), this)
            .get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  /** A payload of the API with its authentication. */
  static String payload(String type, String authType, String token, Map<String, ?> fields) {
    var payload = JSON.createObjectNode().put("type", "vibes.diy." + type);
    payload.putObject("auth").put("type", authType).put("token", token);
    fields.forEach((name, value) -> payload.set(name, JSON.valueToTree(value)));
    return payload.toString();
  }

  /** The payload in an envelope. */
  static String enveloped(String tid, String payload) {
    return "{\"tid\":\""
        + tid
        + "\",\"src\":\"here\",\"dst\":\"there\",\"ttl\":6,\"payload\":"
        + payload
        + "}";
  }

  /** Sends a payload and returns the payload of its answer. */
  JsonNode call(String payload) throws Exception {
    var answer = new CompletableFuture<String>();
    waiting.add(answer);
    socket.sendText(enveloped("t1", payload), true).get(SECONDS_MAX, TimeUnit.SECONDS);
    return json(answer.get(SECONDS_MAX, TimeUnit.SECONDS)).path("payload");
  }

  /** The code with which the server closed the socket. */
  int closeCode() throws Exception {
    return closed.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      var answer = waiting.poll();
      if (answer != null) {
        answer.complete(text.toString());
      }
      text.setLength(0);
    }
    webSocket.request(1);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    closed.complete(code);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
