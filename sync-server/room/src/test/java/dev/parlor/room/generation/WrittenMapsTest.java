package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WrittenMapsTest {
  private static final Path LOCK = Path.of("generation", "lock");

  private static Replica replica(String actor) {
    return Replica.create(new ActorId(Bytes.ofHex(actor.repeat(16))));
  }

  @Test
  @DisplayName("every map that a change puts at a key is read as written, with its object's id")
  void mapsAreReadAsWritten() {
    try (var server = replica("01");
        var peer = replica("02")) {
      server.transact(
          List.of(
              new Edit.Put(Path.of("title"), Value.text("A")),
              new Edit.Put(Path.of("generation"), Value.map("epoch", Value.of(0)))));
      peer.apply(server.changes());
      Value first =
          Value.map(
              "request", Value.of("r1"),
              "by", Value.text("ann \ud83d\ude00"),
              "at", Value.of(1_795_204_434_983.0),
              "seen", Value.of(-3),
              "big", Value.of(1_000_000),
              "none", Value.NULL,
              "yes", Value.of(true),
              "cards", Value.list(List.of(Value.of("c1"), Value.of("c2"))),
              "attach",
                  Value.list(List.of(Value.map("kind", Value.of("note"), "id", Value.of("n")))));
      Value second = Value.map("request", Value.of("r2"));
      var change =
          peer.transact(
                  List.of(
                      new Edit.Put(LOCK, first),
                      new Edit.Put(LOCK, second),
                      new Edit.Put(Path.of("generation", "other"), Value.map())))
              .orElseThrow();
      server.apply(List.of(change));
      var object = server.objectAt(Path.of("generation")).orElseThrow();
      assertEquals(
          List.of(
              new WrittenMaps.WrittenMap(object, "lock", first),
              new WrittenMaps.WrittenMap(object, "lock", second)),
          WrittenMaps.in(change, WrittenMaps.Keys.of("lock", "stop")));
      assertEquals(second, server.read(LOCK).orElseThrow());
    }
  }

  @Test
  @DisplayName("a map is read from a long change too, whose bytes are compressed")
  void mapsOfCompressedChangesAreRead() {
    try (var server = replica("01")) {
      server.transact(List.of(new Edit.Put(Path.of("generation"), Value.map())));
      Value lock =
          Value.map(
              "request",
              Value.of("r1"),
              "query",
              Value.of(
                  IntStream.range(0, 400)
                      .mapToObj(Integer::toString)
                      .collect(Collectors.joining(" "))));
      var change = deflated(server.transact(List.of(new Edit.Put(LOCK, lock))).orElseThrow());
      assertTrue(ChangeCodec.isDeflated(change));
      assertEquals(
          List.of(lock),
          WrittenMaps.in(change, WrittenMaps.Keys.of("lock")).stream()
              .map(WrittenMaps.WrittenMap::value)
              .toList());
    }
  }

  /** The same change in a chunk of type 2, as clients send long changes. */
  private static Bytes deflated(Bytes plain) {
    int headLength = 9;
    int lengthBytes = 1;
    while ((plain.at(headLength + lengthBytes - 1) & 0x80) != 0) {
      lengthBytes++;
    }
    byte[] contents =
        plain.slice(headLength + lengthBytes, plain.length() - headLength - lengthBytes).toArray();
    try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
      deflater.setInput(contents);
      deflater.finish();
      byte[] target = new byte[contents.length + 64];
      int length = deflater.deflate(target);
      byte[] head = plain.slice(0, headLength).toArray();
      head[headLength - 1] = 2;
      byte[] prefix = {(byte) ((length & 0x7f) | 0x80), (byte) (length >>> 7)};
      return Bytes.concat(
          List.of(Bytes.wrap(head), Bytes.wrap(prefix), Bytes.wrap(target, 0, length)));
    }
  }

  @Test
  @DisplayName("maps at the root and within a found map are left out; a malformed change has none")
  void otherMapsAreLeftOut() {
    try (var server = replica("01")) {
      var change =
          server
              .transact(
                  List.of(
                      new Edit.Put(Path.of("lock"), Value.map("a", Value.of(1))),
                      new Edit.Put(
                          Path.of("windows"),
                          Value.map("lock", Value.map("lock", Value.map("a", Value.of(1)))))))
              .orElseThrow();
      var windows = server.objectAt(Path.of("windows")).orElseThrow();
      assertEquals(
          List.of(
              new WrittenMaps.WrittenMap(
                  windows, "lock", Value.map("lock", Value.map("a", Value.of(1))))),
          WrittenMaps.in(change, WrittenMaps.Keys.of("lock")));
      assertEquals(List.of(), WrittenMaps.in(Bytes.utf8("no change"), WrittenMaps.Keys.of("lock")));
    }
  }
}
