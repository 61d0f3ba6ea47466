package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.http.TestServer.Member;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A program on a JSON socket. It mirrors the room from {@code state_sync}, {@code state_delta} and
 * its own answers only. Safe from any thread.
 */
final class ProgramClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<JsonNode> messages = new ArrayList<>();
  private final StringBuilder part = new StringBuilder();
  private final WebSocket socket;
  private ObjectNode state = JSON.createObjectNode();
  private long revision;
  private boolean isPaused;
  private int closeCode;
  private @Nullable Throwable failure;
  private int commands;

  private ProgramClient(URI url, String... headers) throws Exception {
    var builder = HTTP.newWebSocketBuilder();
    for (var i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    socket = builder.buildAsync(url, new Listener()).get(20, TimeUnit.SECONDS);
  }

  static ProgramClient open(int port, String path, String... headers) throws Exception {
    return new ProgramClient(URI.create("ws://127.0.0.1:" + port + path), headers);
  }

  static ProgramClient of(TestServer server, Member member) throws Exception {
    var client = open(server.port(), member.room().path("/json"), member.headers());
    client.await("the state", message -> type(message).equals("state_sync"));
    return client;
  }

  static String type(JsonNode message) {
    return message.path("type").asText();
  }

  void sendText(String text) {
    socket.sendText(text, true).orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** Sends a command and returns its answer. */
  JsonNode run(String type, String fields) throws Exception {
    var id = "c" + ++commands;
    sendText("{\"type\":\"" + type + "\",\"id\":\"" + id + "\"" + fields + "}");
    return await("the answer of " + type, message -> message.path("id").asText().equals(id));
  }

  /** Sends a command that succeeds. */
  JsonNode done(String type, String fields) throws Exception {
    var answer = run(type, fields);
    assertEquals("ack", type(answer), answer::toString);
    return answer;
  }

  /** Reads nothing after the message that has been requested, until {@link #resume}. */
  synchronized void pause() {
    isPaused = true;
  }

  synchronized void resume() {
    isPaused = false;
    socket.request(1);
  }

  synchronized List<JsonNode> messages() {
    return List.copyOf(messages);
  }

  synchronized ObjectNode state() {
    return state.deepCopy();
  }

  synchronized long revision() {
    return revision;
  }

  synchronized JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
    var deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (true) {
      for (var message : messages) {
        if (wanted.test(message)) {
          return message;
        }
      }
      waitUntil(deadline, what);
    }
  }

  synchronized void awaitState(String what, Predicate<JsonNode> wanted) throws Exception {
    var deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (!wanted.test(state)) {
      waitUntil(deadline, what + " in " + state);
    }
  }

  synchronized int awaitClose() throws Exception {
    var deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (closeCode == 0) {
      waitUntil(deadline, "the close");
    }
    return closeCode;
  }

  @SuppressWarnings("WaitNotInLoop") // each caller waits in a loop
  private void waitUntil(long deadline, String what) throws InterruptedException {
    if (failure != null) {
      throw new AssertionError("the client failed", failure);
    }
    var left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new AssertionError("no " + what + " came; messages: " + messages, failure);
    }
    wait(left);
  }

  private synchronized void received(String text) {
    JsonNode message;
    try {
      message = JSON.readTree(text);
    } catch (Exception e) {
      throw new AssertionError("the server sent no JSON: " + text, e);
    }
    switch (type(message)) {
      case "state_sync" -> {
        state = message.path("state").deepCopy();
        revision = message.path("revision").asLong();
      }
      case "state_delta" -> apply(message);
      case "ack" -> {
        if (message.has("changes")) {
          apply(message.path("changes"));
        }
      }
      default -> {}
    }
    messages.add(message);
    notifyAll();
  }

  private void apply(JsonNode delta) {
    assertEquals(revision + 1, delta.path("revision").asLong(), "revisions come in order");
    revision = delta.path("revision").asLong();
    state.set("heads", delta.path("heads"));
    delta.path("set").properties().forEach(field -> state.set(field.getKey(), field.getValue()));
    delta
        .path("add")
        .properties()
        .forEach(
            map -> ((ObjectNode) state.path(map.getKey())).setAll((ObjectNode) map.getValue()));
    delta
        .path("remove")
        .properties()
        .forEach(
            map ->
                map.getValue()
                    .forEach(key -> ((ObjectNode) state.path(map.getKey())).remove(key.asText())));
    delta
        .path("insert")
        .properties()
        .forEach(
            list ->
                list.getValue()
                    .forEach(
                        each ->
                            ((ArrayNode) state.path(list.getKey()))
                                .insert(each.path("at").asInt(), each.path("item"))));
    delta
        .path("update")
        .properties()
        .forEach(
            map ->
                map.getValue()
                    .properties()
                    .forEach(
                        item ->
                            item(map.getKey(), item.getKey())
                                .setAll((ObjectNode) item.getValue())));
    for (var each : delta.path("append")) {
      var items = (ArrayNode) place(each).path(each.path("field").asText());
      each.path("items").forEach(items::add);
    }
    for (var each : delta.path("splice")) {
      var field = each.path("field").asText();
      var text = place(each).path(field).asText();
      var at = each.path("at").asInt();
      place(each)
          .put(
              field,
              text.substring(0, at)
                  + each.path("insert").asText()
                  + text.substring(at + each.path("delete").asInt()));
    }
  }

  private ObjectNode place(JsonNode each) {
    return item(each.path("map").asText(), each.path("key").asText());
  }

  private ObjectNode item(String map, String key) {
    if (state.path(map) instanceof ArrayNode list) {
      for (var entry : list) {
        if (entry.path("id").asText().equals(key)) {
          return (ObjectNode) entry;
        }
      }
    }
    return (ObjectNode) state.path(map).path(key);
  }

  @Override
  public void close() {
    if (!socket.isOutputClosed()) {
      socket
          .sendClose(WebSocket.NORMAL_CLOSURE, "")
          .orTimeout(20, TimeUnit.SECONDS)
          .exceptionally(
              problem -> {
                // The server may close at the same time.
                assertTrue(socket.isOutputClosed(), () -> problem.toString());
                return socket;
              })
          .join();
    }
  }

  private final class Listener implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        var text = part.toString();
        part.setLength(0);
        try {
          received(text);
        } catch (RuntimeException | Error e) {
          failure = e;
          var _ = onClose(from, 1006, e.toString());
        }
      }
      synchronized (ProgramClient.this) {
        if (isPaused) {
          return null;
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      synchronized (ProgramClient.this) {
        closeCode = code;
        ProgramClient.this.notifyAll();
      }
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      var _ = onClose(from, 1006, error.toString());
    }
  }
}
