package dev.parlor.room.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.schema.ChatEntry;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.TurnOrder;
import dev.parlor.room.worker.RoomReading;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/**
 * Converts a room to JSON: the document, its heads, and the derived values {@code turn} and {@code
 * people}. With the derived values, clients without a CRDT need not implement the rules of turns.
 */
public final class RoomJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The largest integer that JavaScript represents exactly. */
  private static final double SAFE_INTEGER_MAX = 9_007_199_254_740_991.0;

  private RoomJson() {}

  /**
   * The whole room.
   *
   * @param away the identities that are away, which the turn order skips
   */
  public static ObjectNode of(RoomInfo info, RoomReading reading, Set<String> away) {
    var json = NODES.objectNode();
    json.put("slug", info.slug());
    json.put("documentId", info.documentId().value());
    json.put("automergeUrl", info.documentId().url());
    json.put("createdAt", info.createdAt());
    json.set("heads", heads(reading.heads()));
    if (plain(reading.root()) instanceof ObjectNode document) {
      document.properties().forEach(field -> json.set(field.getKey(), field.getValue()));
    }
    showEdits(json.path(RoomFields.CHAT), reading.view());
    var order = TurnOrder.of(reading.view(), away);
    json.set("turn", turn(order));
    var people = json.putArray("people");
    reading.view().participants().forEach(person -> people.add(person(person, order, away)));
    return json;
  }

  /** Shows the later texts of edited messages, so that no client shows a deleted text [CH1]. */
  private static void showEdits(JsonNode chat, RoomView view) {
    var edited = new HashMap<String, ChatEntry>();
    for (var entry : view.chat()) {
      if (entry.editedAt() != null) {
        edited.put(entry.id(), entry);
      }
    }
    if (edited.isEmpty()) {
      return;
    }
    for (var node : chat) {
      var entry = edited.get(node.path(RoomFields.ID).asText());
      if (entry != null
          && node instanceof ObjectNode object
          && node.path(RoomFields.BY).asText().equals(entry.by())) {
        object.put(RoomFields.TEXT, entry.text());
        object.put("editedAt", entry.editedAt());
      }
    }
  }

  public static JsonNode heads(List<ChangeHash> heads) {
    var array = NODES.arrayNode();
    heads.forEach(head -> array.add(head.toString()));
    return array;
  }

  /** The current turn: the mode, the holder's identity or null, and the turn's number. */
  public static ObjectNode turn(TurnOrder order) {
    var json = NODES.objectNode();
    json.put("mode", order.free() ? "free" : "turns");
    json.put("holder", order.holder());
    json.put("n", order.turn());
    return json;
  }

  /** A participant: its fields in the document, and whether it has a seat, the turn, or is away. */
  public static ObjectNode person(Participant person, TurnOrder order, Set<String> away) {
    var json = NODES.objectNode();
    json.put("identity", person.identity());
    json.put("name", person.name());
    json.put("avatar", person.avatar());
    json.put("color", person.color());
    json.put("role", person.role().wire());
    json.put("seated", order.players().contains(person.identity()));
    json.put("onTurn", person.identity().equals(order.holder()));
    json.put("away", away.contains(person.identity()));
    json.put("joinedAt", person.joinedAt());
    return json;
  }

  /** Converts the data of an event to JSON. */
  public static JsonNode tree(Object value) {
    return Json.tree(value);
  }

  /**
   * Converts a value of a document to plain JSON. Collaborative text and scalar strings both become
   * strings.
   */
  public static JsonNode plain(Value value) {
    return switch (value) {
      case Value.Null _ -> NODES.nullNode();
      case Value.Bool(var bool) -> NODES.booleanNode(bool);
      case Value.Int(var number) -> NODES.numberNode(number);
      case Value.Uint(var number) -> NODES.numberNode(number);
      case Value.Counter(var number) -> NODES.numberNode(number);
      case Value.Timestamp(var millis) -> NODES.numberNode(millis);
      case Value.Float(var number) -> number(number);
      case Value.Str(var text) -> NODES.textNode(text);
      case Value.Text(var text) -> NODES.textNode(text);
      case Value.Blob(var bytes) ->
          NODES.textNode(Base64.getEncoder().encodeToString(bytes.toArray()));
      case Value.MapOf(var entries) -> {
        var object = NODES.objectNode();
        entries.forEach((key, child) -> object.set(key, plain(child)));
        yield object;
      }
      case Value.ListOf(var items) -> {
        var array = NODES.arrayNode();
        items.forEach(item -> array.add(plain(item)));
        yield array;
      }
    };
  }

  /**
   * Converts a float. JavaScript stores times as floats, so whole numbers become integers. JSON has
   * no NaN.
   */
  private static JsonNode number(double number) {
    if (!Double.isFinite(number)) {
      return NODES.nullNode();
    }
    return Math.rint(number) == number && Math.abs(number) <= SAFE_INTEGER_MAX
        ? NODES.numberNode((long) number)
        : NODES.numberNode(number);
  }
}
