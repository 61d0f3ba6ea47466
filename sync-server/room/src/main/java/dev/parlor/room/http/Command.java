package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A named action in a room, which each transport offers: HTTP, JSON sockets, and whatever comes.
 *
 * @param meaning a sentence for the documentation
 * @param handler does the action; it may wait for a commit and may throw {@link ProblemException}
 */
record Command(String name, String meaning, List<CommandField> fields, Handler handler) {

  /** The action of a command. */
  @FunctionalInterface
  interface Handler {
    Reply run(CommandCall call);
  }

  Command {
    fields = List.copyOf(fields);
  }

  List<String> fieldNames() {
    return fields.stream().map(CommandField::name).toList();
  }

  /** The JSON Schema of the command's fields. */
  ObjectNode schema() {
    var json = Json.object();
    json.put("title", name).put("description", meaning).put("type", "object");
    json.put("additionalProperties", false);
    var properties = json.putObject("properties");
    fields.forEach(field -> properties.set(field.name(), field.schema()));
    var required = fields.stream().filter(CommandField::required).map(CommandField::name).toList();
    if (!required.isEmpty()) {
      required.forEach(json.putArray("required")::add);
    }
    return json;
  }
}
