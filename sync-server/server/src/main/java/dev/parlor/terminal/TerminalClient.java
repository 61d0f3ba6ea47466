package dev.parlor.terminal;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One participant on a JSON socket. Connects again after a lost connection, and then sends the
 * commands that had no connection. Guarded by its lock.
 */
final class TerminalClient {
  private static final int MESSAGE_CHARS_MAX = 64 * 1024 * 1024;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final long RECONNECT_MILLIS_MIN = 500;
  private static final long RECONNECT_MILLIS_MAX = 10_000;
  private static final int COMMANDS_WAITING_MAX = 100;
  private static final Set<Integer> FINAL_CODES = Set.of(1003, 1008, 1009, 4403);

  private final HttpClient http;
  private final ObjectMapper json;
  private final RoomAddress address;
  private final String token;
  private final Screen screen;
  private final RoomMirror mirror = new RoomMirror();
  private final Deque<ObjectNode> unsent = new ArrayDeque<>();
  private final Set<String> unanswered = new HashSet<>();
  private final Set<String> ownRequests = new HashSet<>();
  private @Nullable WebSocket socket;
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);
  private boolean wasConnected;
  private boolean isClosed;
  private long lastId;
  private long reconnectMillis = RECONNECT_MILLIS_MIN;

  TerminalClient(
      HttpClient http, ObjectMapper json, RoomAddress address, String token, Screen screen) {
    this.http = http;
    this.json = json;
    this.address = address;
    this.token = token;
    this.screen = screen;
  }

  ObjectMapper json() {
    return json;
  }

  /** The present state of the room; for reading under the lock of this client. */
  synchronized ObjectNode state() {
    return mirror.state().deepCopy();
  }

  synchronized void print(java.util.function.Consumer<Screen> printing) {
    printing.accept(screen);
  }

  /** Connects for the first time. */
  void connect() {
    try {
      open().join();
    } catch (CompletionException e) {
      throw new TerminalException("the room does not open: " + reason(e));
    }
  }

  private CompletableFuture<WebSocket> open() {
    return http.newWebSocketBuilder()
        .connectTimeout(CONNECT_TIMEOUT)
        .header("Authorization", "Bearer " + token)
        .header("Parlor-Key", address.key())
        .buildAsync(address.socket(), new Listener());
  }

  private static String reason(Throwable e) {
    var cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof java.net.http.WebSocketHandshakeException refused
        ? "the server answers with status " + refused.getResponse().statusCode()
        : String.valueOf(cause.getMessage());
  }

  /** Sends a command, or keeps it until there is a connection. */
  synchronized void run(ObjectNode command) {
    if (unsent.size() >= COMMANDS_WAITING_MAX) {
      screen.line("! there is no connection; this was not sent");
      return;
    }
    var id = "t" + ++lastId;
    command.put("id", id);
    unanswered.add(id);
    unsent.add(command);
    sendAll();
  }

  private synchronized void sendAll() {
    var open = socket;
    while (open != null && !unsent.isEmpty()) {
      var text = unsent.remove().toString();
      sending = sending.handle((_, _) -> null).thenCompose(_ -> open.sendText(text, true));
    }
  }

  /** Waits until all commands are answered and the own questions have their answers. */
  synchronized void awaitQuiet() throws InterruptedException {
    while (!isClosed && !(unanswered.isEmpty() && ownRequests.isEmpty())) {
      wait(1_000);
    }
  }

  synchronized void close() {
    isClosed = true;
    var open = socket;
    if (open != null) {
      var _ =
          sending
              .handle((_, _) -> null)
              .thenCompose(_ -> open.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    }
    notifyAll();
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  // From the room.

  private synchronized void received(JsonNode message) {
    switch (message.path("type").asText()) {
      case "state_sync" -> synced(message);
      case "state_delta" -> delta(message);
      case "ack" -> answered(message);
      case "error" -> failed(message);
      case "chat_msg" ->
          screen.line(message.path("sender").asText() + ": " + message.path("text").asText());
      case "people" -> {
        mirror.state().set("people", message.path("people"));
        mirror.state().set("turn", message.path("turn"));
      }
      case "presence" -> {
        if (!message.has("gone") && !message.path("typing").isNull()) {
          screen.line("* " + message.path("name").asText() + " is typing");
        }
      }
      case "event" -> event(message.path("event").asText(), message.path("data"));
      default -> {}
    }
    notifyAll();
  }

  private void synced(JsonNode message) {
    mirror.sync(message);
    reconnectMillis = RECONNECT_MILLIS_MIN;
    var state = mirror.state();
    if (!wasConnected) {
      wasConnected = true;
      screen.line(
          "joined " + state.path("title").asText() + " as " + message.path("role").asText());
      screen.people(state);
      screen.stack(state);
    }
  }

  private void delta(JsonNode delta) {
    if (!mirror.apply(delta) && socket != null) {
      unsent.addFirst(json.createObjectNode().put("type", "state_sync"));
      sendAll();
      return;
    }
    delta
        .path("add")
        .path("cards")
        .forEach(
            card ->
                screen.line(
                    "* "
                        + nameOf(card.path("by").asText())
                        + " plays ["
                        + card.path("type").asText()
                        + "] "
                        + card.path("text").asText()));
  }

  private String nameOf(String identity) {
    return mirror.state().path("participants").path(identity).path("name").asText("Somebody");
  }

  private void answered(JsonNode message) {
    unanswered.remove(message.path("id").asText());
    if (message.has("changes")) {
      delta(message.path("changes"));
    }
    var result = message.path("result");
    switch (message.path("command").asText()) {
      case "generate" -> ownRequests.add(result.path("request").asText());
      case "chat" -> {
        screen.line("you: " + result.path("text").asText());
        if (result.has("request")) {
          ownRequests.add(result.path("request").asText());
        }
      }
      case "window_move" -> screen.line("* the window is moved");
      case "stop" -> screen.line("* the answer is being stopped");
      default -> {}
    }
  }

  private void failed(JsonNode message) {
    unanswered.remove(message.path("id").asText());
    screen.line("! " + message.path("detail").asText());
  }

  private void event(String name, JsonNode data) {
    var request = data.path("request").asText();
    switch (name) {
      case "generation-queued" ->
          screen.line("* " + data.path("name").asText() + " waits: " + data.path("query").asText());
      case "generation-started" ->
          screen.line("* " + data.path("name").asText() + " asks: " + data.path("query").asText());
      case "generation-delta" -> screen.piece(request, data.path("text").asText());
      case "generation-done", "generation-stopped", "generation-failed" -> {
        screen.answered(request);
        var reason = data.path("reason").asText("");
        screen.line(
            "* the answer "
                + switch (name) {
                  case "generation-done" -> "is complete";
                  case "generation-stopped" -> "was stopped";
                  default -> "failed";
                }
                + (reason.isEmpty() || name.equals("generation-done") ? "" : ": " + reason));
        ownRequests.remove(request);
      }
      default -> {}
    }
  }

  // The connection.

  private synchronized void lost(WebSocket from, int code, String reason) {
    if (isClosed || !from.equals(socket)) {
      return;
    }
    socket = null;
    if (FINAL_CODES.contains(code)) {
      screen.line("! the room closed the connection: " + reason);
      isClosed = true;
      notifyAll();
      return;
    }
    screen.line("* the connection is lost; connecting again");
    var open = new HashSet<>(unanswered);
    unsent.forEach(command -> open.remove(command.path("id").asText()));
    unanswered.removeAll(open);
    if (!open.isEmpty()) {
      screen.line("! " + open.size() + " commands have no answer; look whether they were done");
    }
    reconnectLater();
  }

  private synchronized void reconnectLater() {
    if (isClosed) {
      return;
    }
    var wait = reconnectMillis;
    reconnectMillis = Math.min(2 * wait, RECONNECT_MILLIS_MAX);
    CompletableFuture.delayedExecutor(wait, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              var _ =
                  open()
                      .whenComplete(
                          (_, problem) -> {
                            if (problem != null) {
                              reconnectLater();
                            }
                          });
            });
  }

  private synchronized void opened(WebSocket opened) {
    socket = opened;
    if (wasConnected) {
      screen.line("* connected again");
    }
    sendAll();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();

    @Override
    public void onOpen(WebSocket from) {
      opened(from);
      from.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (part.length() > MESSAGE_CHARS_MAX) {
        from.abort();
        lost(from, 1009, "a message of the server is too long");
        return null;
      }
      if (last) {
        var text = part.toString();
        part.setLength(0);
        try {
          received(json.readTree(text));
        } catch (JacksonException e) {
          from.abort();
          lost(from, 1003, "the server sent no JSON");
          return null;
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      lost(from, code, reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      lost(from, 1006, String.valueOf(error.getMessage()));
    }
  }
}
