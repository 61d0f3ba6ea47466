package dev.parlor.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A copy of the room's state, from the messages {@code state_sync} and {@code state_delta} and the
 * changes in answers. Used by one thread at a time.
 */
final class RoomMirror {
  private ObjectNode state = JsonNodeFactory.instance.objectNode();
  private long revision;

  ObjectNode state() {
    return state;
  }

  void sync(JsonNode message) {
    state = message.path("state").deepCopy();
    revision = message.path("revision").asLong();
  }

  /** Applies a delta; returns false if a delta is missing, so that the client must sync again. */
  boolean apply(JsonNode delta) {
    if (delta.path("revision").asLong() != revision + 1) {
      return false;
    }
    revision++;
    delta.path("set").properties().forEach(each -> state.set(each.getKey(), each.getValue()));
    delta
        .path("add")
        .properties()
        .forEach(map -> state.withObject("/" + map.getKey()).setAll((ObjectNode) map.getValue()));
    delta
        .path("remove")
        .properties()
        .forEach(map -> map.getValue().forEach(key -> object(map.getKey()).remove(key.asText())));
    delta
        .path("insert")
        .properties()
        .forEach(list -> list.getValue().forEach(each -> insert(list.getKey(), each)));
    delta
        .path("update")
        .properties()
        .forEach(
            map ->
                map.getValue()
                    .properties()
                    .forEach(
                        each ->
                            item(map.getKey(), each.getKey())
                                .setAll((ObjectNode) each.getValue())));
    delta
        .path("append")
        .forEach(
            each ->
                each.path("items")
                    .forEach(place(each).withArray(each.path("field").asText())::add));
    delta.path("splice").forEach(this::splice);
    return true;
  }

  private ObjectNode object(String map) {
    return state.path(map) instanceof ObjectNode found
        ? found
        : JsonNodeFactory.instance.objectNode();
  }

  private void insert(String list, JsonNode each) {
    if (state.path(list) instanceof ArrayNode items) {
      items.insert(each.path("at").asInt(), each.path("item"));
    }
  }

  private void splice(JsonNode each) {
    var field = each.path("field").asText();
    var text = place(each).path(field).asText();
    var at = each.path("at").asInt();
    var rest = text.substring(at + each.path("delete").asInt());
    place(each).put(field, text.substring(0, at) + each.path("insert").asText() + rest);
  }

  private ObjectNode place(JsonNode each) {
    return item(each.path("map").asText(), each.path("key").asText());
  }

  private ObjectNode item(String map, String key) {
    for (var entry : state.path(map).isArray() ? state.path(map) : state.arrayNode()) {
      if (entry.path("id").asText().equals(key) && entry instanceof ObjectNode found) {
        return found;
      }
    }
    return object(map).path(key) instanceof ObjectNode found
        ? found
        : JsonNodeFactory.instance.objectNode();
  }
}
