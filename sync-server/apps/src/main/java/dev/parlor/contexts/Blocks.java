package dev.parlor.contexts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.apps.error.AppsException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Checks the blocks of a section: their type and the fields that every block of the type has. Other
 * fields are kept as given.
 */
final class Blocks {

  /** A kind of value, with its description for people. */
  private record Kind(String description, Predicate<JsonNode> accepts) {
    private static final Kind TEXT = new Kind("a string", JsonNode::isTextual);
    private static final Kind NUMBER = new Kind("a number", JsonNode::isNumber);
    private static final Kind TIME =
        new Kind("a date as a string or a number", node -> node.isTextual() || node.isNumber());
    private static final Kind REQUEST =
        new Kind("an object with model and messages", Blocks::isRequest);
  }

  private record Field(String name, Kind kind) {}

  private static final List<Field> PROMPT =
      List.of(new Field("streamId", Kind.TEXT), new Field("timestamp", Kind.TIME));
  private static final List<Field> PROMPT_WITH_REQUEST =
      List.of(
          new Field("streamId", Kind.TEXT),
          new Field("request", Kind.REQUEST),
          new Field("timestamp", Kind.TIME));
  private static final List<Field> BLOCK =
      List.of(
          new Field("blockId", Kind.TEXT),
          new Field("streamId", Kind.TEXT),
          new Field("seq", Kind.NUMBER),
          new Field("blockNr", Kind.NUMBER),
          new Field("timestamp", Kind.TIME));
  private static final List<Field> LINE =
      List.of(
          new Field("blockId", Kind.TEXT),
          new Field("streamId", Kind.TEXT),
          new Field("seq", Kind.NUMBER),
          new Field("blockNr", Kind.NUMBER),
          new Field("timestamp", Kind.TIME),
          new Field("lineNr", Kind.NUMBER),
          new Field("line", Kind.TEXT));

  private static final Map<String, List<Field>> TYPES =
      Map.ofEntries(
          Map.entry("prompt.txt", PROMPT_WITH_REQUEST),
          Map.entry("prompt.req", PROMPT_WITH_REQUEST),
          Map.entry("prompt.block-begin", PROMPT),
          Map.entry("prompt.block-end", PROMPT),
          Map.entry("prompt.error", PROMPT),
          Map.entry("block.begin", BLOCK),
          Map.entry("block.end", BLOCK),
          Map.entry("block.stats", BLOCK),
          Map.entry("block.image", BLOCK),
          Map.entry("block.toplevel.begin", BLOCK),
          Map.entry("block.toplevel.line", LINE),
          Map.entry("block.toplevel.end", BLOCK),
          Map.entry("block.code.begin", BLOCK),
          Map.entry("block.code.line", LINE),
          Map.entry("block.code.end", BLOCK),
          Map.entry("block.code.truncated", BLOCK));

  private Blocks() {}

  /**
   * Checks all blocks.
   *
   * @throws AppsException naming the first invalid field, for example {@code blocks[2].streamId}
   */
  static void check(List<JsonNode> blocks) {
    if (blocks.isEmpty()) {
      throw AppsException.field("blocks", "blocks must have at least one block");
    }
    for (var at = 0; at < blocks.size(); at++) {
      check("blocks[" + at + "]", blocks.get(at));
    }
  }

  private static void check(String path, JsonNode block) {
    if (!block.isObject()) {
      throw AppsException.field(path, path + " must be an object");
    }
    var type = block.path("type");
    var fields = type.isTextual() ? TYPES.get(type.textValue()) : null;
    if (fields == null) {
      throw AppsException.field(
          path + ".type",
          path
              + ".type is not the type of a block; known are "
              + String.join(", ", TYPES.keySet().stream().sorted().toList()));
    }
    for (var field : fields) {
      if (!field.kind().accepts().test(block.path(field.name()))) {
        var name = path + "." + field.name();
        throw AppsException.field(name, name + " must be " + field.kind().description());
      }
    }
  }

  private static boolean isRequest(JsonNode node) {
    return node.isObject() && node.path("model").isTextual() && node.path("messages").isArray();
  }
}
