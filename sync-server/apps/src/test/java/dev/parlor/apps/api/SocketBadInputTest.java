package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SocketBadInputTest extends BadInputContract {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Queue<CompletableFuture<String>> waiting = new ConcurrentLinkedQueue<>();
  private int port;
  private @Nullable WebSocket socket;

  SocketBadInputTest() throws Exception {}

  @Override
  void open(int serverPort) throws Exception {
    port = serverPort;
    socket = connect("/v1/ws?shard=1").get(30, TimeUnit.SECONDS);
  }

  private CompletableFuture<WebSocket> connect(String path) {
    return client
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + port + path), new Answers());
  }

  @Override
  void shut() {
    if (socket != null) {
      socket.abort();
    }
    client.close();
  }

  /** Clients send binary frames; the answer to each request completes one of the futures. */
  @Override
  CompletableFuture<String> send(String message) throws Exception {
    var answer = new CompletableFuture<String>();
    waiting.add(answer);
    if (socket == null) {
      throw new IllegalStateException("not connected");
    }
    socket
        .sendBinary(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)), true)
        .get(30, TimeUnit.SECONDS);
    return answer;
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

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
  }

  @Test
  @DisplayName("a text frame is understood like a binary frame, on both paths")
  void textFrames() throws Exception {
    for (var path : new String[] {"/api", "/v1/ws"}) {
      var other = connect(path).get(30, TimeUnit.SECONDS);
      var answer = new CompletableFuture<String>();
      waiting.add(answer);
      other
          .sendText(enveloped("t9", "req-list-recent-vibes", "{}", "ada"), true)
          .get(30, TimeUnit.SECONDS);
      assertTrue(answer.get(30, TimeUnit.SECONDS).contains("\"tid\":\"t9\""));
      other.abort();
    }
  }

  @Test
  @DisplayName("a payload without envelope is refused on a socket, naming tid")
  void bare() throws Exception {
    var answer = send("{\"type\":\"vibes.diy.req-list-recent-vibes\"}").get(30, TimeUnit.SECONDS);
    assertTrue(answer.contains("\"field\":\"tid\""), answer);
  }

  @Test
  @DisplayName(
      "300 appends that are sent without waiting are all answered, with numbers in their order")
  void moreRequestsThanMayBeInFlight() throws Exception {
    send(enveloped("t0", "req-ensure-chat-context", "{\"contextId\":\"many\"}", "ada"))
        .get(30, TimeUnit.SECONDS);
    var append =
        "{\"contextId\":\"many\",\"origin\":\"llm\",\"blocks\":[{\"type\":\"prompt.block-end\","
            + "\"streamId\":\"s\",\"timestamp\":1}]}";
    var answers = new ArrayList<CompletableFuture<String>>();
    for (var i = 0; i < 300; i++) {
      answers.add(send(enveloped("n" + i, "req-append-chat-section", append, "ada")));
    }
    var numbers = new TreeMap<Integer, Integer>();
    for (var answer : answers) {
      var json = new ObjectMapper().readTree(answer.get(30, TimeUnit.SECONDS));
      var request = Integer.parseInt(json.path("tid").asText().substring(1));
      numbers.put(request, json.path("payload").path("seq").asInt(-1));
    }
    assertEquals(300, numbers.size());
    numbers.forEach(Assertions::assertEquals);
  }

  @Test
  @DisplayName("a page of another origin cannot open a socket")
  void otherOrigin() throws Exception {
    var refused =
        client
            .newWebSocketBuilder()
            .header("Origin", "https://evil.example")
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/api"), new Answers());
    var error = assertThrows(ExecutionException.class, () -> refused.get(30, TimeUnit.SECONDS));
    var handshake = assertInstanceOf(WebSocketHandshakeException.class, error.getCause());
    assertEquals(403, handshake.getResponse().statusCode());
  }
}
