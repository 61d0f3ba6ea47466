package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.store.StoreException;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository without a server: documents in memory and in files. */
class RepoTest {

  private static final Duration SHORT = Duration.ofMillis(1);
  private static final Path N = Path.of("n");

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  private Repo stored() {
    return Repo.builder().store(folder).open();
  }

  private static Edit put(int number) {
    return new Edit.Put(N, Value.of(number));
  }

  @Test
  @DisplayName("a document is created, changed and read without a server, and is pending")
  void worksAlone() throws Exception {
    try (var repo = Repo.builder().open()) {
      var handle = repo.create(put(1));
      var before = handle.heads();
      var told = new CompletableFuture<ChangeEvent>();
      try (var _ = handle.onChange(told::complete)) {
        assertTrue(handle.change(put(2)));
        assertFalse(handle.change(put(2)), "the same value again changes nothing");
        assertEquals(
            new ChangeEvent(handle, before, handle.heads(), true), told.get(30, TimeUnit.SECONDS));
      }
      assertEquals(Optional.of(Value.of(2)), handle.read(N));
      assertEquals(SaveState.PENDING, handle.saveState());
      assertEquals(SaveState.PENDING, handle.awaitSaved(SHORT));
      assertSame(handle, repo.open(handle.id()));
      handle.sendEphemeral(Map.of("dropped", true));
    }
  }

  @Test
  @DisplayName("stored documents are there again after the repository was opened anew")
  void survivesClosing() throws Exception {
    DocumentId id;
    try (var repo = stored()) {
      var handle = repo.create(put(0));
      id = handle.id();
      for (var i = 1; i <= 5; i++) {
        handle.change(put(i));
      }
    }
    try (var repo = stored()) {
      assertEquals(List.of(id), repo.stored());
      var handle = repo.find(id, SHORT);
      assertEquals(Optional.of(Value.of(5)), handle.read(N));
      handle.change(put(6));
    }
    try (var repo = stored()) {
      assertEquals(Optional.of(Value.of(6)), repo.find(id, SHORT).read(N));
    }
  }

  @Test
  @DisplayName("a long history is compacted to one document chunk, and loads with equal heads")
  void compaction() throws Exception {
    DocumentId id;
    List<ChangeHash> heads;
    try (var repo = stored()) {
      var handle = repo.create(put(0));
      id = handle.id();
      var file = folder.resolve(id.value() + ".automerge");
      for (var i = 1; i < 1_000; i++) {
        handle.change(put(i));
      }
      var before = Files.size(file);
      handle.change(put(1_000));
      assertTrue(Files.size(file) < before / 10, Files.size(file) + " of " + before + " bytes");
      handle.change(put(1_001));
      heads = handle.heads();
    }
    try (var again = stored()) {
      var found = again.find(id, SHORT);
      assertEquals(heads, found.heads());
      assertEquals(Optional.of(Value.of(1_001)), found.read(N));
    }
  }

  @Test
  @DisplayName("a damaged change waits with its followers, and nothing that is intact is lost")
  void damagedFile() throws Exception {
    DocumentId id;
    try (var repo = stored()) {
      var handle = repo.create(put(0));
      id = handle.id();
      handle.change(put(1));
      handle.change(put(2));
    }
    var file = folder.resolve(id.value() + ".automerge");
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    for (var opening = 0; opening < 2; opening++) {
      try (var repo = stored()) {
        assertEquals(Optional.of(Value.of(0)), repo.find(id, SHORT).read(N));
      }
    }
    assertTrue(Files.size(file) > bytes.length / 2, "the change after the damaged one is kept");
    assertTrue(Files.exists(folder.resolve(file.getFileName() + ".damaged-1")));
  }

  @Test
  @DisplayName(
      "a document that is not stored is unavailable without a server, and cannot be changed")
  void unavailable() {
    try (var repo = stored()) {
      var id = DocumentId.of(Bytes.utf8("unknown"));
      assertThrows(DocumentUnavailableException.class, () -> repo.find(id, SHORT));
      var handle = repo.open(id);
      assertEquals(DocumentState.REQUESTING, handle.state());
      assertThrows(IllegalStateException.class, handle::root);
      assertThrows(IllegalStateException.class, () -> handle.change(put(1)));
      assertTrue(repo.stored().isEmpty(), "asking for a document leaves no file");
    }
  }

  @Test
  @DisplayName("edits that do not fit change nothing, and the document can still be changed")
  void editsThatDoNotFit() throws Exception {
    try (var repo = stored()) {
      var handle = repo.create(put(1));
      var heads = handle.heads();
      assertThrows(
          ReplicaException.class,
          () -> handle.change(put(2), new Edit.Append(Path.of("no list"), Value.of(1))));
      assertEquals(heads, handle.heads());
      assertThrows(IllegalArgumentException.class, repo::create);
      handle.change(root -> List.of(new Edit.Put(Path.of("copy"), root)));
      assertEquals(
          Optional.of(Value.of(1)), repo.find(handle.id(), SHORT).read(Path.of("copy", "n")));
    }
  }

  @Test
  @DisplayName("a store has one repository, and a server address begins with ws: or wss:")
  void wrongSettings() {
    try (var _ = stored()) {
      assertThrows(StoreException.class, this::stored);
    }
    var http = URI.create("http://127.0.0.1/sync");
    assertThrows(IllegalArgumentException.class, () -> Repo.builder().server(http));
  }

  @Test
  @DisplayName("a closed repository refuses calls, and ends the calls that wait")
  void closed() {
    var repo = stored();
    var handle = repo.create(put(1));
    var saved = handle.saved();
    repo.close();
    repo.close();
    assertTrue(saved.isCompletedExceptionally());
    assertThrows(IllegalStateException.class, () -> handle.change(put(2)));
    assertThrows(IllegalStateException.class, handle::root);
    assertThrows(IllegalStateException.class, () -> repo.open(handle.id()));
    assertTrue(handle.saved().isCompletedExceptionally());
  }
}
