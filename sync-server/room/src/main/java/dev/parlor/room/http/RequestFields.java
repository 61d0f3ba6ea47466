package dev.parlor.room.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a request's JSON body, read strictly. An unknown field, a wrong type, a text that
 * is too long, and a text with an unpaired surrogate are refused; the problem names the field.
 */
final class RequestFields {
  private final ObjectNode object;

  private RequestFields(ObjectNode object) {
    this.object = object;
  }

  /**
   * Reads a body that may have only these fields; an empty body is an empty object.
   *
   * @throws ProblemException 400, naming the invalid field if any
   */
  static RequestFields parse(Bytes body, String... allowedNames) {
    return new RequestFields(object(body, List.of(allowedNames)));
  }

  /** Reads the fields of an object that may have only these fields. */
  static RequestFields of(ObjectNode object, List<String> allowed) {
    refuseUnknown(object, allowed);
    return new RequestFields(object);
  }

  /**
   * Reads a body as an object that may have only these fields; an empty body is an empty object.
   *
   * @throws ProblemException 400, naming the invalid field if any
   */
  static ObjectNode object(Bytes body, List<String> allowed) {
    var object = body.isEmpty() ? Json.object() : object(body);
    refuseUnknown(object, allowed);
    return object;
  }

  private static void refuseUnknown(ObjectNode object, List<String> allowed) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!allowed.contains(name)) {
                var shortName = Texts.shortened(Texts.wellFormed(name), 81);
                throw new ProblemDetail(
                        400,
                        "unknown-field",
                        "there is no field “"
                            + shortName
                            + "” here"
                            + (allowed.isEmpty()
                                ? ""
                                : "; known are " + String.join(", ", allowed)),
                        shortName,
                        java.util.Map.of(),
                        java.util.Map.of())
                    .thrown();
              }
            });
  }

  private static ObjectNode object(Bytes body) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.toArray())).toString();
    } catch (CharacterCodingException e) {
      throw ProblemDetail.of(400, "not-utf8", "the body is not UTF-8").thrown();
    }
    JsonNode node;
    try {
      node = Json.read(text);
    } catch (JacksonException e) {
      var location = e.getLocation();
      throw ProblemDetail.of(
              400,
              "not-json",
              "the body is not JSON"
                  + (location == null
                      ? ""
                      : ": line " + location.getLineNr() + ", column " + location.getColumnNr()))
          .thrown();
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw ProblemDetail.of(400, "not-an-object", "the body must be a JSON object").thrown();
  }

  /** A required text that is not blank. */
  String text(String name, int lengthMax) {
    var text =
        optionalText(name, lengthMax)
            .orElseThrow(() -> ProblemDetail.field(400, name, name + " is missing").thrown());
    if (text.isBlank()) {
      throw ProblemDetail.field(400, name, name + " is empty").thrown();
    }
    return text;
  }

  /** A required text of one line, without white space around it. */
  String line(String name, int lengthMax) {
    return oneLine(name, text(name, lengthMax));
  }

  Optional<String> optionalLine(String name, int lengthMax) {
    return optionalText(name, lengthMax).map(text -> oneLine(name, text));
  }

  /** A text of at most {@code lengthMax} UTF-16 units; empty if the field is missing or null. */
  Optional<String> optionalText(String name, int lengthMax) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw ProblemDetail.field(400, name, name + " must be a text").thrown();
    }
    var text = node.textValue();
    if (text.length() > lengthMax) {
      throw ProblemDetail.field(
              400,
              name,
              name + " has " + text.length() + " characters; at most " + lengthMax + " fit")
          .with("lengthMax", lengthMax)
          .thrown();
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw ProblemDetail.field(400, name, name + " contains half of a surrogate pair").thrown();
    }
    if (text.chars().anyMatch(c -> (c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)) {
      throw ProblemDetail.field(400, name, name + " holds a control character").thrown();
    }
    return Optional.of(text);
  }

  /** A whole number from {@code min} to {@code max}, both included; empty if missing or null. */
  Optional<Long> optionalInteger(String name, long min, long max) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < min
        || node.longValue() > max) {
      throw ProblemDetail.field(
              400, name, name + " must be a whole number from " + min + " to " + max)
          .thrown();
    }
    return Optional.of(node.longValue());
  }

  /** A boolean; false if the field is missing or null. */
  boolean optionalFlag(String name) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return false;
    }
    if (!node.isBoolean()) {
      throw ProblemDetail.field(400, name, name + " must be true or false").thrown();
    }
    return node.booleanValue();
  }

  /** A required text, which may be empty. */
  String presentText(String name, int lengthMax) {
    return optionalText(name, lengthMax)
        .orElseThrow(() -> ProblemDetail.field(400, name, name + " is missing").thrown());
  }

  /**
   * A list of texts of one line; empty if missing or null.
   *
   * @param most the most entries
   */
  List<String> optionalLines(String name, int most, int lengthMax) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return List.of();
    }
    if (!node.isArray() || node.size() > most) {
      throw ProblemDetail.field(400, name, name + " must be a list of at most " + most + " texts")
          .thrown();
    }
    List<String> all = new ArrayList<>();
    for (var entry : node) {
      if (!entry.isTextual()
          || entry.textValue().isEmpty()
          || entry.textValue().length() > lengthMax) {
        throw ProblemDetail.field(400, name, name + " must be a list of texts").thrown();
      }
      all.add(entry.textValue());
    }
    return all;
  }

  /** Whether the field is present and not null. */
  boolean has(String name) {
    return object.hasNonNull(name);
  }

  /** As {@link #optionalFlag}; empty if the field is missing or null. */
  Optional<Boolean> flagIfPresent(String name) {
    return has(name) ? Optional.of(optionalFlag(name)) : Optional.empty();
  }

  /** A required integer. */
  long integer(String name, long min, long max) {
    return optionalInteger(name, min, max)
        .orElseThrow(() -> ProblemDetail.field(400, name, name + " is missing").thrown());
  }

  /** A nested object of any fields; empty if missing or null. */
  Optional<ObjectNode> optionalTree(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    if (!(object.get(name) instanceof ObjectNode inner)) {
      throw ProblemDetail.field(400, name, name + " must be an object").thrown();
    }
    return Optional.of(inner);
  }

  /** A nested object that may have only these fields; empty if missing or null. */
  Optional<RequestFields> optionalObject(String name, String... allowedNames) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!(node instanceof ObjectNode inner)) {
      throw ProblemDetail.field(400, name, name + " must be an object").thrown();
    }
    return Optional.of(parse(Bytes.utf8(inner.toString()), allowedNames));
  }

  /**
   * A list of objects that may have only these fields; empty if missing or null.
   *
   * @param most the most entries
   */
  List<RequestFields> optionalObjects(String name, int most, String... allowedNames) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw ProblemDetail.field(400, name, name + " must be a list").thrown();
    }
    if (node.size() > most) {
      throw ProblemDetail.field(
              400, name, name + " has " + node.size() + " entries; at most " + most + " fit")
          .thrown();
    }
    List<RequestFields> all = new ArrayList<>();
    for (var entry : node) {
      if (!(entry instanceof ObjectNode inner)) {
        throw ProblemDetail.field(400, name, name + " must be a list of objects").thrown();
      }
      all.add(parse(Bytes.utf8(inner.toString()), allowedNames));
    }
    return all;
  }

  /** A list of texts of at most {@code most} entries; empty if missing or null. */
  Optional<List<String>> optionalTexts(String name, int most) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isArray() || node.isEmpty() || node.size() > most) {
      throw ProblemDetail.field(400, name, name + " must be a list of 1 to " + most + " texts")
          .thrown();
    }
    List<String> all = new ArrayList<>();
    for (var entry : node) {
      if (!entry.isTextual()) {
        throw ProblemDetail.field(400, name, name + " must be a list of texts").thrown();
      }
      all.add(entry.textValue());
    }
    return Optional.of(all);
  }

  /** The text members of a nested object; members of other types are ignored. */
  Optional<Map<String, String>> optionalTextMap(String name) {
    var node = object.get(name);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!(node instanceof ObjectNode inner)) {
      throw ProblemDetail.field(400, name, name + " must be an object").thrown();
    }
    var texts = new LinkedHashMap<String, String>();
    inner
        .properties()
        .forEach(
            member -> {
              if (member.getValue().isTextual()) {
                texts.put(member.getKey(), member.getValue().textValue());
              }
            });
    return Optional.of(texts);
  }

  private static String oneLine(String name, String text) {
    var stripped = text.strip();
    if (stripped.chars().anyMatch(c -> c < ' ' || c == 0x2028 || c == 0x2029)) {
      throw ProblemDetail.field(400, name, name + " must be a single line").thrown();
    }
    return stripped;
  }
}
