package dev.parlor.room.program;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.http.RoomJson;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.worker.RoomChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The messages of the server, as {@code docs/schemas/room-socket.schema.json} describes them. Pure.
 */
final class Messages {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Messages() {}

  static ObjectNode of(String type) {
    return NODES.objectNode().put("type", type);
  }

  static Bytes encode(JsonNode message) {
    return Bytes.utf8(message.toString());
  }

  /** A message about input that the server did not accept. */
  static ObjectNode error(String code, String detail, String field) {
    var json = of("error").put("code", code).put("detail", detail);
    if (!field.isEmpty()) {
      json.put("field", field);
    }
    return json;
  }

  /** The fields that changed, without the type of a message. */
  static ObjectNode changes(RoomChange change) {
    var json = NODES.objectNode();
    json.put("revision", change.revision());
    json.set("heads", RoomJson.heads(change.heads()));
    if (!change.set().isEmpty()) {
      json.set("set", object(change.set()));
    }
    if (!change.add().isEmpty()) {
      var add = json.putObject("add");
      change.add().forEach((map, items) -> add.set(map, object(items)));
    }
    if (!change.update().isEmpty()) {
      var update = json.putObject("update");
      change
          .update()
          .forEach(
              (map, items) -> {
                var byKey = update.putObject(map);
                items.forEach((key, fields) -> byKey.set(key, object(fields)));
              });
    }
    if (!change.remove().isEmpty()) {
      var remove = json.putObject("remove");
      change.remove().forEach((map, keys) -> keys.forEach(remove.putArray(map)::add));
    }
    if (!change.insert().isEmpty()) {
      var insert = json.putObject("insert");
      change
          .insert()
          .forEach(
              (list, items) -> {
                var all = insert.putArray(list);
                items.forEach(
                    each ->
                        all.addObject()
                            .put("at", each.at())
                            .set("item", RoomJson.plain(each.item())));
              });
    }
    appendAndSplice(change, json);
    return json;
  }

  private static void appendAndSplice(RoomChange change, ObjectNode json) {
    if (!change.append().isEmpty()) {
      var append = json.putArray("append");
      for (var each : change.append()) {
        var entry = place(append.addObject(), each.map(), each.key(), each.field());
        var items = entry.putArray("items");
        each.items().forEach(item -> items.add(RoomJson.plain(item)));
      }
    }
    if (!change.splice().isEmpty()) {
      var splice = json.putArray("splice");
      for (var each : change.splice()) {
        place(splice.addObject(), each.map(), each.key(), each.field())
            .put("at", each.at())
            .put("delete", each.delete())
            .put("insert", each.insert());
      }
    }
  }

  private static ObjectNode place(ObjectNode entry, String map, String key, String field) {
    return entry.put("map", map).put("key", key).put("field", field);
  }

  private static ObjectNode object(Map<String, Value> values) {
    var json = NODES.objectNode();
    values.forEach((name, value) -> json.set(name, RoomJson.plain(value)));
    return json;
  }

  /** A message for each new entry of the chat, with the name of its author. */
  static List<ObjectNode> chat(RoomChange change, Map<String, String> names) {
    var messages = new ArrayList<ObjectNode>();
    for (var inserted : change.insert().getOrDefault(RoomFields.CHAT, List.of())) {
      if (RoomJson.plain(inserted.item()) instanceof ObjectNode entry) {
        var by = entry.path(RoomFields.BY).asText();
        var message = of("chat_msg").put("revision", change.revision());
        message.put("sender", names.getOrDefault(by, by));
        message.setAll(entry);
        messages.add(message);
      }
    }
    return messages;
  }
}
