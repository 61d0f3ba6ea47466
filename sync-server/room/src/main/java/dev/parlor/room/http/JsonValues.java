package dev.parlor.room.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.ArrayList;
import java.util.TreeMap;

/** Converts untrusted JSON to values of a document. The inverse of {@link RoomJson#plain}. */
final class JsonValues {

  private static final double SAFE_INTEGER_MAX = 9_007_199_254_740_991.0;

  private JsonValues() {}

  /**
   * Converts a value.
   *
   * @param path the path of the value, for problems
   * @throws ProblemException 422, naming the invalid field
   */
  static Value of(JsonNode node, String path) {
    return switch (node.getNodeType()) {
      case NULL -> Value.NULL;
      case BOOLEAN -> Value.of(node.booleanValue());
      case STRING -> Value.of(text(node.textValue(), path));
      case NUMBER -> number(node, path);
      case ARRAY -> {
        var items = new ArrayList<Value>(node.size());
        for (var i = 0; i < node.size(); i++) {
          items.add(of(node.get(i), path + "/" + i));
        }
        yield Value.list(items);
      }
      case OBJECT -> {
        var entries = new TreeMap<String, Value>();
        node.properties()
            .forEach(
                entry ->
                    entries.put(
                        key(entry.getKey(), path),
                        of(entry.getValue(), path(path, entry.getKey()))));
        yield new Value.MapOf(entries);
      }
      case BINARY, MISSING, POJO -> throw new IllegalStateException("no JSON: " + node);
    };
  }

  private static String path(String path, String key) {
    return path.isEmpty() ? key : path + "/" + key;
  }

  private static String key(String key, String path) {
    if (key.isEmpty()
        || key.length() > FixedServiceLimits.JSON_KEY_LENGTH_MAX
        || key.startsWith("__")
        || key.chars().anyMatch(c -> Character.isISOControl(c) || isSurrogate(c))) {
      var shortKey = Texts.shortened(Texts.wellFormed(key), 81);
      throw ProblemDetail.field(422, path(path, shortKey), "this is not a valid field name or id")
          .thrown();
    }
    return key;
  }

  /**
   * Whether a UTF-16 unit is half of a surrogate pair. The Automerge library accepts no character
   * in a key that needs a surrogate pair.
   */
  private static boolean isSurrogate(int unit) {
    return Character.isSurrogate((char) unit);
  }

  private static String text(String text, String path) {
    if (!Texts.isWellFormed(text)) {
      throw ProblemDetail.field(422, path, "contains half of a surrogate pair").thrown();
    }
    return text;
  }

  private static Value number(JsonNode node, String path) {
    var number = node.doubleValue();
    if (!Double.isFinite(number) || Math.abs(number) > SAFE_INTEGER_MAX) {
      throw ProblemDetail.field(422, path, "is a number out of range").thrown();
    }
    return node.isIntegralNumber() ? Value.of(node.longValue()) : Value.of(number);
  }
}
