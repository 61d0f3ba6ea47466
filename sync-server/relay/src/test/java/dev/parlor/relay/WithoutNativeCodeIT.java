package dev.parlor.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncLimits;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.socket.SyncPeer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the relay's process on a class path that lacks Automerge's bindings. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WithoutNativeCodeIT {

  private static final int CHANGES = Limits.defaults().storage().compactAfterChanges();

  /**
   * Changes before a wait for their commit: the relay closes a peer that is far ahead of a slow
   * disk.
   */
  private static final int UNCOMMITTED_MAX = 200;

  private static final DocumentId DOCUMENT = SyncPeer.document(49);

  @TempDir private Path folder = Path.of("");

  /** A started process of the relay. */
  private record RelayProcess(Process process, BufferedReader out, URI url)
      implements AutoCloseable {

    static RelayProcess start(Path data) throws IOException {
      var command = ChildJvm.shortLivedCommand();
      var classPath = command.lastIndexOf("-cp") + 1;
      command.set(classPath, withoutBindings(command.get(classPath)));
      command.addAll(List.of(RelayWithoutBindings.class.getName(), "--port", "0"));
      command.addAll(List.of("--log", "error", "--data", data.toString()));
      var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
      var process = builder.start();
      var out = process.inputReader(StandardCharsets.UTF_8);
      var line = out.readLine();
      assertTrue(line != null && line.startsWith("The relay is open at ws:"), line);
      return new RelayProcess(process, out, URI.create(line.substring(line.indexOf("ws:"))));
    }

    private static String withoutBindings(String classPath) {
      return Arrays.stream(classPath.split(File.pathSeparator))
          .flatMap(RelayProcess::jars)
          .filter(entry -> !entry.substring(entry.lastIndexOf('/') + 1).startsWith("automerge-"))
          .collect(Collectors.joining(File.pathSeparator));
    }

    /** The entry of a class path, or all jars of a folder that it stands for. */
    private static Stream<String> jars(String entry) {
      if (!entry.endsWith("/*")) {
        return Stream.of(entry);
      }
      try (var files = Files.list(Path.of(entry.substring(0, entry.length() - 2)))) {
        return files.map(Path::toString).sorted().toList().stream();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Waits until the relay has compacted a document. */
    void awaitCompaction() throws IOException, InterruptedException {
      var metrics = URI.create("http://127.0.0.1:" + url.getPort() + "/metrics");
      try (var http = HttpClient.newHttpClient()) {
        String text;
        do {
          text =
              http.send(
                      HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                  .body();
          assertTrue(text.contains("parlor_compaction_seconds_count"), text);
        } while (text.contains("parlor_compaction_seconds_count 0"));
      }
    }

    @Override
    public void close() throws IOException {
      process.toHandle().destroy();
      try (out) {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the relay stopped", e);
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  @DisplayName(
      "[DU3] [SY3] a relay without Automerge's bindings syncs, compacts, restarts and sends a new peer the snapshot that plain Java wrote")
  void servesWithoutBindings() throws Exception {
    var data = folder.resolve("data");
    List<ChangeHash> heads;
    try (var relay = RelayProcess.start(data);
        var author = new SyncPeer(relay.url(), "ada", DOCUMENT)) {
      for (var i = 1; i <= CHANGES; i++) {
        author.edit();
        if (i % UNCOMMITTED_MAX == 0) {
          author.awaitCommitted();
        }
      }
      author.awaitCommitted();
      heads = author.heads();
      relay.awaitCompaction();
    }
    try (var relay = RelayProcess.start(data)) {
      var snapshot = requestSnapshot(relay.url());
      var reader = new ActorId(Bytes.utf8("a reader of this"));
      try (var replica = Replica.load(Optional.of(snapshot), List.of(), reader)) {
        assertEquals(heads, replica.heads());
        assertEquals(CHANGES, replica.changes().size());
      }
      try (var newPeer = new SyncPeer(relay.url(), "bob", DOCUMENT).graphOnly()) {
        newPeer.sendSync();
        while (!newPeer.heads().equals(heads)) {
          newPeer.receive();
        }
      }
    }
  }

  /** The document chunk that the relay sends to a peer without changes. */
  private static Bytes requestSnapshot(URI url) throws IOException {
    try (var client = RawClient.join(url, "cem")) {
      var nothing =
          new SyncMessage(
              SyncMessage.Kind.CHANGES,
              List.of(),
              List.of(),
              List.of(new SyncMessage.Have(List.of(), BloomFilter.EMPTY)),
              List.of(),
              Bytes.ofHex("02"));
      client.send(
          new WireMessage.Request(
              client.id(), RelayFixture.SERVER, DOCUMENT, SyncMessageCodec.encode(nothing)));
      var data = client.message(WireMessage.Sync.class).data();
      var message = SyncMessageCodec.decode(data, SyncLimits.DEFAULT).orElseThrow();
      assertEquals(SyncMessage.Kind.BLOB, message.kind());
      return message.changes().getFirst();
    }
  }
}
