package dev.parlor.relay.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
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
  private static final NativeCall CHANGE =
      NativeCall.of(Work.APPLY, List.of(Bytes.ofHex("856f4a8312345678019900"), Bytes.EMPTY));

  @TempDir private Path folder;
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("test"));

  private Quarantine open(Path file) throws IOException {
    return Quarantine.open(file, store.table("quarantine"), () -> Instant.EPOCH);
  }

  private Path file() {
    return folder.resolve("native");
  }

  /** A copy of the marker file as a process that starts now would find it. */
  private Path copyOfFile() {
    try {
      return Files.copy(file(), folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<NativeCallMarkers.Leftover> markers() {
    return markers(file());
  }

  @Test
  @DisplayName(
      "[AD8] the marker of a native call is in the file during the call and at no other time")
  void marksTheCall() throws Exception {
    try (var quarantine = open(file())) {
      var markers = quarantine.run(A, CHANGE, () -> markers());
      assertEquals(List.of(A), markers.stream().map(NativeCallMarkers.Leftover::document).toList());
      assertEquals(CHANGE, markers.getFirst().call());
      assertEquals(0x12345678, CHANGE.checksum());
      assertEquals(2, CHANGE.chunks());
      assertEquals(List.of(), markers());
      assertThrows(
          IllegalStateException.class,
          () ->
              quarantine.run(
                  A,
                  CHANGE,
                  () -> {
                    throw new IllegalStateException("refused by the bindings");
                  }));
      assertEquals(List.of(), markers(), "an exception removes the marker");
    }
  }

  @Test
  @DisplayName("[AD8] concurrent native calls each have their own marker")
  void concurrentCalls() throws Exception {
    try (var quarantine = open(file())) {
      var markers = quarantine.run(A, CHANGE, () -> quarantine.run(B, CHANGE, () -> markers()));
      assertEquals(
          List.of(A, B), markers.stream().map(NativeCallMarkers.Leftover::document).toList());
    }
  }

  @Test
  @DisplayName(
      "[AD8] a document whose marker a crashed process left behind is in quarantine, also after restarts, until it is released")
  void quarantinedAfterACrash() throws Exception {
    Path leftFile;
    try (var quarantine = open(file())) {
      leftFile = quarantine.run(A, CHANGE, this::copyOfFile);
    }
    try (var next = open(leftFile)) {
      assertTrue(next.isQuarantined(A));
      assertFalse(next.isQuarantined(B));
      assertTrue(
          next.reason(A).orElseThrow().contains("apply of 2 chunks, first 12345678"),
          next.reason(A)::get);
      assertThrows(IllegalStateException.class, () -> next.run(A, CHANGE, () -> true));
      assertTrue(next.run(B, CHANGE, () -> true));
      assertEquals(List.of(), markers(leftFile), "the marker has moved to the table");
    }
    try (var third = open(leftFile)) {
      assertTrue(third.isQuarantined(A));
      assertFalse(third.release(B));
      assertTrue(third.release(A));
      assertTrue(third.run(A, CHANGE, () -> true));
    }
    try (var fourth = open(leftFile)) {
      assertFalse(fourth.isQuarantined(A));
    }
  }

  @Test
  @DisplayName("[AD8] a marker stays in the file until the quarantine table has committed it")
  void staysUntilCommitted() throws Exception {
    Path leftFile;
    try (var quarantine = open(file())) {
      leftFile = quarantine.run(A, CHANGE, this::copyOfFile);
    }
    store.holdCommits();
    var next = open(leftFile);
    assertTrue(next.isQuarantined(A));
    var markers = next.run(B, CHANGE, () -> markers(leftFile));
    assertEquals(
        List.of(A, B), markers.stream().map(NativeCallMarkers.Leftover::document).toList());
    store.releaseCommits();
    assertEquals(List.of(), markers(leftFile));
  }

  private List<NativeCallMarkers.Leftover> markers(Path file) {
    try {
      return NativeCallMarkers.leftoversIn(
          Files.copy(file, folder.resolve("copy2"), StandardCopyOption.REPLACE_EXISTING));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("[AD8] an orderly shutdown leaves no marker, even during a native call")
  void orderlyStop() throws Exception {
    var quarantine = open(file());
    var markers =
        quarantine.run(
            A,
            CHANGE,
            () -> {
              quarantine.close();
              return markers();
            });
    assertEquals(List.of(), markers);
    assertEquals(List.of(), quarantine.run(A, CHANGE, () -> markers()));
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
            quarantine.run(A, CHANGE, () -> markers()).stream()
                .map(NativeCallMarkers.Leftover::document)
                .toList());
      }
    }
  }
}
