package dev.parlor.crdt.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.ChunkEncoder;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.replica.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Document chunks that plain Java builds: a long history, no history, and faulty input. */
class DocumentBuilderTest {

  private static final Path HISTORY =
      Path.of("..", "sync-server", "relay", "interop", "data", "editing-trace-259778.automerge");

  @Test
  @DisplayName(
      "the chunk of a real paper, built again, has the columns that the bindings write, and built from its 259,779 changes it has the same changes")
  void realHistory() throws IOException {
    var chunk = Bytes.wrap(Files.readAllBytes(HISTORY));
    assertEquals(
        InflatedChunk.of(Snapshots.build(Optional.of(chunk), List.of())),
        InflatedChunk.of(DocumentBuilder.build(Optional.of(chunk), List.of()).orElseThrow()));
    var changes = changes(chunk);
    assertEquals(changes, changes(DocumentBuilder.build(Optional.empty(), changes).orElseThrow()));
  }

  private static List<Bytes> changes(Bytes chunk) {
    var contents = DocumentCodec.decode(chunk, DocumentLimits.DEFAULT).orElseThrow();
    return contents.changes().stream().map(ChangeChunk::plain).toList();
  }

  @Test
  @DisplayName("a document without changes is byte for byte the chunk of the bindings")
  void noChanges() {
    assertEquals(
        Snapshots.build(Optional.empty(), List.of()),
        DocumentBuilder.build(Optional.empty(), List.of()).orElseThrow());
  }

  private static String reason(Decoding<Bytes> result) {
    return assertInstanceOf(Decoding.Malformed.class, result).reason();
  }

  @Test
  @DisplayName("a change without its dependency makes no chunk, and the reason says so")
  void missingDependency() {
    try (var document = new RandomDocument(1, 1, 3)) {
      var later = document.changes().subList(1, document.changes().size());
      assertEquals(
          "the changes of an actor are not in order",
          reason(DocumentBuilder.build(Optional.empty(), later)));
    }
    try (var document = new RandomDocument(2, 4, 40)) {
      var all = document.changes();
      var foreign = change(new ByteWriter(1).uleb(0), List.of(decode(all.getLast())));
      assertEquals(
          "a dependency of a change is missing",
          reason(DocumentBuilder.build(Optional.empty(), List.of(foreign))));
    }
  }

  @Test
  @DisplayName("a change with a column that no document chunk can hold makes no chunk")
  void unknownColumn() {
    var columns = new ByteWriter(8).uleb(1).uleb(0xf2).uleb(1).u8(0);
    assertEquals(
        "a change has a column that a document chunk cannot hold",
        reason(DocumentBuilder.build(Optional.empty(), List.of(change(columns, List.of())))));
  }

  @Test
  @DisplayName("an older chunk that is no chunk makes no chunk")
  void brokenChunk() {
    assertTrue(
        DocumentBuilder.build(Optional.of(Bytes.utf8("no chunk")), List.of())
            instanceof Decoding.Malformed<Bytes>);
  }

  private static ChangeChunk decode(Bytes change) {
    return ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow();
  }

  private static Bytes change(ByteWriter columns, List<ChangeChunk> dependencies) {
    var header =
        new ChunkEncoder.Header(
            dependencies.stream().map(ChangeChunk::hash).toList(),
            new ActorId(Bytes.utf8("the other author")),
            1,
            1,
            0,
            Bytes.EMPTY,
            List.of());
    return new ChunkEncoder().encode(header, columns).plain();
  }
}
