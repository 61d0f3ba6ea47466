package dev.parlor.room.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.limits.FixedServiceLimits;

/** Reads and writes the JSON of the HTTP API. Reading is strict and bounded. */
public final class Json {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(FixedServiceLimits.JSON_DEPTH_MAX)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** Reads one untrusted JSON value. */
  public static JsonNode read(String text) throws JacksonException {
    return MAPPER.readTree(text);
  }

  /** The body of a reply as a tree. */
  static JsonNode tree(Reply reply) {
    try {
      return MAPPER.readTree(reply.body().toArray());
    } catch (java.io.IOException e) {
      throw new IllegalStateException("the body of a reply is JSON", e);
    }
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Converts a Java value to a JSON tree; a record becomes an object. */
  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  static Bytes bytes(Object value) {
    try {
      return Bytes.wrap(MAPPER.writeValueAsBytes(value));
    } catch (JacksonException e) {
      throw new IllegalStateException("a reply is always writable", e);
    }
  }

  static String string(Object value) {
    return bytes(value).toUtf8();
  }
}
