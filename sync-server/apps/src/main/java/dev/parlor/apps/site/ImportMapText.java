package dev.parlor.apps.site;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;

/**
 * The import map of a release.
 *
 * @param script the map as the text of a script element
 */
record ImportMapText(JsonNode imports, String script) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads a map; a map that is no JSON object counts as empty. */
  static ImportMapText read(Bytes json) {
    try {
      var map = JSON.readTree(json.toArray());
      return new ImportMapText(map.path("imports"), HtmlText.json(map.toString()));
    } catch (java.io.IOException _) {
      return new ImportMapText(JSON.createObjectNode(), "{}");
    }
  }

  /** Whether the release imports packages by their names. */
  boolean hasImports() {
    return !imports.isEmpty();
  }

  /** Whether modules can import this name. */
  boolean has(String specifier) {
    return imports.has(specifier);
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
