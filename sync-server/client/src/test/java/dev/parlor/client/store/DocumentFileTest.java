package dev.parlor.client.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the offline store: what survives truncation and damage at each byte. */
class DocumentFileTest {

  private static final DocumentId ID = DocumentId.of(Bytes.utf8("a document"));
  private static final ActorId ACTOR = new ActorId(Bytes.utf8("an actor of 16 b"));
  private static final int CHANGES = 4;

  /** Every so many bytes the test also writes and opens a file. */
  private static final int FILE_STEP = 23;

  @TempDir private java.nio.file.Path root = java.nio.file.Path.of("");

  private final List<StoreProblem> problems = new ArrayList<>();

  private DocumentFolder folder() {
    return DocumentFolder.open(root, problems::add);
  }

  private java.nio.file.Path path() {
    return root.resolve(ID.value() + ".automerge");
  }

  /** A document chunk with two changes, and the changes after it, as plain chunks. */
  private static List<Bytes> chunks() {
    try (var replica = Replica.create(ACTOR)) {
      edit(replica, -2);
      edit(replica, -1);
      var chunks = new ArrayList<>(List.of(replica.save()));
      for (var i = 0; i < CHANGES; i++) {
        chunks.add(edit(replica, i));
      }
      return chunks;
    }
  }

  private static Bytes edit(Replica replica, int number) {
    return replica.transact(List.of(new Edit.Put(Path.of("n"), Value.of(number)))).orElseThrow();
  }

  private List<Bytes> reopen() {
    try (var folder = folder();
        var file = folder.open(ID)) {
      return file.takeContents().changes().stream().map(ChangeChunk::plain).toList();
    }
  }

  @Test
  @DisplayName("a file cut at any byte opens with all changes before the cut, and can be continued")
  void truncatedAtEachByte() throws IOException {
    var chunks = chunks();
    var whole = Bytes.concat(chunks);
    for (var length = 0; length < whole.length(); length++) {
      var cut = whole.slice(0, length);
      var expected = changesWithin(chunks, length);
      assertEquals(expected, changesOf(cut), "cut at " + length);
      if (length % FILE_STEP != 0) {
        continue; // files are slow: each byte is tested without them
      }
      Files.write(path(), cut.toArray());
      problems.clear();
      assertEquals(expected, reopen(), "cut at " + length);
      var isCutBetweenChunks = isBoundary(chunks, length);
      assertEquals(isCutBetweenChunks ? 0 : 1, problems.size(), "cut at " + length);
      try (var folder = folder();
          var file = folder.open(ID)) {
        file.append(List.of(chunks.getLast()));
      }
      var continued = new ArrayList<>(expected);
      continued.add(chunks.getLast());
      assertEquals(continued, reopen());
    }
  }

  @Test
  @DisplayName(
      "one wrong byte, anywhere, costs one chunk; its bytes are kept in a file beside, and reported")
  void damagedAtEachByte() throws IOException {
    var chunks = chunks();
    var whole = Bytes.concat(chunks).toArray();
    for (var at = 0; at < whole.length; at++) {
      var damaged = whole.clone();
      damaged[at] ^= (byte) 0x55;
      var expected = new ArrayList<Bytes>();
      var from = 0;
      for (var chunk : chunks) {
        if (at < from || at >= from + chunk.length()) {
          expected.addAll(changesOf(chunk));
        }
        from += chunk.length();
      }
      assertEquals(expected, changesOf(Bytes.wrap(damaged)), "damage at " + at);
      if (at % FILE_STEP != 0) {
        continue;
      }
      Files.write(path(), damaged);
      problems.clear();
      assertEquals(expected, reopen(), "damage at " + at);
      var problem = assertInstanceOf(StoreProblem.Damaged.class, problems.getFirst());
      assertEquals(
          whole.length,
          Files.size(path()) + Files.size(problem.movedTo()),
          "no byte was lost; damage at " + at);
      Files.delete(problem.movedTo());
      problems.clear();
      assertEquals(expected, reopen(), "after the repair");
      assertTrue(problems.isEmpty());
    }
  }

  @Test
  @DisplayName("zeros at the end, as after a power failure, cost nothing")
  void zerosAtTheEnd() throws IOException {
    var chunks = chunks();
    Files.write(
        path(), Bytes.concat(List.of(Bytes.concat(chunks), Bytes.wrap(new byte[4_096]))).toArray());
    assertEquals(CHANGES + 2, reopen().size());
    assertEquals(1, problems.size());
  }

  @Test
  @DisplayName("a replaced file has the document chunk alone, and the next changes follow it")
  void replaced() {
    var chunks = chunks();
    try (var folder = folder();
        var file = folder.open(ID)) {
      file.append(changesOf(chunks.getFirst()));
      file.replace(chunks.getFirst());
      assertEquals(0, file.changesAppended());
      file.append(List.of(chunks.get(1)));
    }
    try (var folder = folder();
        var file = folder.open(ID)) {
      var contents = file.takeContents();
      assertEquals(Optional.of(chunks.getFirst()), contents.snapshot());
      assertEquals(2, contents.snapshotChanges());
      assertEquals(3, contents.changes().size());
    }
    assertTrue(problems.isEmpty());
  }

  @Test
  @DisplayName("a replacement that the process did not finish leaves the old file")
  void unfinishedReplacement() throws IOException {
    var chunks = chunks();
    Files.write(path(), Bytes.concat(chunks).toArray());
    Files.write(root.resolve(ID.value() + ".automerge.new"), new byte[] {1, 2, 3});
    assertEquals(CHANGES + 2, reopen().size());
    assertTrue(problems.isEmpty());
    try (var files = Files.list(root)) {
      assertEquals(2, files.count(), "the file and the lock");
    }
  }

  @Test
  @DisplayName("a file is a valid .automerge file: the Automerge library loads it")
  void isAnAutomergeFile() {
    var chunks = chunks();
    try (var folder = folder();
        var file = folder.open(ID)) {
      file.append(chunks);
      try (var replica =
          Replica.load(Optional.of(Bytes.wrap(Files.readAllBytes(path()))), List.of(), ACTOR)) {
        assertEquals(Optional.of(Value.of(CHANGES - 1)), replica.read(Path.of("n")));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  @DisplayName("a folder that another repository uses is refused with a sentence that names it")
  void folderInUse() {
    try (var _ = folder()) {
      var refused = assertThrows(StoreException.class, this::folder);
      assertTrue(String.valueOf(refused.getMessage()).contains(root.toString()));
    }
    folder().close();
  }

  @Test
  @DisplayName("changes that cannot be written are reported, stay in memory, and are written later")
  void failingDisk() throws IOException {
    var chunks = chunks();
    try (var folder = folder();
        var file = folder.open(ID)) {
      file.append(List.of(chunks.getFirst()));
      // A folder in the place of the new file: the replacement fails.
      var obstacle = root.resolve(ID.value() + ".automerge.new");
      Files.createDirectories(obstacle.resolve("x"));
      file.replace(chunks.getFirst());
      assertInstanceOf(StoreProblem.NotWritten.class, problems.getFirst());
      Files.delete(obstacle.resolve("x"));
      Files.delete(obstacle);
      file.append(chunks.subList(1, chunks.size()));
    }
    assertEquals(CHANGES + 2, reopen().size());
  }

  @Test
  @DisplayName("a folder lists the documents by their ids, and no other file")
  void listsDocuments() throws IOException {
    try (var folder = folder()) {
      folder.open(ID).close();
      Files.write(root.resolve("notes.automerge"), new byte[0]);
      assertEquals(List.of(ID), folder.documents());
    }
  }

  private static List<Bytes> changesWithin(List<Bytes> chunks, int length) {
    var changes = new ArrayList<Bytes>();
    var end = 0;
    for (var chunk : chunks) {
      end += chunk.length();
      if (end <= length) {
        changes.addAll(changesOf(chunk));
      }
    }
    return changes;
  }

  private static boolean isBoundary(List<Bytes> chunks, int length) {
    var ends = new HashSet<>(List.of(0));
    var end = 0;
    for (var chunk : chunks) {
      end += chunk.length();
      ends.add(end);
    }
    return ends.contains(length);
  }

  private static List<Bytes> changesOf(Bytes chunk) {
    return ChunkScan.of(chunk).changes().stream().map(ChangeChunk::plain).toList();
  }
}
