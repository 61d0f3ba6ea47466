package dev.parlor.model.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** A JSON file with comments, and the line of each of its values. */
final class JsonLines {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_YAML_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();
  private static final ObjectMapper JSON = new ObjectMapper(FACTORY);

  private final String file;
  private final JsonNode root;
  private final Map<String, Integer> lines;

  private JsonLines(String file, JsonNode root, Map<String, Integer> lines) {
    this.file = file;
    this.root = root;
    this.lines = lines;
  }

  /** The outcome of parsing. */
  sealed interface Parsed {
    record Ok(JsonLines json) implements Parsed {}

    record Refused(String problem) implements Parsed {}
  }

  static Parsed parse(String file, String text) {
    try {
      Map<String, Integer> lines = lines(text);
      JsonNode root = JSON.readTree(text);
      return root.isObject()
          ? new Parsed.Ok(new JsonLines(file, root, lines))
          : new Parsed.Refused(file + " line 1: must be a JSON object with the field endpoints");
    } catch (JsonProcessingException e) {
      var location = e.getLocation();
      return new Parsed.Refused(
          file
              + " line "
              + (location == null ? 1 : location.getLineNr())
              + ": is not JSON here; a comma, a quote or a bracket may be missing or double, or a"
              + " field stands twice");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("a text is always readable", e);
    }
  }

  private static Map<String, Integer> lines(String text) throws IOException {
    Map<String, Integer> lines = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(text)) {
      while (parser.nextToken() != null) {
        String path = parser.getParsingContext().pathAsPointer().toString();
        lines.putIfAbsent(path, parser.currentTokenLocation().getLineNr());
      }
    }
    return lines;
  }

  JsonNode root() {
    return root;
  }

  ArrayNode emptyList() {
    return JSON.createArrayNode();
  }

  /**
   * The place of a value for people, for example {@code models.json line 4,
   * endpoints[0].models[1].price}. A missing value has the line of its container.
   *
   * @param path a JSON pointer
   */
  String place(String path) {
    String known = path;
    while (!lines.containsKey(known) && known.contains("/")) {
      known = known.substring(0, known.lastIndexOf('/'));
    }
    int line = lines.getOrDefault(known, 1);
    String field = path.replaceAll("/(\\d+)", "[$1]").replace('/', '.').replaceFirst("^\\.", "");
    return file + " line " + line + (field.isEmpty() ? "" : ", " + field);
  }
}
