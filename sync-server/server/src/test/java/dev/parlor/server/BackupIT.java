package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Backups of a server process while clients write to it, and servers on restored directories. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BackupIT {

  private static final String TOKEN = "a-token-for-this-test-only";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int WRITERS = 3;
  private static final int FIRST_CHANGES = 5;

  @TempDir private Path folder;

  /** A server process and its URL. */
  private record Server(Process process, URI url) implements AutoCloseable {

    static Server start(Path folder, String data, String... moreFlags) throws IOException {
      var command = ChildJvm.shortLivedCommand();
      command.addAll(
          List.of(Main.class.getName(), "serve", "--port", "0", "--log", "error", "--data", data));
      command.addAll(List.of(moreFlags));
      var builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
      builder.environment().put("PARLOR_ADMIN_TOKEN", TOKEN);
      var process = builder.start();
      var line = process.inputReader(StandardCharsets.UTF_8).readLine();
      assertNotNull(line, "the server ended before it was open");
      return new Server(process, URI.create(line.replace("Parlor is open at ", "")));
    }

    URI sync() {
      return URI.create("ws://127.0.0.1:" + url.getPort() + "/sync");
    }

    JsonNode post(String path, String body, String... headers) throws Exception {
      return send(path, headers, HttpRequest.BodyPublishers.ofString(body), "POST");
    }

    JsonNode get(String path, String... headers) throws Exception {
      return send(path, headers, HttpRequest.BodyPublishers.noBody(), "GET");
    }

    private JsonNode send(
        String path, String[] headers, HttpRequest.BodyPublisher body, String method)
        throws Exception {
      var request =
          HttpRequest.newBuilder(url.resolve(path))
              .header("Content-Type", "application/json")
              .method(method, body);
      if (headers.length > 0) {
        request.headers(headers);
      }
      var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(2, response.statusCode() / 100, response.body());
      return JSON.readTree(response.body());
    }

    /** Kills the process as {@code kill -9} does. */
    void kill() throws Exception {
      process.destroyForcibly();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** A client that writes changes one after the other until its connection ends. */
  private static final class Writer {
    private final SyncPeer peer;
    private final int seed;
    private final CountDownLatch first;
    private final Thread thread;
    private volatile int acknowledged;
    private volatile @Nullable ChangeHash last;

    Writer(Server server, int seed) throws IOException {
      this.peer = new SyncPeer(server.sync(), "writer" + seed, SyncPeer.document(seed));
      this.seed = seed;
      this.first = new CountDownLatch(FIRST_CHANGES);
      this.thread = Thread.ofPlatform().name("writer" + seed).start(this::write);
    }

    private void write() {
      try (peer) {
        while (true) {
          var hash = peer.edit();
          peer.awaitCommitted();
          last = hash;
          acknowledged++;
          first.countDown();
        }
      } catch (IOException | AssertionError e) {
        // The server was killed; RawClient fails an assertion when its connection ends.
      }
    }

    /** What had been acknowledged at a moment. */
    Acknowledged acknowledged() {
      var hash = last;
      assertNotNull(hash);
      return new Acknowledged(seed, hash);
    }
  }

  /** The last acknowledged change of a writer; all earlier changes are in its past. */
  private record Acknowledged(int seed, ChangeHash last) {}

  /** Runs a command as {@code ./parlor} does, and returns its output. */
  private String run(int expectedStatus, String... arguments) throws Exception {
    var output = new ByteArrayOutputStream();
    var stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    var status = Main.run(List.of(arguments), Map.of("PARLOR_ADMIN_TOKEN", TOKEN), stream, stream);
    var text = output.toString(StandardCharsets.UTF_8);
    assertEquals(expectedStatus, status, text);
    return text;
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertHasAll(Server server, List<Acknowledged> all) throws Exception {
    for (var one : all) {
      var document = SyncPeer.document(one.seed());
      try (var reader = new SyncPeer(server.sync(), "reader" + one.seed(), document)) {
        reader.sendSync();
        reader.awaitChange(one.last());
      }
    }
  }

  @Test
  @DisplayName(
      "backups under load, after a kill -9 restored elsewhere, have every change acknowledged before"
          + " they began, and the rooms")
  void backupsUnderLoadHaveEveryAcknowledgedChange() throws Exception {
    JsonNode room;
    JsonNode ada;
    var acknowledgedBefore = new ArrayList<Acknowledged>();
    var acknowledgedAtFirst = new ArrayList<Acknowledged>();
    try (var server = Server.start(folder, "data", "--shards", "2")) {
      var port = Integer.toString(server.url().getPort());
      room = server.post("/api/rooms", "{\"title\":\"Kept\"}");
      ada = server.post("/api/identities", "{\"name\":\"Ada\"}");
      var writers = new ArrayList<Writer>();
      for (var seed = 1; seed <= WRITERS; seed++) {
        writers.add(new Writer(server, seed));
      }
      for (var writer : writers) {
        assertTrue(writer.first.await(60, TimeUnit.SECONDS), "a writer does not get on");
      }
      writers.forEach(writer -> acknowledgedAtFirst.add(writer.acknowledged()));
      var full = run(0, "backup", path("backups"), "--port", port);
      assertTrue(full.contains("-full.backup"), full);

      server.post("/api/rooms/" + room.path("slug").asText() + "/join", "{}", headers(room, ada));
      writers.forEach(writer -> acknowledgedBefore.add(writer.acknowledged()));
      var changes = run(0, "backup", path("backups"), "--port", port);
      assertTrue(changes.contains("new or changed"), changes);
      server.kill();
      for (var writer : writers) {
        writer.thread.join();
        assertTrue(writer.acknowledged >= FIRST_CHANGES);
      }
    }
    run(0, "verify", path("backups"));
    assertTrue(run(0, "verify", path("data")).contains("all intact"));

    run(0, "restore", path("backups"), path("restored"));
    try (var server = Server.start(folder, "restored")) {
      assertHasAll(server, acknowledgedBefore);
      var view = server.get("/api/rooms/" + room.path("slug").asText(), headers(room, ada));
      assertEquals("Kept", view.path("title").asText());
      assertTrue(view.path("participants").toString().contains("host"), view.toString());
      var refused = run(2, "verify", path("restored"));
      assertTrue(refused.contains("process " + server.process().pid()), refused);
    }

    try (var files = Files.list(folder.resolve("backups"))) {
      for (var file : files.toList()) {
        assertEquals(
            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      }
    }
    var full = filesEndingWith("-full.backup").getFirst();
    run(0, "restore", full.toString(), path("earlier"));
    try (var store =
        StoreOnDisk.open(
            folder.resolve("earlier"),
            Shards.existing(),
            Limits.defaults().storage(),
            new Metrics(),
            UUID::randomUUID)) {
      for (var one : acknowledgedAtFirst) {
        var tail = store.load(SyncPeer.document(one.seed())).orElseThrow().tail();
        assertTrue(tail.stream().anyMatch(change -> change.hash().equals(one.last())));
      }
    }

    // Without the full backup the chain cannot be restored.
    Files.delete(full);
    var missing = run(1, "restore", path("backups"), path("nowhere"));
    assertTrue(missing.contains("put it there"), missing);
    var damaged = run(1, "verify", path("backups"));
    assertTrue(damaged.contains("is in SHA256SUMS and does not exist"), damaged);
  }

  private static String[] headers(JsonNode room, JsonNode person) {
    var link = room.path("links").path("host").asText();
    return new String[] {
      "Authorization",
      "Bearer " + person.path("token").asText(),
      "Parlor-Key",
      link.substring(link.indexOf("#k=") + 3)
    };
  }

  private List<Path> filesEndingWith(String suffix) throws IOException {
    try (var files = Files.list(folder.resolve("backups"))) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }
}
