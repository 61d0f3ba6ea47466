package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Server processes on a data directory whose shards are moved, missing, or in use by another
 * process.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class MovedShardIT {

  private static final int DOCUMENTS = 9;

  @TempDir private Path folder;
  private final Map<DocumentId, List<ChangeHash>> savedHeads = new LinkedHashMap<>();

  private Process startServer(String data, String... moreFlags) throws IOException {
    var command = ChildJvm.shortLivedCommand();
    command.addAll(
        List.of(Main.class.getName(), "serve", "--port", "0", "--log", "error", "--data", data));
    command.addAll(List.of(moreFlags));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    return builder.start();
  }

  private static URI syncUrl(Process server) throws IOException {
    var line = server.inputReader(StandardCharsets.UTF_8).readLine();
    assertNotNull(line, "the server ended before it was open");
    return URI.create(line.replace("Parlor is open at http:", "ws:") + "/sync");
  }

  /** The error that a server prints when it refuses to start. */
  private String startError(String data, String... moreFlags) throws Exception {
    var server = startServer(data, moreFlags);
    try {
      assertTrue(server.waitFor(60, TimeUnit.SECONDS), "the server did not exit");
      var error =
          new String(server.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertEquals(ServingProcess.EXIT_FAILED, server.exitValue(), error);
      assertEquals(1, error.lines().count(), error);
      return error;
    } finally {
      server.destroyForcibly();
    }
  }

  private static void stop(Process server) throws Exception {
    server.toHandle().destroy(); // Process.destroy would close the pipes as well
    assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, server.exitValue());
  }

  private void editAllDocuments(URI url) throws Exception {
    for (var seed = 1; seed <= DOCUMENTS; seed++) {
      var document = SyncPeer.document(seed);
      try (var peer = new SyncPeer(url, "writer" + seed + "of" + url.getPort(), document)) {
        peer.sendSync();
        while (savedHeads.containsKey(document) && !peer.heads().equals(savedHeads.get(document))) {
          peer.receive();
        }
        peer.edit();
        peer.awaitCommitted();
        savedHeads.put(document, peer.heads());
      }
    }
  }

  private void assertAllDocumentsAreComplete(URI url) throws Exception {
    for (var document : savedHeads.keySet()) {
      try (var peer = new SyncPeer(url, "reader" + document, document)) {
        peer.sendSync();
        while (!peer.heads().equals(savedHeads.get(document))) {
          peer.receive();
        }
      }
    }
  }

  private Path shard(int shardsError) {
    return folder.resolve("data/shards/" + shardsError);
  }

  @Test
  @DisplayName(
      "a moved shard is served through a symbolic link; without it the server refuses to start")
  void movedShardIsServedThroughASymbolicLink() throws Exception {
    var server = startServer("data", "--shards", "3");
    try {
      editAllDocuments(syncUrl(server));
      stop(server);
      var elsewhere = Files.createDirectory(folder.resolve("another-disk")).resolve("parlor-1");
      Files.move(shard(1), elsewhere);
      var before = Files.readAllBytes(elsewhere.resolve("parlor.db"));

      // The server does not start without the moved shard or with another number of shards.
      var error = startError("data");
      assertTrue(error.startsWith("parlor: shard 1 is not where it should be: "), error);
      assertTrue(error.contains(shard(1).toString()), error);
      var shardsError = startError("data", "--shards", "5");
      assertTrue(
          shardsError.startsWith("parlor: PARLOR_SHARDS (--shards) is 5, but the data"),
          shardsError);
      assertTrue(shardsError.contains("was made with 3 shards"), shardsError);

      // With --without-shards, the server starts and serves the documents of the other shards.
      server = startServer("data", "--without-shards", "1");
      var available = availableDocuments(syncUrl(server));
      assertTrue(available.size() > 0 && available.size() < DOCUMENTS, available.toString());
      stop(server);
      assertFalse(Files.exists(shard(1), LinkOption.NOFOLLOW_LINKS));

      Files.createSymbolicLink(shard(1), elsewhere);
      server = startServer("data");
      var url = syncUrl(server);
      assertAllDocumentsAreComplete(url);
      editAllDocuments(url);
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));

      server = startServer("data", "--shards", "3");
      assertAllDocumentsAreComplete(syncUrl(server));
      stop(server);
      assertTrue(Files.isSymbolicLink(shard(1)));
      assertFalse(
          Arrays.equals(before, Files.readAllBytes(elsewhere.resolve("parlor.db"))),
          "later changes are written to the moved shard");
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  @DisplayName(
      "[DU5] a second process that links to a shard in use is refused, and the first one continues")
  void shardInUseIsRefused() throws Exception {
    var server = startServer("data", "--shards", "2");
    try {
      editAllDocuments(syncUrl(server));
      stop(server);
      copy(folder.resolve("data"), folder.resolve("copy"));
      deleteTree(folder.resolve("copy/shards/1"));
      Files.createSymbolicLink(folder.resolve("copy/shards/1"), shard(1));
      server = startServer("data");
      var url = syncUrl(server);
      var error = startError("copy");
      assertTrue(error.startsWith("parlor: the directory of shard 1, "), error);
      assertTrue(error.contains("in use by another Parlor server (process " + server.pid()), error);
      assertAllDocumentsAreComplete(url);
      editAllDocuments(url);
    } finally {
      server.destroyForcibly();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (var file : filesIn(from)) {
      Files.copy(file, to.resolve(from.relativize(file).toString()));
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    for (var file : filesIn(directory).reversed()) {
      Files.delete(file);
    }
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.toList();
    }
  }

  /** The documents that the server has; it must report all others as unavailable. */
  private Set<DocumentId> availableDocuments(URI url) throws Exception {
    var available = new HashSet<DocumentId>();
    for (var document : savedHeads.keySet()) {
      try (var peer = new SyncPeer(url, "reader" + document, document)) {
        peer.sendSync();
        var message = peer.receive();
        while (!peer.heads().equals(savedHeads.get(document))
            && !(message instanceof WireMessage.DocUnavailable)) {
          message = peer.receive();
        }
        if (peer.heads().equals(savedHeads.get(document))) {
          available.add(document);
        }
      }
    }
    return available;
  }
}
