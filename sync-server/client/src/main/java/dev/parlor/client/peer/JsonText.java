package dev.parlor.client.peer;

import dev.parlor.crdt.replica.Value;
import java.util.Base64;
import java.util.Locale;

/**
 * Values as JSON text, indented by two spaces. Texts and strings are JSON strings, counters are
 * numbers, timestamps are milliseconds, bytes are base64. Pure.
 */
final class JsonText {
  private static final String INDENT = "  ";

  private JsonText() {}

  static String of(Value value) {
    var out = new StringBuilder();
    write(out, value, 0);
    return out.toString();
  }

  private static void write(StringBuilder out, Value value, int level) {
    switch (value) {
      case Value.Null _ -> out.append("null");
      case Value.Bool(var flag) -> out.append(flag);
      case Value.Int(var number) -> out.append(number);
      case Value.Uint(var number) -> out.append(number);
      case Value.Float(var number) -> out.append(Double.isFinite(number) ? number : "null");
      case Value.Counter(var number) -> out.append(number);
      case Value.Timestamp(var millis) -> out.append(millis);
      case Value.Str(var text) -> string(out, text);
      case Value.Text(var text) -> string(out, text);
      case Value.Blob(var bytes) ->
          string(out, Base64.getEncoder().encodeToString(bytes.toArray()));
      case Value.MapOf(var entries) -> {
        var separator = "";
        out.append('{');
        for (var entry : entries.entrySet()) {
          out.append(separator).append('\n').append(INDENT.repeat(level + 1));
          string(out, entry.getKey());
          out.append(": ");
          write(out, entry.getValue(), level + 1);
          separator = ",";
        }
        end(out, entries.isEmpty(), '}', level);
      }
      case Value.ListOf(var items) -> {
        var separator = "";
        out.append('[');
        for (var item : items) {
          out.append(separator).append('\n').append(INDENT.repeat(level + 1));
          write(out, item, level + 1);
          separator = ",";
        }
        end(out, items.isEmpty(), ']', level);
      }
    }
  }

  private static void end(StringBuilder out, boolean isEmpty, char bracket, int level) {
    if (!isEmpty) {
      out.append('\n').append(INDENT.repeat(level));
    }
    out.append(bracket);
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (var i = 0; i < text.length(); i++) {
      var character = text.charAt(i);
      switch (character) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (character < ' ' || (Character.isSurrogate(character) && !isPaired(text, i))) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
          } else {
            out.append(character);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }
}
