package dev.parlor.crdt.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.parlor.crdt.document.RandomDocument;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.automerge.AmValue;
import org.automerge.Document;
import org.automerge.ObjectId;

/** The content of documents, compared with Automerge's bindings. */
class ContentProperties {
  private static final int OPERATIONS_MAX = 100_000;

  private static List<ChangeChunk> decoded(List<Bytes> chunks) {
    return chunks.stream()
        .map(chunk -> ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow())
        .toList();
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "a document with values, conflicts, counters and marks has the content that the bindings read")
  void sameAsTheBindings(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 0, max = 60) int changes) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var content = ContentReader.read(decoded(document.changes()), OPERATIONS_MAX).orElseThrow();
      assertSame(Document.load(document.save().toArray()), content);
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "a change to a random document passes admission, is encoded as the bindings encode it, and"
          + " has the same effect for the bindings")
  void newChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 0, max = 40) int changes) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var history = new ArrayList<>(decoded(document.changes()));
      var loaded = Document.load(document.save().toArray());
      var random = new Random(seed);
      var checked = new CheckedGraph(OperationLimits.DEFAULT);
      history.forEach(change -> assertInstanceOf(Offer.Added.class, checked.offer(change, null)));
      for (var i = 0; i < 3; i++) {
        var content = ContentReader.read(history, OPERATIONS_MAX).orElseThrow();
        var builder = new ChangeBuilder(content, new ActorId(Bytes.wrap(new byte[] {7, 7, 7})));
        edit(builder, content.root(), random);
        var change = builder.build(1_700_000_000);
        assertEquals(
            change, ChangeCodec.decode(change.plain(), FormatLimits.DEFAULT).orElseThrow());
        assertInstanceOf(Offer.Added.class, checked.offer(change, null));
        var before = loaded.getHeads();
        loaded.applyEncodedChanges(change.plain().toArray());
        assertEquals(change.plain(), Bytes.wrap(loaded.encodeChangesSince(before)));
        history.add(change);
      }
      assertSame(loaded, ContentReader.read(history, OPERATIONS_MAX).orElseThrow());
    }
  }

  /** Edits of every kind in the root and, in places, in the objects below it. */
  private static void edit(ChangeBuilder builder, ContentValue.MapOf map, Random random) {
    builder.set(
        new Place.Key(map.id(), "new" + random.nextInt(5), List.of()),
        new ContentValue.Int(random.nextLong()));
    map.entries()
        .forEach(
            (key, slot) -> {
              var place = new Place.Key(map.id(), key, slot.predecessors());
              if (key.startsWith("new") || random.nextInt(3) == 0) {
                builder.set(place, new ContentValue.Uint(random.nextLong()));
                return;
              }
              switch (slot.winner().value()) {
                case ContentValue.Counter _ -> builder.increment(place, random.nextInt(9) - 4);
                case ContentValue.TextOf text -> edit(builder, text, random);
                case ContentValue.ListOf list -> edit(builder, list, random);
                case ContentValue.MapOf nested -> edit(builder, nested, random);
                default -> builder.delete(place);
              }
            });
  }

  private static void edit(ChangeBuilder builder, ContentValue.TextOf text, Random random) {
    var elements = text.elements();
    var at = random.nextInt(elements.size() + 1);
    builder.insertText(text.id(), elements.insertionPoint(at), "\ud83d\ude00 new");
    for (var i = 0; i < elements.size(); i++) {
      if (random.nextInt(4) == 0) {
        builder.delete(new Place.Element(text.id(), elements.idAt(i), elements.predecessorsAt(i)));
      }
    }
  }

  private static void edit(ChangeBuilder builder, ContentValue.ListOf list, Random random) {
    var before = list.elements().isEmpty() ? null : list.elements().getLast().id();
    var made = builder.makeMap(new Place.After(list.id(), before));
    builder.set(new Place.Key(made, "x", List.of()), new ContentValue.Bool(true));
    for (var element : list.elements()) {
      var place = new Place.Element(list.id(), element.id(), element.slot().predecessors());
      if (random.nextBoolean()) {
        builder.delete(place);
      } else {
        builder.set(place, new ContentValue.Float64(random.nextDouble()));
      }
    }
  }

  private static void assertSame(Document document, Content content) {
    try {
      assertEquals(
          Arrays.stream(document.getHeads()).map(ContentProperties::hex).sorted().toList(),
          content.heads().stream().map(Object::toString).toList());
      assertEquals(map(document, ObjectId.ROOT), describe(content.root()));
    } finally {
      document.free();
    }
  }

  private static String hex(org.automerge.ChangeHash hash) {
    return java.util.HexFormat.of().formatHex(hash.getBytes());
  }

  private static Object map(Document document, ObjectId map) {
    var entries = new TreeMap<String, Object>();
    for (var entry : document.mapEntries(map).orElseThrow()) {
      entries.put(entry.getKey(), value(document, entry.getValue()));
    }
    return entries;
  }

  @SuppressWarnings("JavaUtilDate") // the bindings' type
  private static Object value(Document document, AmValue value) {
    return switch (value) {
      case AmValue.Map map -> map(document, map.getId());
      case AmValue.List list ->
          Arrays.stream(document.listItems(list.getId()).orElseThrow())
              .map(item -> value(document, item))
              .toList();
      case AmValue.Text text -> {
        var string = document.text(text.getId()).orElseThrow();
        var marks = new ArrayList<Map<String, Object>>();
        for (var i = 0; i < document.length(text.getId()); i++) {
          var at = new HashMap<String, Object>();
          document
              .getMarksAtIndex(text.getId(), i)
              .forEach((name, mark) -> at.put(name, value(document, mark)));
          at.values().removeIf("null"::equals);
          marks.add(at);
        }
        yield List.of(string, marks);
      }
      case AmValue.Null _ -> "null";
      case AmValue.Bool bool -> bool.getValue();
      case AmValue.Int number -> "int " + number.getValue();
      case AmValue.UInt number -> "uint " + number.getValue();
      case AmValue.F64 number -> number.getValue();
      case AmValue.Str string -> "string " + string.getValue();
      case AmValue.Bytes bytes -> Bytes.wrap(bytes.getValue());
      case AmValue.Counter counter -> "counter " + counter.getValue();
      case AmValue.Timestamp time -> "time " + time.getValue().getTime();
      default -> "unknown";
    };
  }

  private static Object describe(ContentValue value) {
    return switch (value) {
      case ContentValue.MapOf(_, var entries) -> {
        var described = new TreeMap<String, Object>();
        entries.forEach((key, slot) -> described.put(key, describe(slot.winner().value())));
        yield described;
      }
      case ContentValue.ListOf(_, var elements) ->
          elements.stream().map(element -> describe(element.slot().winner().value())).toList();
      case ContentValue.TextOf text -> {
        var marks = new ArrayList<Map<String, Object>>();
        for (var i = 0; i < text.text().codePointCount(0, text.text().length()); i++) {
          marks.add(new HashMap<>());
        }
        for (var mark : text.elements().marks()) {
          for (var i = mark.start(); i < mark.end(); i++) {
            marks.get(i).put(mark.name(), describe(mark.value()));
          }
        }
        yield List.of(text.text(), marks);
      }
      case ContentValue.Null _ -> "null";
      case ContentValue.Bool(var flag) -> flag;
      case ContentValue.Int(var number) -> "int " + number;
      case ContentValue.Uint(var bits) -> "uint " + bits;
      case ContentValue.Float64(var number) -> number;
      case ContentValue.Str(var text) -> "string " + text;
      case ContentValue.Blob(var bytes) -> bytes;
      case ContentValue.Counter(var sum) -> "counter " + sum;
      case ContentValue.Timestamp(var millis) -> "time " + millis;
      case ContentValue.Unknown _ -> "unknown";
    };
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  @Label("the conflicting values at a key are those of the bindings, the winner first")
  void conflicts(@ForAll long seed) {
    try (var document = new RandomDocument(seed, 4, 30)) {
      var content = ContentReader.read(decoded(document.changes()), OPERATIONS_MAX).orElseThrow();
      try (var replica =
          dev.parlor.crdt.replica.Replica.load(
              java.util.Optional.empty(),
              document.changes(),
              new ActorId(Bytes.wrap(new byte[16])))) {
        content
            .root()
            .entries()
            .forEach(
                (key, slot) ->
                    assertEquals(
                        replica.conflicts(dev.parlor.crdt.replica.Path.of(key)).size(),
                        slot.values().size()));
      }
    }
  }

  @Property(tries = 1)
  @Label("[AD3] a document with more operations than the limit is malformed")
  void tooManyOperations() {
    try (var document = new RandomDocument(1, 2, 60)) {
      var malformed =
          assertInstanceOf(
              Decoding.Malformed.class, ContentReader.read(decoded(document.changes()), 10));
      assertEquals("AD3", malformed.rule());
    }
  }
}
