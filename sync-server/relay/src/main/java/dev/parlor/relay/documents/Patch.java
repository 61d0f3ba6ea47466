package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.relay.documents.DocumentFault.Kind;

/** A patch of a document in plain JSON. */
public sealed interface Patch {

  /** The content after the patch; may change the given content. */
  JsonNode apply(JsonNode content);

  /** Whether the result depends on parts of the document that the patch does not write. */
  default boolean testsDocument() {
    return false;
  }

  /** A merge patch (RFC 7396): null removes, an object is merged, all else replaces. */
  record Merge(JsonNode patch) implements Patch {
    @Override
    public JsonNode apply(JsonNode content) {
      return merge(content, patch);
    }

    private static JsonNode merge(JsonNode target, JsonNode patch) {
      if (!(patch instanceof ObjectNode entries)) {
        return patch;
      }
      var merged =
          target instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
      for (var entry : entries.properties()) {
        if (entry.getValue().isNull()) {
          merged.remove(entry.getKey());
        } else {
          merged.set(entry.getKey(), merge(merged.path(entry.getKey()), entry.getValue()));
        }
      }
      return merged;
    }
  }

  /** A JSON patch (RFC 6902): a list of operations, of which all apply or none. */
  record Operations(JsonPatch patch) implements Patch {
    @Override
    public JsonNode apply(JsonNode content) {
      return patch.apply(content);
    }

    @Override
    public boolean testsDocument() {
      return patch.hasTest();
    }
  }

  /** Checks that the content after a patch can be a document. */
  static ObjectNode requireObject(JsonNode content) {
    if (content instanceof ObjectNode object) {
      return object;
    }
    throw DocumentFault.field(Kind.UNACCEPTABLE, "", "the root of a document is an object");
  }
}
