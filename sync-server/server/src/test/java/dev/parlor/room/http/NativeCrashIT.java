package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.server.NativeCrashProcess;
import dev.parlor.server.hostile.ForgedChanges;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A process crashes in native code, and the next process starts on its data. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NativeCrashIT {

  /** The exit status after SIGABRT: 128 plus the signal's number. */
  private static final int EXIT_ABORTED = 134;

  @TempDir private Path folder;

  private TestServer startServer() throws Exception {
    return TestServer.start(folder);
  }

  /** Starts another process on the data, which exits at the native call. */
  private void crash(DocumentId document, String nativeCall) throws Exception {
    crash(NativeCrashProcess.EXIT_CRASHED, document, List.of(nativeCall));
  }

  private void crash(int status, DocumentId document, List<String> arguments) throws Exception {
    var command =
        ChildJvm.shortLivedCommand(
            "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + folder.resolve("hs_err.log"));
    command.addAll(
        List.of(
            NativeCrashProcess.class.getName(),
            folder.resolve("data").toString(),
            document.value()));
    command.addAll(arguments);
    var child = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.INHERIT).start();
    try {
      var output = new String(child.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(child.waitFor(60, TimeUnit.SECONDS));
      assertEquals(status, child.exitValue(), output);
    } finally {
      child.destroyForcibly();
    }
  }

  private static SyncPeer peer(TestServer server, String name, DocumentId document)
      throws IOException {
    return new SyncPeer(URI.create("ws://127.0.0.1:" + server.port() + "/sync"), name, document);
  }

  private static void write(TestServer server, String author, DocumentId document, int edits)
      throws IOException {
    try (var peer = peer(server, author, document)) {
      for (var i = 0; i < edits; i++) {
        peer.edit();
      }
      peer.awaitCommitted();
    }
  }

  /** Asserts that a new peer receives this many changes, and then another peer's next change. */
  private static void assertRelayed(TestServer server, DocumentId document, int changes)
      throws IOException {
    try (var newPeer = peer(server, "late" + changes, document);
        var other = peer(server, "other" + changes, document)) {
      newPeer.sendSync();
      while (newPeer.size() < changes) {
        newPeer.receive();
      }
      other.sendSync();
      while (other.size() < changes) {
        other.receive();
      }
      newPeer.awaitChange(other.edit());
      other.awaitCommitted();
    }
  }

  private static String path(DocumentId document) {
    return "/api/admin/rooms/" + document.value();
  }

  private static void assertSuspected(TestServer server, DocumentId document, String work) {
    var suspected = json(server.http().get("/api/admin/store")).path("suspected");
    assertEquals(1, suspected.size(), suspected.toString());
    assertEquals(document.value(), suspected.get(0).path("documentId").asText());
    assertTrue(
        suspected.get(0).path("why").asText().contains("(" + work + " of "), suspected.toString());
    assertEquals(1, Scrape.of(server.http()).value("parlor_documents_suspected"));
  }

  private static void assertNoneSuspected(TestServer server) {
    assertEquals(0, json(server.http().get("/api/admin/store")).path("suspected").size());
    assertEquals(0, Scrape.of(server.http()).value("parlor_documents_suspected"));
  }

  private static void compact(TestServer server, DocumentId document) throws Exception {
    var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    var answer = server.http().post(path(document) + "/compact", "");
    while (answer.statusCode() == 409 && answer.body().contains("uncommitted")) {
      assertTrue(System.nanoTime() < deadline, answer.body());
      answer = server.http().post(path(document) + "/compact", "");
    }
    assertEquals(200, answer.statusCode(), answer.body());
  }

  @Test
  @DisplayName(
      "[AD8] a document that was in native code when the process crashed is relayed and compacted in plain Java, and stays under suspicion until it is released")
  void suspectedDocumentIsRelayedAndCompacted() throws Exception {
    var document = SyncPeer.document(801);
    try (var server = startServer()) {
      write(server, "ada", document, 3);
      assertNoneSuspected(server);
    }
    crash(document, "open");
    try (var server = startServer()) {
      assertSuspected(server, document, "open");
      assertRelayed(server, document, 3);
      assertTrue(json(server.http().get(path(document))).has("suspected"));
      compact(server, document);
      assertProblem(
          404, "not-suspected", server.http().post(path(SyncPeer.document(802)) + "/release", ""));
    }
    try (var server = startServer()) {
      assertSuspected(server, document, "open"); // a restart does not end the quarantine
      assertRelayed(server, document, 4);
      assertEquals(200, server.http().post(path(document) + "/release", "").statusCode());
      assertNoneSuspected(server);
    }
    try (var server = startServer()) {
      assertNoneSuspected(server);
      assertRelayed(server, document, 5);
    }
  }

  @Test
  @DisplayName("[AD8] a document with a change that aborts the bindings crashes one process only")
  void abortingChangeKillsOneProcess() throws Exception {
    var document = SyncPeer.document(805);
    var other = SyncPeer.document(806);
    try (var server = startServer()) {
      write(server, "ada", document, 3);
      write(server, "bob", other, 3);
    }
    var abortingChange = ForgedChanges.abortingChange(new ActorId(Bytes.utf8("a stranger to it")));
    crash(EXIT_ABORTED, document, List.of("abort", abortingChange.toHex()));
    try (var server = startServer()) {
      assertSuspected(server, document, "open");
      assertRelayed(server, document, 3);
      assertRelayed(server, other, 3);
      compact(server, other);
      // If a peer sends the change, admission refuses it before it reaches the bindings.
      try (var mallory = peer(server, "mallory", other)) {
        mallory.client().send(syncMessage(mallory.client().id(), other, abortingChange));
        while (!(mallory.client().message() instanceof WireMessage.ErrorMessage)) {
          // Skips the messages with the document.
        }
      }
    }
  }

  private static WireMessage.Sync syncMessage(PeerId from, DocumentId document, Bytes change) {
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(), List.of(change), null);
    return new WireMessage.Sync(
        from, new PeerId("server"), document, SyncMessageCodec.encode(message));
  }

  @Test
  @DisplayName(
      "[AD8] a room that crashed the process is only relayed until the operator releases it")
  void suspectedRoomIsOnlyRelayed() throws Exception {
    DocumentId document;
    List<String> keys;
    String slug;
    try (var server = startServer()) {
      var room = server.room("A room");
      var ada = room.join("host", server.person("Ada"));
      ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}");
      document = DocumentId.parse(room.created().path("documentId").asText()).orElseThrow();
      slug = room.slug();
      keys = List.of(room.key("host"));
    }
    crash(document, "room");
    try (var server = startServer()) {
      assertSuspected(server, document, "open");
      var http = server.http();
      var url =
          URI.create("ws://127.0.0.1:" + server.port() + "/sync/k/" + slug + "." + keys.getFirst());
      try (var newPeer = new SyncPeer(url, "late", document);
          var other = new SyncPeer(url, "other", document)) {
        newPeer.sendSync();
        while (newPeer.size() == 0) {
          newPeer.receive();
        }
        other.sendSync();
        while (other.size() < newPeer.size()) {
          other.receive();
        }
        newPeer.awaitChange(other.editTitle());
        other.awaitCommitted();
        var response = http.get("/api/rooms/" + slug, "Parlor-Key", keys.getFirst());
        assertEquals(503, response.statusCode(), response.body());
        assertTrue(response.body().contains("quarantine"), response.body());
        assertEquals(200, http.post(path(document) + "/release", "").statusCode());
        response = http.get("/api/rooms/" + slug, "Parlor-Key", keys.getFirst());
        assertEquals(200, response.statusCode(), response.body());
        assertTrue(
            response.body().contains("other1"), "the room has the changes of its quarantine");
      }
    }
  }
}
