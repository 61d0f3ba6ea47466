package dev.parlor.room.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Rooms that older pages and servers have written; the page's reader is tested with the same file.
 */
class OlderClientsProperties {
  private static final JsonNode VECTOR = Vectors.json("new-fields.json");
  private static final RoomView WHOLE = without(Set.of());

  private static List<String> newFields() {
    List<String> fields = new ArrayList<>();
    VECTOR.get("newFields").forEach(field -> fields.add(field.asText()));
    return fields;
  }

  private static RoomView without(Set<String> fields) {
    JsonNode document = VECTOR.get("document").deepCopy();
    for (String field : fields) {
      int end = field.lastIndexOf('.');
      JsonNode owner = document.at("/" + field.substring(0, end).replace('.', '/'));
      assertNotNull(((ObjectNode) owner).remove(field.substring(end + 1)), field);
    }
    return RoomView.read(value(document));
  }

  private static Value value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        TreeMap<String, Value> entries = new TreeMap<>();
        node.properties().forEach(entry -> entries.put(entry.getKey(), value(entry.getValue())));
        yield new Value.MapOf(entries);
      }
      case ARRAY -> {
        List<Value> items = new ArrayList<>();
        node.forEach(item -> items.add(value(item)));
        yield Value.list(items);
      }
      case STRING -> Value.text(node.asText());
      case NUMBER -> Value.of(node.asLong());
      case BOOLEAN -> Value.of(node.asBoolean());
      default -> Value.NULL;
    };
  }

  @Provide
  Arbitrary<Set<String>> someNewFields() {
    return Arbitraries.of(newFields()).set();
  }

  @Property(tries = 200)
  @Label("a room without fields that older pages do not write reads as before, without problems")
  void newFieldsMayBeMissing(@ForAll("someNewFields") Set<String> missing) {
    RoomView room = without(missing);
    assertEquals(List.of(), room.problems());
    assertEquals(WHOLE.title(), room.title());
    assertEquals(WHOLE.cards(), room.cards());
    assertEquals(WHOLE.participants(), room.participants());
    assertEquals(WHOLE.chat(), room.chat());
    assertEquals(WHOLE.notes(), room.notes());
    assertEquals(WHOLE.windows().getFirst().title(), room.windows().getFirst().title());
    assertEquals(WHOLE.windows().getFirst().type(), room.windows().getFirst().type());
    assertEquals(WHOLE.generation().grant(), room.generation().grant());
    assertEquals(WHOLE.generation().grants(), room.generation().grants());
    Lock lock = Objects.requireNonNull(room.generation().lock());
    assertEquals(
        List.of("r2", "anna", "And then?", List.of("c1")),
        List.of(lock.request(), lock.by(), lock.query(), lock.cards()));
    Result result = room.results().getFirst();
    assertEquals("An answer.", String.join("", result.chunks()));
    assertEquals(Result.Status.DONE, result.status());
  }

  @Example
  @Label(
      "a room without any of the new fields has an empty queue and one slot, and its lock starts a conversation")
  void newFieldsHaveDefaults() {
    RoomView room = without(Set.copyOf(newFields()));
    assertEquals(List.of(), room.generation().queue());
    assertEquals(1, room.settings().slots());
    Lock lock = Objects.requireNonNull(room.generation().lock());
    assertEquals("", lock.after());
    assertEquals(List.of(), lock.attach());
  }
}
