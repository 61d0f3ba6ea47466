package dev.parlor.room.program;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.transport.WebSocket;
import dev.parlor.relay.socket.transport.WebSocketHandler;
import dev.parlor.room.http.Json;
import dev.parlor.room.http.RoomCommands;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.worker.RoomWorker;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One JSON socket of a room. Messages arrive on the socket's thread; commands run on a virtual
 * thread, one after the other. The room's thread sends deltas to {@link #output}.
 */
final class ProgramSocket implements WebSocketHandler {
  private final ProgramRoom room;
  private final RoomCommands commands;
  private final Caller caller;
  private final WebSocket socket;
  private final ProgramOutput output;
  private final PeerId peer;
  private final SessionId session;
  private final LongSupplier nanoTime;
  private final Consumer<ProgramSocket> ended;
  private final AtomicLong broadcasts = new AtomicLong();

  /** Commands that wait; the socket's thread adds them, a virtual thread takes them. */
  private final Queue<Received> waiting = new ConcurrentLinkedQueue<>();

  private final AtomicInteger unfinished = new AtomicInteger();

  // Used on the socket's thread only.
  private long second;
  private int messagesInSecond;
  private int malformed;

  // Guarded by this object.
  private long lastSyncAt;
  private String status = "online";
  private @Nullable String where;
  private @Nullable String typing;

  /** A command of the client. */
  private record Received(JsonNode id, String name, ObjectNode fields) {}

  /**
   * @param peer the id of this connection, which browsers see as a peer id
   * @param ended called once, when the socket has ended
   */
  ProgramSocket(
      ProgramRoom room,
      RoomCommands commands,
      Caller caller,
      WebSocket socket,
      String peer,
      LongSupplier nanoTime,
      Consumer<ProgramSocket> ended) {
    this.room = room;
    this.commands = commands;
    this.caller = caller;
    this.socket = socket;
    this.output = new ProgramOutput(socket, nanoTime);
    this.peer = new PeerId(peer);
    this.session = new SessionId(peer);
    this.nanoTime = nanoTime;
    this.ended = ended;
    this.lastSyncAt = nanoTime.getAsLong();
  }

  Caller caller() {
    return caller;
  }

  String peer() {
    return peer.value();
  }

  String role() {
    return caller.role().name().toLowerCase(Locale.ROOT);
  }

  synchronized PresenceBridge.State presence(Map<String, String> names) {
    var identity = caller.identity().orElseThrow();
    return new PresenceBridge.State(
        identity, names.getOrDefault(identity, "Guest"), status, where, typing);
  }

  void broadcast(RoomWorker worker, Bytes data) {
    worker.broadcastAs(peer, session, broadcasts.incrementAndGet(), data);
  }

  ProgramOutput output() {
    return output;
  }

  /** Closes the socket; from any thread. */
  void close(int code, String reason) {
    socket.execute(() -> socket.outbox().close(code, Texts.shortened(reason, 100), null));
  }

  // From the client.

  @Override
  public int messageBytesMax() {
    return FixedServiceLimits.JSON_MESSAGE_BYTES_MAX;
  }

  @Override
  public boolean takesText() {
    return true;
  }

  @Override
  public void opened() {
    if (!room.add(this)) {
      close(CloseCodes.RESTART, "the room closed; connect again");
    }
  }

  @Override
  public void binary(Bytes message) {
    text(message);
  }

  @Override
  public void text(Bytes message) {
    if (output.isClosing()) {
      return;
    }
    ObjectNode object;
    try {
      var text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message.toArray())).toString();
      if (!(Json.read(text) instanceof ObjectNode read)) {
        malformed("not-an-object", "a message is a JSON object", "");
        return;
      }
      object = read;
    } catch (CharacterCodingException e) {
      malformed("not-utf8", "the message is not UTF-8", "");
      return;
    } catch (JacksonException e) {
      malformed("not-json", "the message is not JSON", "");
      return;
    }
    var type = object.remove("type");
    if (type == null || !type.isTextual()) {
      malformed("invalid-field", "type must be a text", "type");
      return;
    }
    switch (type.textValue()) {
      case "ping" -> ping(object);
      case "cursor_pos" -> cursor(object);
      case "presence" -> presence(object);
      case "state_sync" -> requestSync(object);
      default -> command(type.textValue(), object);
    }
  }

  private void malformed(String code, String detail, String field) {
    malformed++;
    output.send(Messages.error(code, detail, field));
    if (malformed > FixedServiceLimits.JSON_MALFORMED_MAX) {
      close(CloseCodes.HANDSHAKE, "too many malformed messages");
    }
  }

  /** Whether one more message that is no command is within the rate. */
  private boolean isWithinRate() {
    var now = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong());
    if (now != second) {
      second = now;
      messagesInSecond = 0;
    }
    messagesInSecond++;
    if (messagesInSecond == FixedServiceLimits.JSON_MESSAGES_PER_SECOND_MAX + 1) {
      output.send(
          Messages.error(
              "too-many-requests",
              "at most "
                  + FixedServiceLimits.JSON_MESSAGES_PER_SECOND_MAX
                  + " such messages fit in a second; the others are dropped",
              ""));
    }
    return messagesInSecond <= FixedServiceLimits.JSON_MESSAGES_PER_SECOND_MAX;
  }

  private void ping(ObjectNode message) {
    if (isWithinRate()) {
      var pong = Messages.of("pong");
      var id = message.get("id");
      if (id != null && isId(id)) {
        pong.set("id", id);
      }
      output.send(pong);
    }
  }

  private static boolean isId(JsonNode id) {
    return id.isIntegralNumber()
        || (id.isTextual() && id.textValue().length() <= FixedServiceLimits.COMMAND_ID_LENGTH_MAX);
  }

  private void cursor(ObjectNode message) {
    if (!isWithinRate()) {
      return;
    }
    var x = message.path("x");
    var y = message.path("y");
    for (var field : List.of("x", "y")) {
      if (!message.path(field).isNumber() || !Double.isFinite(message.path(field).doubleValue())) {
        malformed("invalid-field", field + " must be a number", field);
        return;
      }
    }
    var window = message.path("window");
    if (!isShortText(window)) {
      malformed("invalid-field", "window must be the id of a window, or null", "window");
      return;
    }
    room.cursor(this, x.doubleValue(), y.doubleValue(), window.textValue());
  }

  private static boolean isShortText(JsonNode node) {
    return node.isMissingNode()
        || node.isNull()
        || (node.isTextual() && node.textValue().length() <= RoomLimits.SHORT_LENGTH_MAX);
  }

  /** Fields that are absent stay untouched. */
  private void presence(ObjectNode message) {
    if (!isWithinRate()) {
      return;
    }
    for (var field : List.of("status", "where", "typing")) {
      if (!isShortText(message.path(field))) {
        malformed("invalid-field", field + " must be a short text", field);
        return;
      }
    }
    synchronized (this) {
      if (message.hasNonNull("status")) {
        status = PresenceBridge.status(message.path("status").textValue());
      }
      where = message.has("where") ? message.path("where").textValue() : where;
      typing = message.has("typing") ? message.path("typing").textValue() : typing;
    }
    room.announce(this);
  }

  /** Sends the whole state again, at most once a second. */
  private void requestSync(ObjectNode message) {
    if (!isWithinRate()) {
      return;
    }
    if (!message.isEmpty()) {
      malformed(
          "unknown-field", "state_sync of a client has no fields", message.fieldNames().next());
      return;
    }
    synchronized (this) {
      var now = nanoTime.getAsLong();
      if (now - lastSyncAt < TimeUnit.SECONDS.toNanos(1)) {
        output.send(
            Messages.error("too-many-requests", "the state is sent once a second at most", ""));
        return;
      }
      lastSyncAt = now;
    }
    room.sync(this);
  }

  private void command(String name, ObjectNode fields) {
    var id = fields.remove("id");
    if (id != null && !isId(id)) {
      malformed(
          "invalid-field",
          "id must be a whole number or a text of at most "
              + FixedServiceLimits.COMMAND_ID_LENGTH_MAX
              + " characters",
          "id");
      return;
    }
    if (name.equals("chat_msg")) {
      fields.remove("sender"); // the sender is the person of this connection
    }
    waiting.add(
        new Received(
            id == null ? fields.nullNode() : id, name.equals("chat_msg") ? "chat" : name, fields));
    var all = unfinished.getAndIncrement();
    if (all + 1 >= FixedServiceLimits.JSON_COMMANDS_WAITING_MAX) {
      socket.pause();
    }
    if (all == 0) {
      Thread.ofVirtual().name("room-program").start(this::runAll);
    }
  }

  /** Runs commands until none waits. Runs on a virtual thread, since commands wait for commits. */
  private void runAll() {
    int left;
    do {
      var next = waiting.remove();
      if (!output.isClosing()) {
        var answer = commands.run(next.name(), next.fields(), room.info(), caller, this);
        output.answer(next.id(), next.name(), answer);
      }
      left = unfinished.decrementAndGet();
      if (left == FixedServiceLimits.JSON_COMMANDS_WAITING_MAX - 1) {
        socket.execute(this::resumeIfAnswered);
      }
    } while (left > 0);
  }

  /** Reads on, unless new commands have arrived before the pause. */
  private void resumeIfAnswered() {
    if (unfinished.get() < FixedServiceLimits.JSON_COMMANDS_WAITING_MAX) {
      socket.resume();
    }
  }

  // The transport.

  @Override
  public void frameRead(int payloadBytes) {}

  @Override
  public void awaitsInput() {}

  @Override
  public void violated(int code, String rule, String reason) {
    socket.outbox().close(code, "[" + rule + "] " + reason, null);
  }

  @Override
  public void closing() {
    output.end();
  }

  @Override
  public void checkTimeouts(long nowNanos) {
    if (output.mustSync()) {
      room.sync(this);
    }
  }

  @Override
  public void ended(int code) {
    output.end();
    ended.accept(this);
  }
}
