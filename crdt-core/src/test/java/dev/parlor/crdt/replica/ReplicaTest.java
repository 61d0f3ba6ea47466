package dev.parlor.crdt.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ReplicaTest {

  static final Value EVERYTHING =
      Value.map(
          "bool",
          Value.of(true),
          "int",
          Value.of(Integer.MIN_VALUE),
          "uint",
          new Value.Uint(7),
          "float",
          Value.of(0.5),
          "str",
          Value.of("a\0b \ud83e\udda6"),
          "text",
          Value.text("caf\u00e9 \ud83e\udda6"),
          "blob",
          new Value.Blob(Bytes.ofHex("00ff")),
          "counter",
          new Value.Counter(7),
          "time",
          new Value.Timestamp(1_750_000_000_123L),
          "null",
          Value.NULL,
          "emptyMap",
          Value.map(),
          "list",
          Value.list(List.of(Value.of(1), Value.list(List.of()), Value.text("x"))));

  private Replica replica;

  @BeforeEach
  void open() {
    replica = Replica.create(actor(1));
  }

  @AfterEach
  void close() {
    replica.close();
  }

  static ActorId actor(int number) {
    var bytes = new byte[16];
    bytes[0] = (byte) number;
    return new ActorId(Bytes.wrap(bytes));
  }

  private Bytes put(String key, Value value) {
    return replica.transact(List.of(new Edit.Put(Path.of(key), value))).orElseThrow();
  }

  @Test
  @DisplayName("every type of value reads back as it was written, also from a snapshot")
  void everyTypeOfValueIsReadBack() {
    put("all", EVERYTHING);
    assertEquals(Optional.of(EVERYTHING), replica.read(Path.of("all")));
    try (var loaded = Replica.load(Optional.of(replica.save()), List.of(), actor(2))) {
      assertEquals(replica.root(), loaded.root());
      assertEquals(replica.heads(), loaded.heads());
    }
  }

  @Test
  @DisplayName("an integer beyond 32 bits is written as a double and keeps its value")
  void longIntegersKeepTheirValue() {
    var millis = 1_750_000_000_123L;
    put("map", Value.map("at", Value.of(millis), "unsigned", new Value.Uint(millis)));
    put("list", Value.list(List.of(Value.of(millis), new Value.Uint(millis))));
    replica.transact(List.of(new Edit.Put(Path.of("list", 0), Value.of(-(1L << 53)))));
    assertEquals(
        Value.map(
            "map",
                Value.map("at", Value.of((double) millis), "unsigned", Value.of((double) millis)),
            "list", Value.list(List.of(Value.of(-0x1p53), Value.of((double) millis)))),
        replica.root());
    assertThrows(ReplicaException.class, () -> put("beyond", Value.of((1L << 53) + 1)));
    assertThrows(ReplicaException.class, () -> put("beyond", Value.of(Long.MIN_VALUE)));
  }

  @Test
  @DisplayName("a subtree is read by its path; a missing path is empty")
  void readsSubtrees() {
    put("all", EVERYTHING);
    assertEquals(Optional.of(Value.text("x")), replica.read(Path.of("all", "list", 2)));
    assertEquals(Optional.of(Value.NULL), replica.read(Path.of("all", "null")));
    assertEquals(Optional.empty(), replica.read(Path.of("all", "list", 3)));
    assertEquals(Optional.empty(), replica.read(Path.of("all", 0)));
    assertEquals(Optional.empty(), replica.read(Path.of("all", "str", "deeper")));
    assertEquals(Optional.empty(), replica.read(Path.of("nothing", "here")));
  }

  @Test
  @DisplayName(
      "the edits of a transaction are one change, and applying it gives another replica equal heads")
  void aTransactionIsOneChange() {
    var first = put("list", Value.list(List.of(Value.of("a"))));
    var second =
        replica
            .transact(
                List.of(
                    new Edit.Append(Path.of("list"), Value.of("c")),
                    new Edit.Insert(Path.of("list"), 1, Value.map("b", Value.of(1))),
                    new Edit.Put(Path.of("list", 1, "b"), Value.of(2)),
                    new Edit.Put(Path.of("list", 0), Value.text("xyz")),
                    new Edit.SpliceText(Path.of("list", 0), 1, 1, "__"),
                    new Edit.Delete(Path.of("list", 2))))
            .orElseThrow();
    assertEquals(
        Optional.of(Value.list(List.of(Value.text("x__z"), Value.map("b", Value.of(2))))),
        replica.read(Path.of("list")));
    assertEquals(List.of(first, second), replica.changes());
    try (var other = Replica.load(Optional.empty(), List.of(first, second), actor(2))) {
      assertEquals(replica.heads(), other.heads());
    }
  }

  @Test
  @DisplayName("positions in a text count Unicode code points")
  void textPositionsCountCodePoints() {
    put("text", Value.text("\ud83e\udda6ab"));
    replica.transact(List.of(new Edit.SpliceText(Path.of("text"), 1, 1, "-")));
    assertEquals(Optional.of(Value.text("\ud83e\udda6-b")), replica.read(Path.of("text")));
  }

  @Test
  @DisplayName("a transaction that changes nothing makes no change")
  void emptyTransactionMakesNoChange() {
    put("key", Value.of(5));
    assertEquals(Optional.empty(), replica.transact(List.of()));
    assertEquals(
        Optional.empty(),
        replica.transact(
            List.of(
                new Edit.Put(Path.of("key"), Value.of(5)), new Edit.Delete(Path.of("absent")))));
  }

  @Test
  @DisplayName(
      "a transaction with an edit that does not fit is rolled back, and the error names the edit")
  void invalidEditRollsBackTheTransaction() {
    put("list", Value.list(List.of(Value.text("abc"))));
    var heads = replica.heads();
    var invalidEdits =
        List.of(
            new Edit.Put(Path.of("absent", "key"), Value.of(1)),
            new Edit.Put(Path.of("list", "key"), Value.of(1)),
            new Edit.Put(Path.of("list", 1), Value.of(1)),
            new Edit.Put(Path.of(0), Value.of(1)),
            new Edit.Put(Path.ROOT, Value.of(1)),
            new Edit.Put(Path.of("list", 0, "in-text"), Value.of(1)),
            new Edit.Put(Path.of("map"), Value.map("", Value.of(1))),
            new Edit.Delete(Path.of("list", 1)),
            new Edit.Append(Path.of("list", 0), Value.of(1)),
            new Edit.Insert(Path.of("list"), 2, Value.of(1)),
            new Edit.SpliceText(Path.of("list"), 0, 0, "x"),
            new Edit.SpliceText(Path.of("list", 0), 4, 0, "x"),
            new Edit.SpliceText(Path.of("list", 0), 2, 2, "x"),
            new Edit.SpliceText(Path.of("list", 0), 1, -1, "x"));
    for (var invalidEdit : invalidEdits) {
      var failure =
          assertThrows(
              ReplicaException.class,
              () ->
                  replica.transact(
                      List.of(new Edit.Put(Path.of("good"), Value.of(1)), invalidEdit)),
              invalidEdit::toString);
      var message = failure.toString();
      assertTrue(message.contains(": edit 1 ("), message);
      assertTrue(message.contains("'" + invalidEdit.path() + "'"), message);
      assertEquals(Optional.empty(), replica.read(Path.of("good")));
      assertEquals(heads, replica.heads());
    }
    put("good", Value.of(1));
  }

  @Test
  @DisplayName("changes apply in any order and twice, and wait for missing dependencies")
  void changesApplyInAnyOrder() {
    var changes = new ArrayList<Bytes>();
    for (var i = 0; i < 4; i++) {
      changes.add(put("key" + i, Value.of(i)));
    }
    try (var other = Replica.create(actor(2))) {
      other.apply(List.of(changes.get(3), changes.get(1)));
      assertEquals(List.of(), other.heads());
      other.apply(List.of(changes.get(1), changes.get(0)));
      assertEquals(Optional.of(Value.of(1)), other.read(Path.of("key1")));
      assertEquals(Optional.empty(), other.read(Path.of("key3")));
      other.apply(List.of(changes.get(2)));
      assertEquals(replica.heads(), other.heads());
      assertEquals(replica.root(), other.root());
    }
  }

  @Test
  @DisplayName("if any of the given chunks is not a change, none is applied")
  void invalidChunksAreRefused() {
    var valid = put("a", Value.of("x".repeat(500)));
    var flipped = valid.toArray();
    flipped[flipped.length - 1] ^= 1;
    var invalidChunks =
        List.of(
            Bytes.wrap(flipped),
            valid.slice(0, valid.length() - 1),
            valid.slice(0, 5),
            Bytes.utf8("no change at all"));
    try (var other = Replica.create(actor(2))) {
      for (var invalidChunk : invalidChunks) {
        assertThrows(ReplicaException.class, () -> other.apply(List.of(valid, invalidChunk)));
        assertThrows(
            ReplicaException.class,
            () -> Replica.load(Optional.of(invalidChunk), List.of(), actor(3)));
        assertEquals(List.of(), other.heads());
      }
    }
  }

  @Test
  @DisplayName(
      "all concurrent values of a key are readable, the winner first, equal on every replica")
  void conflictsAreReadable() {
    var base = put("map", Value.map());
    try (var left = Replica.load(Optional.empty(), List.of(base), actor(2));
        var right = Replica.load(Optional.empty(), List.of(base), actor(3))) {
      var path = Path.of("map", "key");
      var first = left.transact(List.of(new Edit.Put(path, Value.of("one")))).orElseThrow();
      var second =
          right
              .transact(List.of(new Edit.Put(path, Value.map("is", Value.of("two")))))
              .orElseThrow();
      left.apply(List.of(second));
      right.apply(List.of(first));
      replica.apply(List.of(second, first));
      var expected = List.of(Value.map("is", Value.of("two")), Value.of("one"));
      for (var copy : List.of(left, right, replica)) {
        assertEquals(expected, copy.conflicts(path));
        assertEquals(Optional.of(expected.getFirst()), copy.read(path));
      }
      assertEquals(List.of(), left.conflicts(Path.of("map", "other")));
      assertEquals(List.of(), left.conflicts(Path.of("nothing", "other")));
    }
  }

  @Test
  @DisplayName("after close every method throws, and a second close has no effect")
  void methodsThrowAfterClose() {
    var change = put("a", Value.of(1));
    replica.close();
    replica.close();
    for (Runnable method :
        List.<Runnable>of(
            replica::heads,
            replica::save,
            replica::root,
            replica::changes,
            () -> replica.read(Path.of("a")),
            () -> replica.conflicts(Path.of("a")),
            () -> replica.apply(List.of(change)),
            () -> replica.transact(List.of()))) {
      assertEquals(
          "this replica is closed",
          assertThrows(IllegalStateException.class, method::run).getMessage());
    }
  }

  @Test
  @DisplayName("a document with a thousand nested levels is read down to 64 levels")
  void readingStopsAtTheMaximumDepth() {
    put("deep", Value.map());
    var path = Path.of("deep");
    for (var i = 0; i < 20; i++) {
      replica.transact(List.of(new Edit.Put(path.child("k"), nested(50))));
      for (var step = 0; step < 50; step++) {
        path = path.child("k");
      }
    }
    var current = replica.read(Path.of("deep")).orElseThrow();
    var levels = 0;
    while (current instanceof Value.MapOf(var entries)) {
      current = entries.getOrDefault("k", Value.of("no deeper level"));
      levels++;
    }
    assertEquals(Value.NULL, current);
    assertEquals(Reader.DEPTH_MAX, levels);
    assertEquals(Optional.of(Value.map()), replica.read(path));
  }

  @Test
  @DisplayName("a value nested deeper than can be read is refused before it reaches native code")
  void deepValuesAreRefused() {
    put("deepest", nested(Reader.DEPTH_MAX));
    assertEquals(Optional.of(nested(Reader.DEPTH_MAX)), replica.read(Path.of("deepest")));
    for (var depth : List.of(Reader.DEPTH_MAX + 1, 5_000)) {
      assertThrows(ReplicaException.class, () -> put("deeper", nested(depth)));
    }
  }

  private static Value nested(int levels) {
    var value = Value.map();
    for (var i = 1; i < levels; i++) {
      value = Value.map("k", value);
    }
    return value;
  }

  @Test
  @DisplayName("a snapshot expands to the changes that built it")
  void aSnapshotExpandsToItsChanges() {
    var changes = IntStream.range(0, 20).mapToObj(i -> put("k" + i % 3, Value.of(i))).toList();
    var half = Snapshots.build(Optional.empty(), changes.subList(0, 10));
    var complete = Snapshots.build(Optional.of(half), changes.subList(10, 20));
    assertEquals(changes, Snapshots.expand(complete));
    assertEquals(List.of(), Snapshots.expand(Snapshots.build(Optional.empty(), List.of())));
    assertThrows(ReplicaException.class, () -> Snapshots.expand(complete.slice(0, 40)));
  }

  @Test
  @DisplayName("a lone surrogate is replaced before it reaches the document")
  void loneSurrogatesAreReplaced() {
    put("s", Value.of("a\ud800b"));
    put("t", Value.text("a\udc00b"));
    replica.transact(List.of(new Edit.SpliceText(Path.of("t"), 3, 0, "\ud83e\udda6\ud83e")));
    assertEquals(
        Value.map("s", Value.of("a\ufffdb"), "t", Value.text("a\ufffdb\ud83e\udda6\ufffd")),
        replica.root());
  }

  @Test
  @DisplayName(
      "keys that would abort the native library are refused, and reading documents with them is safe")
  void keysThatAbortTheBindingsAreRefused() {
    put("map", Value.map("\u00e9", Value.of(1)));
    for (var key : List.of("k\ud83e\udda6", "a\0b", "\ud800")) {
      var path = Path.of("map", key);
      for (var value : List.of(Value.of(1), Value.map(), Value.text("x"))) {
        assertThrows(
            ReplicaException.class, () -> replica.transact(List.of(new Edit.Put(path, value))));
      }
      assertThrows(ReplicaException.class, () -> replica.transact(List.of(new Edit.Delete(path))));
      assertThrows(
          ReplicaException.class,
          () -> replica.transact(List.of(new Edit.Put(Path.of("m"), Value.map(key, Value.NULL)))));
      assertEquals(Optional.empty(), replica.read(path.child("deeper")));
      assertEquals(List.of(), replica.conflicts(path));
    }
    assertEquals(Optional.of(Value.of(1)), replica.read(Path.of("map", "\u00e9")));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  @DisplayName("close frees native memory: 250 documents leave no measurable growth")
  void closeFreesNativeMemory() throws IOException {
    put("big", Value.of("x".repeat(1 << 20)));
    var snapshot = replica.save();
    openAndClose(snapshot, 20);
    var before = residentMebibytes();
    openAndClose(snapshot, 250);
    var growth = residentMebibytes() - before;
    assertTrue(growth < 100, "resident memory grew by " + growth + " MiB; a leak would be 250 MiB");
  }

  private static void openAndClose(Bytes snapshot, int times) {
    for (var i = 0; i < times; i++) {
      try (var opened = Replica.load(Optional.of(snapshot), List.of(), actor(2))) {
        assertEquals(1, opened.heads().size());
      }
    }
  }

  private static long residentMebibytes() throws IOException {
    var pages = Files.readString(java.nio.file.Path.of("/proc/self/statm")).split(" ", -1)[1];
    return Long.parseLong(pages) * 4096 / (1 << 20);
  }
}
