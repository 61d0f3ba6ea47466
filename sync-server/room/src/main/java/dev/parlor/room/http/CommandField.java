package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.schema.Named;
import java.util.Arrays;
import java.util.List;

/**
 * A field of a command. The registry refuses fields that a command does not have; the command reads
 * its fields with {@link RequestFields}, within the same limits.
 *
 * @param most the greatest length of a text in UTF-16 units, number of items, or value
 * @param choices the values that a text may have; empty if any text is allowed
 * @param meaning a sentence for the documentation
 */
record CommandField(
    String name,
    Kind kind,
    boolean required,
    long least,
    long most,
    List<String> choices,
    String meaning) {

  /** The type of a field in JSON. */
  enum Kind {
    /** A text of one line. */
    LINE,
    TEXT,
    INTEGER,
    FLAG,
    OBJECT,
    LIST
  }

  CommandField {
    choices = List.copyOf(choices);
  }

  static CommandField line(String name, int most, String meaning) {
    return new CommandField(name, Kind.LINE, false, 0, most, List.of(), meaning);
  }

  static CommandField text(String name, int most, String meaning) {
    return new CommandField(name, Kind.TEXT, false, 0, most, List.of(), meaning);
  }

  static CommandField choice(String name, Named[] values, String meaning) {
    var choices = Arrays.stream(values).map(Named::wire).sorted().toList();
    return new CommandField(name, Kind.LINE, false, 0, 40, choices, meaning);
  }

  static CommandField integer(String name, long least, long most, String meaning) {
    return new CommandField(name, Kind.INTEGER, false, least, most, List.of(), meaning);
  }

  static CommandField flag(String name, String meaning) {
    return new CommandField(name, Kind.FLAG, false, 0, 0, List.of(), meaning);
  }

  static CommandField object(String name, String meaning) {
    return new CommandField(name, Kind.OBJECT, false, 0, 0, List.of(), meaning);
  }

  static CommandField list(String name, int most, String meaning) {
    return new CommandField(name, Kind.LIST, false, 0, most, List.of(), meaning);
  }

  /** This field as a field that every call must have. */
  CommandField needed() {
    return new CommandField(name, kind, true, least, most, choices, meaning);
  }

  /** The JSON Schema of the field. */
  ObjectNode schema() {
    var json = Json.object();
    json.put("description", meaning);
    switch (kind) {
      case LINE, TEXT -> {
        json.put("type", "string").put("maxLength", most);
        if (!choices.isEmpty()) {
          choices.forEach(json.putArray("enum")::add);
        }
      }
      case INTEGER -> json.put("type", "integer").put("minimum", least).put("maximum", most);
      case FLAG -> json.put("type", "boolean");
      case OBJECT -> json.put("type", "object");
      case LIST -> json.put("type", "array").put("maxItems", most);
    }
    return json;
  }
}
