package dev.parlor.apps.message;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads and writes the JSON of the API. Reading is strict and bounded. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(AppLimits.JSON_DEPTH_MAX)
                          .maxStringLength(AppLimits.MESSAGE_BYTES_MAX)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads a message.
   *
   * @throws AppsException {@code invalid-request} or {@code too-large}
   */
  public static ObjectNode read(Bytes message) {
    if (message.length() > AppLimits.MESSAGE_BYTES_MAX) {
      throw AppsException.of(
          ErrorCode.TOO_LARGE, "a message has at most " + AppLimits.MESSAGE_BYTES_MAX + " bytes");
    }
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(message.buffer()).toString();
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw invalid("the message must be a JSON object");
    } catch (CharacterCodingException e) {
      throw invalid("the message is not UTF-8");
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw invalid(
          "the message is not JSON"
              + (at == null ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr()));
    }
  }

  private static AppsException invalid(String sentence) {
    return AppsException.of(ErrorCode.INVALID_REQUEST, sentence);
  }

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static Bytes bytes(ObjectNode value) {
    try {
      return Bytes.wrap(MAPPER.writeValueAsBytes(value));
    } catch (IOException e) {
      throw new IllegalStateException("an answer is always writable", e);
    }
  }
}
