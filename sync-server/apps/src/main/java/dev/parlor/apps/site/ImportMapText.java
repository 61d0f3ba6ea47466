package dev.parlor.apps.site;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;

/**
 * The import map of a release, for the pages of the app.
 *
 * @param json the map as it is stored
 */
record ImportMapText(JsonNode json) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Modules with URLs under this path belong to the release and not to the whole server. */
  private static final String OF_RELEASE = "/~~calculated~~/";

  /** Reads a map; a map that is no JSON object counts as empty. */
  static ImportMapText read(Bytes stored) {
    try {
      return new ImportMapText(JSON.readTree(stored.toArray()));
    } catch (IOException _) {
      return new ImportMapText(JSON.createObjectNode());
    }
  }

  /** Whether modules can import this name. */
  boolean has(String specifier) {
    return json.path("imports").has(specifier);
  }

  /**
   * The map as the text of a script element. The URLs of the release's own modules become relative
   * to the page.
   *
   * @param depth the number of slashes in the path of the page below the root of the app
   */
  String script(int depth) {
    var map = json.isObject() ? json.<ObjectNode>deepCopy() : JSON.createObjectNode();
    if (map.get("imports") instanceof ObjectNode imports) {
      imports
          .properties()
          .forEach(
              entry -> {
                var url = entry.getValue().asText();
                if (url.startsWith(OF_RELEASE)) {
                  entry.setValue(TextNode.valueOf(SitePath.relative(url, depth)));
                }
              });
    }
    return HtmlText.json(map.toString());
  }

  /** Values as JSON in the text of a script element. */
  static String values(Object value) {
    try {
      return HtmlText.json(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are JSON", e);
    }
  }
}
