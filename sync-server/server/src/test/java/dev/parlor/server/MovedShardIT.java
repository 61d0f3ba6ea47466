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
 * Real processes on a data directory whose shards are moved, missing or in use by another process.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class MovedShardIT {

  private static final int DOCUMENTS = 9;

  @TempDir private Path folder;
  private final Map<DocumentId, List<ChangeHash>> saved = new LinkedHashMap<>();

  private Process serve(String data, String... more) throws IOException {
    var command = ChildJvm.brief();
    command.addAll(
        List.of(Main.class.getName(), "serve", "--port", "0", "--log", "error", "--data", data));
    command.addAll(List.of(more));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    return builder.start();
  }

  private static URI sync(Process server) throws IOException {
    var line = server.inputReader(StandardCharsets.UTF_8).readLine();
    assertNotNull(line, "the server ended before it was open");
    return URI.create(line.replace("Parlor is open at http:", "ws:") + "/sync");
  }

  /** The error that a server prints when it refuses to start. */
  private String refusal(String data, String... more) throws Exception {
    var server = serve(data, more);
    try {
      assertTrue(server.waitFor(60, TimeUnit.SECONDS), "it ends");
      var said = new String(server.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertEquals(ServingProcess.EXIT_FAILED, server.exitValue(), said);
      assertEquals(1, said.lines().count(), said);
      return said;
    } finally {
      server.destroyForcibly();
    }
  }

  private static void stop(Process server) throws Exception {
    server.toHandle().destroy(); // Process.destroy would close the pipes as well
    assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, server.exitValue());
  }

  private void edit(URI url) throws Exception {
    for (var seed = 1; seed <= DOCUMENTS; seed++) {
      var document = SyncPeer.document(seed);
      try (var peer = new SyncPeer(url, "writer" + seed + "of" + url.getPort(), document)) {
        peer.sendSync();
        while (saved.containsKey(document) && !peer.heads().equals(saved.get(document))) {
          peer.receive();
        }
        peer.edit();
        peer.awaitCommitted();
        saved.put(document, peer.heads());
      }
    }
  }

  private void assertAllThere(URI url) throws Exception {
    for (var document : saved.keySet()) {
      try (var peer = new SyncPeer(url, "reader" + document, document)) {
        peer.sendSync();
        while (!peer.heads().equals(saved.get(document))) {
          peer.receive();
        }
      }
    }
  }

  private Path shard(int number) {
    return folder.resolve("data/shards/" + number);
  }

  @Test
  @DisplayName("a shard that was moved to another directory is served from there")
  void aShardIsMoved() throws Exception {
    var server = serve("data", "--shards", "3");
    try {
      edit(sync(server));
      stop(server);
      var elsewhere = Files.createDirectory(folder.resolve("another-disk")).resolve("parlor-1");
      Files.move(shard(1), elsewhere);
      var before = Files.readAllBytes(elsewhere.resolve("parlor.db"));

      // Without the shard's new place nothing starts, and no new shard is made.
      var said = refusal("data");
      assertTrue(said.startsWith("parlor: shard 1 is not where it should be: "), said);
      assertTrue(said.contains(shard(1).toString()), said);
      var number = refusal("data", "--shards", "5");
      assertTrue(number.startsWith("parlor: PARLOR_SHARDS (--shards) is 5, but the data"), number);
      assertTrue(number.contains("was made with 3 shards"), number);

      // If the operator allows it, the server starts without the shard's documents and serves the
      // others.
      server = serve("data", "--without-shards", "1");
      var there = served(sync(server));
      assertTrue(there.size() > 0 && there.size() < DOCUMENTS, there.toString());
      stop(server);
      assertFalse(Files.exists(shard(1), LinkOption.NOFOLLOW_LINKS));

      Files.createSymbolicLink(shard(1), elsewhere);
      server = serve("data");
      var url = sync(server);
      assertAllThere(url);
      edit(url);
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));

      server = serve("data", "--shards", "3");
      assertAllThere(sync(server));
      stop(server);
      assertTrue(Files.isSymbolicLink(shard(1)));
      assertFalse(
          Arrays.equals(before, Files.readAllBytes(elsewhere.resolve("parlor.db"))),
          "later changes are there as well");
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  @DisplayName(
      "[DU5] a second process on one of the shards is refused, and the first one continues")
  void aShardInUse() throws Exception {
    var server = serve("data", "--shards", "2");
    try {
      edit(sync(server));
      stop(server);
      copy(folder.resolve("data"), folder.resolve("copy"));
      remove(folder.resolve("copy/shards/1"));
      Files.createSymbolicLink(folder.resolve("copy/shards/1"), shard(1));
      server = serve("data");
      var url = sync(server);
      var said = refusal("copy");
      assertTrue(said.startsWith("parlor: the directory of shard 1, "), said);
      assertTrue(said.contains("in use by another Parlor server (process " + server.pid()), said);
      assertAllThere(url);
      edit(url);
    } finally {
      server.destroyForcibly();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (var file : below(from)) {
      Files.copy(file, to.resolve(from.relativize(file).toString()));
    }
  }

  private static void remove(Path directory) throws IOException {
    for (var file : below(directory).reversed()) {
      Files.delete(file);
    }
  }

  private static List<Path> below(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.toList();
    }
  }

  /** Returns the documents that the server still has; it must have refused the others. */
  private Set<DocumentId> served(URI url) throws Exception {
    var there = new HashSet<DocumentId>();
    for (var document : saved.keySet()) {
      try (var peer = new SyncPeer(url, "reader" + document, document)) {
        peer.sendSync();
        var message = peer.receive();
        while (!peer.heads().equals(saved.get(document))
            && !(message instanceof WireMessage.DocUnavailable)) {
          message = peer.receive();
        }
        if (peer.heads().equals(saved.get(document))) {
          there.add(document);
        }
      }
    }
    return there;
  }
}
