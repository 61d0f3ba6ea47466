package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.content.ContentValue;
import dev.parlor.crdt.content.Slot;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;

/**
 * The two forms of a document as JSON. The plain form has only values: a counter is its number, a
 * timestamp is text in ISO 8601, bytes are text in Base64, and where people wrote at the same time
 * only the winner is shown. The typed form has an object with {@code type} and {@code value} for
 * each value, and also marks and conflicting values. Pure.
 */
final class JsonForm {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Always with milliseconds, as JavaScript writes dates. */
  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private JsonForm() {}

  /** The plain form of a value. */
  static JsonNode plain(ContentValue value) {
    return switch (value) {
      case ContentValue.MapOf(_, var entries) -> {
        var object = NODES.objectNode();
        entries.forEach((key, slot) -> object.set(key, plain(slot.winner().value())));
        yield object;
      }
      case ContentValue.ListOf(_, var elements) -> {
        var array = NODES.arrayNode(elements.size());
        elements.forEach(element -> array.add(plain(element.slot().winner().value())));
        yield array;
      }
      case ContentValue.TextOf text -> NODES.textNode(text.text());
      case ContentValue.Null _ -> NODES.nullNode();
      case ContentValue.Bool(var flag) -> NODES.booleanNode(flag);
      case ContentValue.Int(var number) -> integer(number);
      case ContentValue.Uint(var bits) -> unsigned(bits);
      case ContentValue.Float64(var number) ->
          Double.isFinite(number) ? NODES.numberNode(number) : NODES.nullNode();
      case ContentValue.Str(var text) -> NODES.textNode(text);
      case ContentValue.Blob(var bytes) ->
          NODES.textNode(Base64.getEncoder().encodeToString(bytes.toArray()));
      case ContentValue.Counter(var sum) -> integer(sum);
      case ContentValue.Timestamp(var millis) -> NODES.textNode(iso(millis));
      case ContentValue.Unknown(_, var bytes) ->
          NODES.textNode(Base64.getEncoder().encodeToString(bytes.toArray()));
    };
  }

  /** A number as a JSON reader makes it, so that equal numbers are equal nodes. */
  private static JsonNode integer(long number) {
    return number == (int) number ? NODES.numberNode((int) number) : NODES.numberNode(number);
  }

  private static JsonNode unsigned(long bits) {
    return bits >= 0
        ? integer(bits)
        : NODES.numberNode(new BigInteger(Long.toUnsignedString(bits)));
  }

  /** A time in ISO 8601; the number of milliseconds if it is outside the years of ISO 8601. */
  static String iso(long millis) {
    try {
      return ISO.format(Instant.ofEpochMilli(millis));
    } catch (DateTimeException _) {
      return Long.toString(millis);
    }
  }

  /** The typed form of a value. */
  static ObjectNode typed(ContentValue value) {
    var node = NODES.objectNode();
    node.put("type", type(value));
    switch (value) {
      case ContentValue.MapOf(_, var entries) -> {
        var object = node.putObject("value");
        entries.forEach((key, slot) -> object.set(key, typed(slot)));
      }
      case ContentValue.ListOf(_, var elements) -> {
        var array = node.putArray("value");
        elements.forEach(element -> array.add(typed(element.slot())));
      }
      case ContentValue.TextOf text -> {
        node.put("value", text.text());
        addMarks(node, text);
      }
      case ContentValue.Float64(var number) when !Double.isFinite(number) ->
          node.put("value", Double.toString(number));
      case ContentValue.Unknown(var type, _) -> {
        node.put("code", type);
        node.set("value", plain(value));
      }
      default -> node.set("value", plain(value));
    }
    return node;
  }

  private static ObjectNode typed(Slot slot) {
    var node = typed(slot.winner().value());
    if (slot.values().size() > 1) {
      var conflicts = node.putArray("conflicts");
      slot.values().stream().skip(1).forEach(other -> conflicts.add(typed(other.value())));
    }
    return node;
  }

  private static void addMarks(ObjectNode node, ContentValue.TextOf text) {
    var marks = text.elements().marks();
    if (marks.isEmpty()) {
      return;
    }
    var array = node.putArray("marks");
    for (var mark : marks) {
      array
          .addObject()
          .put("name", mark.name())
          .put("start", mark.start())
          .put("end", mark.end())
          .set("value", plain(mark.value()));
    }
  }

  private static String type(ContentValue value) {
    return switch (value) {
      case ContentValue.MapOf _ -> "map";
      case ContentValue.ListOf _ -> "list";
      case ContentValue.TextOf _ -> "text";
      case ContentValue.Null _ -> "null";
      case ContentValue.Bool _ -> "boolean";
      case ContentValue.Int _ -> "int";
      case ContentValue.Uint _ -> "uint";
      case ContentValue.Float64 _ -> "float";
      case ContentValue.Str _ -> "string";
      case ContentValue.Blob _ -> "bytes";
      case ContentValue.Counter _ -> "counter";
      case ContentValue.Timestamp _ -> "timestamp";
      case ContentValue.Unknown _ -> "unknown";
    };
  }
}
