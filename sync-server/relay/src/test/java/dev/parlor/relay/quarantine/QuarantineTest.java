package dev.parlor.relay.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.quarantine.NativeCallGuard.Handed;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {

  private static final DocumentId A = DocumentId.of(Bytes.utf8("a".repeat(80)));
  private static final DocumentId B = DocumentId.of(Bytes.utf8("b"));
  private static final Handed CHANGE =
      Handed.of(Work.APPLY, List.of(Bytes.ofHex("856f4a8312345678019900"), Bytes.EMPTY));

  @TempDir private Path folder;
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));

  private Quarantine open(Path file) throws IOException {
    return Quarantine.open(file, store.table("quarantine"), () -> Instant.EPOCH);
  }

  private Path file() {
    return folder.resolve("native");
  }

  /** A copy of the marker file as a process that starts now would find it. */
  private Path now() {
    try {
      return Files.copy(file(), folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<NativeCallMarkers.Left> left() {
    return copyOf(file());
  }

  @Test
  @DisplayName(
      "[AD8] the marker of a native call is in the file during the call and at no other time")
  void notesTheCall() throws Exception {
    try (var quarantine = open(file())) {
      var left = quarantine.hand(A, CHANGE, () -> left());
      assertEquals(List.of(A), left.stream().map(NativeCallMarkers.Left::document).toList());
      assertEquals(CHANGE, left.getFirst().what());
      assertEquals(0x12345678, CHANGE.checksum());
      assertEquals(2, CHANGE.chunks());
      assertEquals(List.of(), left());
      assertThrows(
          IllegalStateException.class,
          () ->
              quarantine.hand(
                  A,
                  CHANGE,
                  () -> {
                    throw new IllegalStateException("refused by the bindings");
                  }));
      assertEquals(List.of(), left(), "an exception removes the marker");
    }
  }

  @Test
  @DisplayName("[AD8] concurrent native calls each have their own marker")
  void severalAtOnce() throws Exception {
    try (var quarantine = open(file())) {
      var left = quarantine.hand(A, CHANGE, () -> quarantine.hand(B, CHANGE, () -> left()));
      assertEquals(List.of(A, B), left.stream().map(NativeCallMarkers.Left::document).toList());
    }
  }

  @Test
  @DisplayName(
      "[AD8] a document whose marker a dead process left is quarantined until it is released, also after restarts")
  void keptAway() throws Exception {
    Path dead;
    try (var quarantine = open(file())) {
      dead = quarantine.hand(A, CHANGE, this::now);
    }
    try (var next = open(dead)) {
      assertTrue(next.isShut(A));
      assertFalse(next.isShut(B));
      assertTrue(
          next.why(A).orElseThrow().contains("apply of 2, first 12345678"), next.why(A)::get);
      assertThrows(IllegalStateException.class, () -> next.hand(A, CHANGE, () -> true));
      assertTrue(next.hand(B, CHANGE, () -> true));
      assertEquals(List.of(), copyOf(dead), "the marker has moved to the table");
    }
    try (var third = open(dead)) {
      assertTrue(third.isShut(A));
      assertFalse(third.release(B));
      assertTrue(third.release(A));
      assertTrue(third.hand(A, CHANGE, () -> true));
    }
    try (var fourth = open(dead)) {
      assertFalse(fourth.isShut(A));
    }
  }

  @Test
  @DisplayName("[AD8] a marker stays in the file until the quarantine table has committed it")
  void staysUntilRecorded() throws Exception {
    Path dead;
    try (var quarantine = open(file())) {
      dead = quarantine.hand(A, CHANGE, this::now);
    }
    store.holdCommits();
    var next = open(dead);
    assertTrue(next.isShut(A));
    var left = next.hand(B, CHANGE, () -> copyOf(dead));
    assertEquals(List.of(A, B), left.stream().map(NativeCallMarkers.Left::document).toList());
    store.releaseCommits();
    assertEquals(List.of(), copyOf(dead));
  }

  private List<NativeCallMarkers.Left> copyOf(Path file) {
    try {
      return NativeCallMarkers.left(
          Files.copy(file, folder.resolve("copy2"), StandardCopyOption.REPLACE_EXISTING));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("[AD8] an orderly shutdown leaves no marker, even during a native call")
  void orderlyEnd() throws Exception {
    var quarantine = open(file());
    var left =
        quarantine.hand(
            A,
            CHANGE,
            () -> {
              quarantine.close();
              return left();
            });
    assertEquals(List.of(), left);
    assertEquals(List.of(), quarantine.hand(A, CHANGE, () -> left()));
  }

  @Test
  @DisplayName("[AD8] a damaged marker file quarantines no document")
  void damagedFile() throws Exception {
    for (var size : List.of(0, 10, 4_096, 5_000)) {
      var bytes = new byte[size];
      java.util.Arrays.fill(bytes, (byte) 0x41);
      Files.write(file(), bytes);
      try (var quarantine = open(file())) {
        assertEquals(0, quarantine.size());
        assertEquals(
            List.of(A),
            quarantine.hand(A, CHANGE, () -> left()).stream()
                .map(NativeCallMarkers.Left::document)
                .toList());
      }
    }
  }
}
