package dev.parlor.relay.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.content.ChangeBuilder;
import dev.parlor.crdt.content.Content;
import dev.parlor.crdt.content.ContentReader;
import dev.parlor.crdt.content.ContentValue;
import dev.parlor.crdt.content.Place;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.relay.config.DocumentApiLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;

/** Patches of documents with all types of values. */
class ReconcilerProperties {
  private static final DocumentJson JSON = new DocumentJson(DocumentApiLimits.defaults());
  private static final List<String> KEYS = List.of("a", "b", "c", "", "\ud83d\ude00", "d/e~");
  private static final List<String> TEXTS =
      List.of("", "word ", "\ud83d\ude00", "e\u0301", "other words ");

  /** A history that checks each change as admission does. */
  private static final class Document {
    private final List<ChangeChunk> changes = new ArrayList<>();
    private final CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);

    Content content() {
      return ContentReader.read(changes, 1_000_000).orElseThrow();
    }

    String json() {
      return JsonForm.plain(content().root()).toString();
    }

    void add(ChangeChunk change) {
      assertInstanceOf(Offer.Added.class, checked.offer(change, null));
      changes.add(change);
    }

    ChangeChunk draft(int actor, String wanted) {
      return draft(actor, JSON.read(Bytes.utf8(wanted)));
    }

    ChangeChunk draft(int actor, JsonNode wanted) {
      var builder = builder(actor);
      new Reconciler(builder).reconcile(content().root(), wanted, "");
      return builder.build(0);
    }

    ChangeBuilder builder(int actor) {
      return new ChangeBuilder(content(), new ActorId(Bytes.wrap(new byte[] {(byte) actor})));
    }
  }

  private static JsonNode random(Random random, int depth) {
    var nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 3 ? 5 : 8)) {
      case 0 -> nodes.numberNode(random.nextLong(-3, 4));
      case 1 -> nodes.numberNode(random.nextLong());
      case 2 -> nodes.numberNode(random.nextDouble());
      case 3 -> random.nextBoolean() ? nodes.nullNode() : nodes.booleanNode(random.nextBoolean());
      case 4, 5 -> {
        var text = new StringBuilder();
        for (var i = random.nextInt(5); i > 0; i--) {
          text.append(TEXTS.get(random.nextInt(TEXTS.size())));
        }
        yield nodes.textNode(text.toString());
      }
      case 6 -> {
        var array = nodes.arrayNode();
        for (var i = random.nextInt(5); i > 0; i--) {
          array.add(random(random, depth + 1));
        }
        yield array;
      }
      default -> randomObject(random, depth + 1);
    };
  }

  private static ObjectNode randomObject(Random random, int depth) {
    var object = JsonNodeFactory.instance.objectNode();
    for (var i = random.nextInt(5); i > 0; i--) {
      object.set(KEYS.get(random.nextInt(KEYS.size())), random(random, depth));
    }
    return object;
  }

  @Property(tries = 500)
  @Label("any JSON object becomes the content of a document by a change that passes admission")
  void anyContent(@ForAll long seed) {
    var random = new Random(seed);
    var document = new Document();
    for (var i = 0; i < 4; i++) {
      var wanted = randomObject(random, 0);
      document.add(document.draft(random.nextInt(2), wanted));
      assertTrue(
          DocumentJson.same(wanted, JsonForm.plain(document.content().root())),
          () -> wanted + "\n" + document.json());
      var again = document.builder(1);
      new Reconciler(again).reconcile(document.content().root(), wanted, "");
      assertEquals(0, again.size(), "a patch to the same content changes nothing");
    }
  }

  @Example
  @Label("two concurrent patches of one text and one list both survive")
  void concurrentPatches() {
    var document = new Document();
    document.add(
        document.draft(1, "{\"text\":\"one two three\",\"list\":[1,2,{\"x\":1,\"y\":1}]}"));
    var one = document.draft(2, "{\"text\":\"1 two three\",\"list\":[0,1,2,{\"x\":2,\"y\":1}]}");
    var other = document.draft(3, "{\"text\":\"one two 3\",\"list\":[1,{\"x\":1,\"y\":2}]}");
    document.add(one);
    document.add(other);
    assertEquals("{\"list\":[0,1,{\"x\":2,\"y\":2}],\"text\":\"1 two 3\"}", document.json());
  }

  @Example
  @Label("values of special types keep their type: counter, timestamp, bytes, string, uint, float")
  void specialTypes() {
    var document = new Document();
    var builder = document.builder(1);
    var values =
        List.of(
            new ContentValue.Counter(3),
            new ContentValue.Timestamp(0),
            new ContentValue.Blob(Bytes.utf8("abc")),
            new ContentValue.Str("fixed"),
            new ContentValue.Uint(-1),
            new ContentValue.Float64(1.5));
    for (var i = 0; i < values.size(); i++) {
      builder.set(new Place.Key(null, "k" + i, List.of()), values.get(i));
    }
    document.add(builder.build(0));
    assertEquals(
        "{\"k0\":3,\"k1\":\"1970-01-01T00:00:00.000Z\",\"k2\":\"YWJj\",\"k3\":\"fixed\","
            + "\"k4\":18446744073709551615,\"k5\":1.5}",
        document.json());
    document.add(
        document.draft(
            2,
            "{\"k0\":5,\"k1\":\"2026-11-30T10:00:00Z\",\"k2\":\"\",\"k3\":\"other\",\"k4\":7,"
                + "\"k5\":2}"));
    var root = document.content().root();
    var found = new ArrayList<ContentValue>();
    root.entries().values().forEach(slot -> found.add(slot.winner().value()));
    assertEquals(
        List.of(
            new ContentValue.Counter(5),
            new ContentValue.Timestamp(1_796_032_800_000L),
            new ContentValue.Blob(Bytes.EMPTY),
            new ContentValue.Str("other"),
            new ContentValue.Uint(7),
            new ContentValue.Float64(2)),
        found);
    var fault =
        assertThrows(DocumentFault.class, () -> document.draft(2, "{\"k1\":\"yesterday\"}"));
    assertEquals("422 /k1", fault.kind().status() + " " + fault.field());
    fault = assertThrows(DocumentFault.class, () -> document.draft(2, "{\"k2\":\"?\"}"));
    assertEquals("422 /k2", fault.kind().status() + " " + fault.field());
    fault =
        assertThrows(
            DocumentFault.class,
            () -> document.draft(2, "{\"a\":[{\"b/c\":1" + "0".repeat(30) + "}]}"));
    assertEquals("422 /a/0/b~1c", fault.kind().status() + " " + fault.field());
  }

  @Example
  @Label("increments of a counter by two concurrent patches add up")
  void counters() {
    var document = new Document();
    var builder = document.builder(1);
    builder.set(new Place.Key(null, "n", List.of()), new ContentValue.Counter(10));
    document.add(builder.build(0));
    var one = document.draft(2, "{\"n\":11}");
    var other = document.draft(3, "{\"n\":8}");
    document.add(one);
    document.add(other);
    assertEquals("{\"n\":9}", document.json());
  }

  @Example
  @Label("the typed form names types and has the conflicting values of concurrent writers")
  void typedForm() {
    var document = new Document();
    document.add(document.draft(1, "{}"));
    var one = document.draft(2, "{\"a\":1,\"t\":\"x\"}");
    var other = document.draft(3, "{\"a\":[true]}");
    document.add(one);
    document.add(other);
    assertEquals(
        "{\"type\":\"map\",\"value\":{\"a\":{\"type\":\"list\",\"value\":[{\"type\":\"boolean\","
            + "\"value\":true}],\"conflicts\":[{\"type\":\"int\",\"value\":1}]},\"t\":{\"type\":"
            + "\"text\",\"value\":\"x\"}}}",
        JsonForm.typed(document.content().root()).toString());
  }
}
