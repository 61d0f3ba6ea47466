package dev.parlor.relay.documents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.config.DocumentApiLimits;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;

/** Reads and writes JSON within limits. Pure. */
final class DocumentJson {

  /** The parser's second position in a message, which names no line of the body. */
  private static final String PARSER_POSITION = " \\(start marker at .*";

  private static final int NUMBER_LENGTH_MAX = 1_000;

  /** Numbers are equal if their values are, as 3 and 3.0. */
  private static final Comparator<JsonNode> BY_VALUE =
      (one, other) ->
          one.equals(other)
                  || (one.isNumber()
                      && other.isNumber()
                      && isFinite(one)
                      && isFinite(other)
                      && one.decimalValue().compareTo(other.decimalValue()) == 0)
              ? 0
              : 1;

  private final ObjectMapper mapper;
  private final int answerBytesMax;

  DocumentJson(DocumentApiLimits limits) {
    this.answerBytesMax = limits.answerBytesMax();
    var factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(limits.jsonDepthMax())
                    .maxStringLength(limits.jsonBytesMax())
                    .maxNumberLength(NUMBER_LENGTH_MAX)
                    .build())
            .build();
    this.mapper =
        JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  }

  /** Whether two values are the same JSON. */
  static boolean same(JsonNode one, JsonNode other) {
    return one.equals(BY_VALUE, other);
  }

  /** Whether a number is finite; a body may have numbers beyond the range of a double. */
  private static boolean isFinite(JsonNode number) {
    return !number.isFloatingPointNumber() || Double.isFinite(number.doubleValue());
  }

  /** Reads a body. */
  JsonNode read(Bytes body) {
    try {
      var json = mapper.readTree(body.toArray());
      if (json.isMissingNode()) {
        throw DocumentFault.of(Kind.MALFORMED, "not-json", "the body is empty");
      }
      return json;
    } catch (StreamConstraintsException e) {
      throw DocumentFault.of(
          Kind.MALFORMED, "not-json", "the JSON exceeds a limit: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw DocumentFault.of(
          Kind.MALFORMED,
          "not-json",
          "the body is not JSON"
              + (at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr())
              + ": "
              + e.getOriginalMessage().replaceFirst(PARSER_POSITION, ""));
    } catch (IOException e) {
      throw DocumentFault.of(Kind.MALFORMED, "not-json", "the body is not JSON in UTF-8");
    }
  }

  /** Writes an answer. */
  Bytes write(JsonNode json) {
    var out = new BoundedOutput(answerBytesMax);
    try {
      mapper.writeValue(out, json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document is not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.wrap(out.toByteArray());
  }

  private static final class BoundedOutput extends ByteArrayOutputStream {
    private final int bytesMax;

    BoundedOutput(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      if (count + (long) length > bytesMax) {
        throw DocumentFault.of(
            Kind.TOO_LARGE,
            "document-too-large",
            "the document has more than "
                + bytesMax
                + " bytes as JSON; it is available as an .automerge file only");
      }
      super.write(bytes, offset, length);
    }
  }
}
