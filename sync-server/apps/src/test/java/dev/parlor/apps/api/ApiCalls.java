package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends messages to an {@link ApiServer} over HTTP and over one WebSocket, one after the other. */
final class ApiCalls implements AutoCloseable, WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SECONDS_MAX = 30;

  private final HttpClient client = HttpClient.newHttpClient();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final URI url;
  private final WebSocket socket;

  ApiCalls(ApiServer server) throws Exception {
    url = URI.create("http://127.0.0.1:" + server.port() + "/api");
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + server.port() + "/api"), this)
            .get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  HttpResponse<String> http(String message) throws Exception {
    return client.send(
        HttpRequest.newBuilder(url).POST(BodyPublishers.ofString(message)).build(),
        BodyHandlers.ofString());
  }

  JsonNode socket(String message) throws Exception {
    socket.sendText(message, true).get(SECONDS_MAX, TimeUnit.SECONDS);
    var answer = answers.poll(SECONDS_MAX, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer to " + message);
    }
    return JSON.readTree(answer);
  }

  static JsonNode json(HttpResponse<String> response) throws Exception {
    return JSON.readTree(response.body());
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      answers.add(text.toString());
      text.setLength(0);
    }
    webSocket.request(1);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void close() {
    socket.abort();
    client.close();
  }
}
