package dev.parlor.apps.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of a JSON object from a client. Each reading method refuses a field of another type
 * and names its path. It remembers the names that were read, for {@link #unread}. Used by one
 * thread.
 */
public final class Fields {
  private final ObjectNode object;
  private final String path;
  private final Set<String> read = new HashSet<>();

  /** The fields of a payload; paths start with the name of the field. */
  public Fields(ObjectNode object) {
    this(object, "");
  }

  private Fields(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** The path of a field for errors. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** A required text. */
  public String text(String name) {
    return optionalText(name)
        .orElseThrow(() -> AppsException.field(path(name), path(name) + " is missing"));
  }

  /** A text; empty if the field is missing or null. */
  public Optional<String> optionalText(String name) {
    var node = get(name);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (!node.get().isTextual()) {
      throw AppsException.field(path(name), path(name) + " must be a string");
    }
    var text = node.get().textValue();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw AppsException.field(path(name), path(name) + " has half of a surrogate pair");
    }
    return Optional.of(text);
  }

  /** A required text of at most this many characters. */
  public String text(String name, int lengthMax) {
    var text = text(name);
    if (text.length() > lengthMax) {
      throw AppsException.field(
          path(name), path(name) + " has at most " + lengthMax + " characters");
    }
    return text;
  }

  /** A boolean; {@code absent} if the field is missing or null. */
  public boolean flag(String name, boolean absent) {
    return optionalFlag(name).orElse(absent);
  }

  /** A boolean; empty if the field is missing or null. */
  public Optional<Boolean> optionalFlag(String name) {
    var node = get(name);
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (!node.get().isBoolean()) {
      throw AppsException.field(path(name), path(name) + " must be true or false");
    }
    return Optional.of(node.get().booleanValue());
  }

  /** A required whole number. */
  public long whole(String name) {
    var node = get(name);
    if (node.isEmpty()) {
      throw AppsException.field(path(name), path(name) + " is missing");
    }
    return whole(name, node.get());
  }

  /** A whole number; {@code absent} if the field is missing or null. */
  public long whole(String name, long absent) {
    return get(name).map(node -> whole(name, node)).orElse(absent);
  }

  private long whole(String name, JsonNode node) {
    // JavaScript has one type of numbers, so 6.0 is the whole number 6.
    if (!node.isNumber()
        || node.doubleValue() != Math.rint(node.doubleValue())
        || Math.abs(node.doubleValue()) > 1L << 53) {
      throw AppsException.field(path(name), path(name) + " must be a whole number");
    }
    return node.longValue();
  }

  /** The elements of a required list. */
  public List<JsonNode> list(String name) {
    var node = get(name);
    if (node.isEmpty()) {
      throw AppsException.field(path(name), path(name) + " is missing");
    }
    if (!node.get().isArray()) {
      throw AppsException.field(path(name), path(name) + " must be a list");
    }
    var elements = new ArrayList<JsonNode>();
    node.get().forEach(elements::add);
    return elements;
  }

  /** The objects of a required list, each with its own path. */
  public List<Fields> objects(String name) {
    var objects = new ArrayList<Fields>();
    for (var element : list(name)) {
      var at = path(name) + "[" + objects.size() + "]";
      if (!(element instanceof ObjectNode inner)) {
        throw AppsException.field(at, at + " must be an object");
      }
      objects.add(new Fields(inner, at));
    }
    return objects;
  }

  /** A nested object; empty if the field is missing or null. */
  public Optional<Fields> optionalObject(String name) {
    return get(name)
        .map(
            node -> {
              if (!(node instanceof ObjectNode inner)) {
                throw AppsException.field(path(name), path(name) + " must be an object");
              }
              return new Fields(inner, path(name));
            });
  }

  /** A map of texts; empty if the field is missing or null. */
  public Map<String, String> texts(String name) {
    var inner = optionalObject(name);
    if (inner.isEmpty()) {
      return Map.of();
    }
    var texts = new LinkedHashMap<String, String>();
    inner.get().object.fieldNames().forEachRemaining(key -> texts.put(key, inner.get().text(key)));
    return texts;
  }

  /** A value of any type; empty if the field is missing or null. */
  public Optional<JsonNode> get(String name) {
    read.add(name);
    var node = object.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  /** The names of fields that no method has read. */
  public List<String> unread() {
    var names = new ArrayList<String>();
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!read.contains(name)) {
                names.add(name);
              }
            });
    return names;
  }
}
