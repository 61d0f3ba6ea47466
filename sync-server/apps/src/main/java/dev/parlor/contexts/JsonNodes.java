package dev.parlor.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;

/** Lists of JSON values as JSON arrays. */
final class JsonNodes {
  private JsonNodes() {}

  static JsonNode array(List<JsonNode> values) {
    return JsonNodeFactory.instance.arrayNode().addAll(values);
  }

  static List<JsonNode> list(JsonNode array) {
    var values = new ArrayList<JsonNode>();
    array.forEach(values::add);
    return values;
  }
}
