package dev.parlor.room.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.room.limits.FixedServiceLimits;
import java.io.IOException;
import java.io.Reader;

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

  private static final ObjectReader VALUE =
      MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  /** Reads one untrusted JSON value. */
  public static JsonNode read(String text) throws JacksonException {
    return MAPPER.readTree(text);
  }

  /** A parser of untrusted JSON, with the same limits. */
  static JsonParser parser(Reader text) throws IOException {
    return MAPPER.createParser(text);
  }

  /** The value at the parser's token. Tokens may follow it. */
  static JsonNode value(JsonParser parser) throws IOException {
    return VALUE.readTree(parser);
  }

  /** The body of a reply as a tree. */
  static JsonNode tree(Reply reply) {
    try {
      return MAPPER.readTree(reply.body().toArray());
    } catch (IOException e) {
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
