package dev.parlor.relay.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A JSON patch (RFC 6902). Faults name the operation by its place in the patch. Pure. */
final class JsonPatch {
  private static final Set<String> WITH_VALUE = Set.of("add", "replace", "test");
  private static final Set<String> WITH_FROM = Set.of("move", "copy");

  /** Values that a patch may copy together, in nodes; copies of copies grow exponentially. */
  private static final int COPIED_NODES_MAX = 100_000;

  private record Operation(String op, List<String> path, List<String> from, JsonNode value) {}

  private final List<Operation> operations;

  private JsonPatch(List<Operation> operations) {
    this.operations = operations;
  }

  /** Reads a patch. */
  static JsonPatch read(JsonNode json, int operationsMax) {
    if (!json.isArray()) {
      throw DocumentFault.field(
          Kind.MALFORMED, "", "a JSON patch is an array of operations (RFC 6902)");
    }
    if (json.size() > operationsMax) {
      throw DocumentFault.field(
          Kind.UNACCEPTABLE, "", "a JSON patch has at most " + operationsMax + " operations");
    }
    var operations = new ArrayList<Operation>();
    for (var i = 0; i < json.size(); i++) {
      operations.add(operation(json.get(i), "/" + i));
    }
    return new JsonPatch(operations);
  }

  private static Operation operation(JsonNode json, String field) {
    var op = json.path("op").asText();
    var isRemove = op.equals("remove");
    if (!isRemove && !WITH_VALUE.contains(op) && !WITH_FROM.contains(op)) {
      throw DocumentFault.field(
          Kind.MALFORMED, field + "/op", "op is add, remove, replace, move, copy or test");
    }
    var path = pointer(json, "path", field);
    var from = WITH_FROM.contains(op) ? pointer(json, "from", field) : List.<String>of();
    if (WITH_VALUE.contains(op) && !json.has("value")) {
      throw DocumentFault.field(Kind.MALFORMED, field + "/value", op + " needs a value");
    }
    if (op.equals("move")
        && path.size() > from.size()
        && path.subList(0, from.size()).equals(from)) {
      throw DocumentFault.field(
          Kind.UNACCEPTABLE, field + "/path", "a value cannot be moved into itself");
    }
    return new Operation(op, path, from, json.path("value"));
  }

  private static List<String> pointer(JsonNode json, String name, String field) {
    var text = json.path(name);
    if (!text.isTextual() || !isPointer(text.textValue())) {
      throw DocumentFault.field(
          Kind.MALFORMED, field + "/" + name, name + " is a JSON pointer, as /list/0/title");
    }
    if (text.textValue().isEmpty()) {
      return List.of();
    }
    var steps = new ArrayList<String>();
    for (var step : text.textValue().substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return List.copyOf(steps);
  }

  private static boolean isPointer(String text) {
    return (text.isEmpty() || text.startsWith("/")) && !text.matches("(?s).*~([^01].*|$)");
  }

  boolean hasTest() {
    return operations.stream().anyMatch(operation -> operation.op().equals("test"));
  }

  /** Applies all operations to the content and returns the result. */
  JsonNode apply(JsonNode content) {
    var result = content;
    var copied = 0;
    for (var i = 0; i < operations.size(); i++) {
      var operation = operations.get(i);
      var field = "/" + i;
      switch (operation.op()) {
        case "add" -> result = add(result, operation.path(), copyOf(operation.value()), field);
        case "remove" -> result = remove(result, operation.path(), field);
        case "replace" -> {
          find(result, operation.path(), field + "/path");
          result = replace(result, operation.path(), copyOf(operation.value()), field);
        }
        case "move" -> {
          var moved = find(result, operation.from(), field + "/from");
          result = remove(result, operation.from(), field);
          result = add(result, operation.path(), moved, field);
        }
        case "copy" -> {
          var source = find(result, operation.from(), field + "/from");
          copied += nodes(source, COPIED_NODES_MAX - copied);
          if (copied > COPIED_NODES_MAX) {
            throw DocumentFault.field(
                Kind.UNACCEPTABLE, field, "a patch copies at most " + COPIED_NODES_MAX + " values");
          }
          result = add(result, operation.path(), copyOf(source), field);
        }
        default -> {
          if (!DocumentJson.same(
              find(result, operation.path(), field + "/path"), operation.value())) {
            throw DocumentFault.field(
                Kind.CONFLICT, field, "the test failed: the document has another value");
          }
        }
      }
    }
    return result;
  }

  /** A copy, because later operations may change the value. */
  private static JsonNode copyOf(JsonNode value) {
    return value.deepCopy();
  }

  /** The number of values in a value, counted up to just above a limit. */
  private static int nodes(JsonNode value, int max) {
    var count = 1;
    for (var child : value) {
      if (count > max) {
        break;
      }
      count += nodes(child, max - count);
    }
    return count;
  }

  private static JsonNode find(JsonNode root, List<String> path, String field) {
    var found = root;
    for (var step : path) {
      found =
          switch (found) {
            case ArrayNode array -> array.path(index(step, array.size() - 1, field));
            default -> found.path(step);
          };
      if (found.isMissingNode()) {
        throw DocumentFault.field(Kind.CONFLICT, field, "the document has no value at this path");
      }
    }
    return found;
  }

  private static JsonNode parent(JsonNode root, List<String> path, String field) {
    return find(root, path.subList(0, path.size() - 1), field);
  }

  private static int index(String step, int max, String field) {
    if (step.matches("0|[1-9][0-9]{0,8}")) {
      var index = Integer.parseInt(step);
      if (index <= max) {
        return index;
      }
    }
    throw DocumentFault.field(Kind.CONFLICT, field, "the array has no position " + step);
  }

  private static JsonNode add(JsonNode root, List<String> path, JsonNode value, String operation) {
    if (path.isEmpty()) {
      return value;
    }
    var field = operation + "/path";
    var last = path.getLast();
    switch (parent(root, path, field)) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array ->
          array.insert(last.equals("-") ? array.size() : index(last, array.size(), field), value);
      default ->
          throw DocumentFault.field(
              Kind.CONFLICT, field, "the value above this path is neither an object nor an array");
    }
    return root;
  }

  private static JsonNode replace(
      JsonNode root, List<String> path, JsonNode value, String operation) {
    if (path.isEmpty()) {
      return value;
    }
    var field = operation + "/path";
    var last = path.getLast();
    switch (parent(root, path, field)) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array -> array.set(index(last, array.size() - 1, field), value);
      default -> throw new IllegalStateException("the path was found");
    }
    return root;
  }

  private static JsonNode remove(JsonNode root, List<String> path, String operation) {
    var field = operation + "/path";
    if (path.isEmpty()) {
      throw DocumentFault.field(Kind.UNACCEPTABLE, field, "the root of a document stays");
    }
    find(root, path, field);
    switch (parent(root, path, field)) {
      case ObjectNode object -> object.remove(path.getLast());
      case ArrayNode array -> array.remove(index(path.getLast(), array.size() - 1, field));
      default -> throw new IllegalStateException("the path was found");
    }
    return root;
  }
}
