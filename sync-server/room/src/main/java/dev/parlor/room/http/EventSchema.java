package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.schema.CardType;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.Ending;
import dev.parlor.room.schema.Named;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomWindow;
import dev.parlor.room.worker.RoomEvent;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schema of the events of a room, as {@code GET /api/events} shows it. An event of the
 * stream is an object with {@code id}, {@code event} and {@code data}. A JSON socket sends the
 * events of answers and of the queue with the same names and data.
 */
final class EventSchema {
  /** The name of the event for a client that missed events; it is no event of the room. */
  static final String RELOAD = "reload";

  private static final String TEXT = "text";
  private static final String INTEGER = "integer";
  private static final String INTEGER_OR_NULL = "integer?";
  private static final String TEXT_OR_NULL = "text?";
  private static final String TEXTS = "texts";
  private static final List<String> CHANGES =
      List.of(
          "opened",
          "closed",
          "minimized",
          "moved",
          "resized",
          "parameters",
          "renamed",
          "changed",
          "removed");

  private final ArrayNode events;

  private EventSchema(ArrayNode events) {
    this.events = events;
  }

  static ObjectNode json() {
    var json = Json.object();
    json.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.put("title", "Events of a Parlor room");
    json.put(
        "description",
        "An event of GET /api/rooms/{slug}/events: its name as event, and its data. Later versions"
            + " may add events and fields.");
    var schema = new EventSchema(json.putArray("oneOf"));
    schema.room();
    schema.queue();
    schema.generation();
    return json;
  }

  private void room() {
    for (var name : List.of(RoomEvent.PLAYER_JOINED, RoomEvent.PLAYER_LEFT)) {
      event(name, "identity", TEXT, "name", TEXT).choice("role", Participant.Role.values());
    }
    event(RoomEvent.CARD_PLAYED, "card", TEXT, "by", TEXT, "name", TEXT, "text", TEXT)
        .choice("type", CardType.values())
        .with("heads", TEXTS)
        .optional("image", TEXT)
        .optional("turn", INTEGER);
    event(RoomEvent.TURN_CHANGED, "turn", INTEGER, "identity", TEXT, "name", TEXT);
    event(RoomEvent.CHAT, "id", TEXT, "by", TEXT, "name", TEXT, "text", TEXT)
        .choice("kind", ChatEntry.Kind.values())
        .optional("image", TEXT)
        .optional("alt", TEXT);
    var removed = event(RoomEvent.WINDOW, "window", TEXT);
    removed.constant("change", "removed").optional("by", TEXT).optional("name", TEXT);
    event(RoomEvent.WINDOW, "window", TEXT, "title", TEXT, "pos", TEXT, "size", TEXT)
        .choice("change", CHANGES.stream().filter(each -> !each.equals("removed")).toList())
        .choice("type", RoomWindow.Type.values())
        .choice("state", RoomWindow.State.values())
        .optional("by", TEXT)
        .optional("name", TEXT);
    event(RoomEvent.FORGED_WRITE, "paths", TEXTS, "count", INTEGER);
    event(RELOAD, "reason", TEXT).withoutTime();
  }

  private void queue() {
    event(
            RoomEvent.GENERATION_QUEUED,
            "request",
            TEXT,
            "by",
            TEXT,
            "name",
            TEXT,
            "query",
            TEXT,
            "after",
            TEXT_OR_NULL,
            "place",
            INTEGER)
        .choice("state", Queued.State.values());
    event(RoomEvent.QUEUE_PAUSED, "by", TEXT, "name", TEXT, "until", INTEGER);
    event(RoomEvent.QUEUE_RESUMED, "by", TEXT, "name", TEXT);
  }

  private void generation() {
    event(RoomEvent.GENERATION_STARTED, "request", TEXT, "epoch", INTEGER, "by", TEXT)
        .with("name", TEXT)
        .with("query", TEXT)
        .with("model", TEXT)
        .with("after", TEXT_OR_NULL)
        .with("tokensMax", INTEGER_OR_NULL)
        .with("omitted", INTEGER);
    call(RoomEvent.GENERATION_WAITING)
        .with("endpoint", TEXT)
        .with("model", TEXT)
        .with("firstWordMs", INTEGER)
        .with("betweenWordsMs", INTEGER)
        .with("totalMs", INTEGER);
    var _ = call(RoomEvent.GENERATION_THINKING);
    call(RoomEvent.GENERATION_NOTE).with("text", TEXT);
    call(RoomEvent.GENERATION_RETRY).with("reason", TEXT).with("pauseMs", INTEGER);
    var _ = call(RoomEvent.GENERATION_RESTART);
    call(RoomEvent.GENERATION_DELTA).with("index", INTEGER).with("text", TEXT);
    for (var name :
        List.of(
            RoomEvent.GENERATION_DONE, RoomEvent.GENERATION_STOPPED, RoomEvent.GENERATION_FAILED)) {
      call(name)
          .with("by", TEXT)
          .with("name", TEXT)
          .choice("status", Result.Status.values())
          .with("reason", TEXT)
          .with("after", TEXT_OR_NULL)
          .choiceOrNull("ending", Ending.values())
          .with("tokensMax", INTEGER_OR_NULL)
          .with("length", INTEGER);
    }
  }

  /** An event of a call to a model. */
  private Fields call(String name) {
    return event(name, "request", TEXT, "epoch", INTEGER);
  }

  /**
   * Adds an event with required fields.
   *
   * @param fields a name and a kind, and so on
   */
  private Fields event(String name, String... fields) {
    var event = events.addObject().put("title", name).put("type", "object");
    var properties = event.putObject("properties");
    properties.putObject("id").put("type", "string");
    properties.putObject("event").put("const", name);
    var data = properties.putObject("data").put("type", "object");
    event.putArray("required").add("event").add("data");
    event.put("additionalProperties", false);
    var all = new Fields(data.putObject("properties"), data.putArray("required"));
    data.put("additionalProperties", false);
    all.with("at", INTEGER);
    for (var i = 0; i < fields.length; i += 2) {
      all.with(fields[i], fields[i + 1]);
    }
    return all;
  }

  /** The fields of an event's data. */
  private record Fields(ObjectNode properties, ArrayNode required) {
    private static final Map<String, String> TYPES = Map.of(TEXT, "string", INTEGER, INTEGER);

    Fields with(String name, String kind) {
      required.add(name);
      return optional(name, kind);
    }

    Fields optional(String name, String kind) {
      var field = properties.putObject(name);
      switch (kind) {
        case TEXTS ->
            field.put("type", "array").set("items", Json.object().put("type", TYPES.get(TEXT)));
        case TEXT_OR_NULL -> field.putArray("type").add("string").add("null");
        case INTEGER_OR_NULL -> field.putArray("type").add(INTEGER).add("null");
        default -> field.put("type", TYPES.get(kind));
      }
      return this;
    }

    Fields constant(String name, String value) {
      required.add(name);
      properties.putObject(name).put("const", value);
      return this;
    }

    Fields choice(String name, List<String> values) {
      required.add(name);
      values.forEach(properties.putObject(name).putArray("enum")::add);
      return this;
    }

    Fields choice(String name, Named... values) {
      return choice(name, List.of(values).stream().map(Named::wire).toList());
    }

    Fields choiceOrNull(String name, Named... values) {
      var all = choice(name, values);
      properties.withObject(name).withArray("enum").addNull();
      return all;
    }

    /** The event has no time. */
    Fields withoutTime() {
      properties.remove("at");
      required.remove(0);
      return this;
    }
  }
}
