package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.server.backup.BackupCommands;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access to backups, and the sentences of the commands, with a whole server. */
class BackupApiIT {

  private static final String TOKEN = "a-token-for-this-test-only";
  private static final String PATH = "/api/admin/backup";

  @TempDir private Path folder;

  private String run(int expectedStatus, Map<String, String> environment, String... arguments) {
    var output = new ByteArrayOutputStream();
    var stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    var command = List.of(arguments);
    var status =
        BackupCommands.run(
            command.getFirst(),
            command.subList(1, command.size()),
            environment,
            folder,
            stream,
            stream);
    var text = output.toString(StandardCharsets.UTF_8);
    assertEquals(expectedStatus, status, text);
    return text;
  }

  private static void await(String condition, BooleanSupplier isTrue) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!isTrue.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, condition);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  @DisplayName("a backup needs the admin token, a POST and a program on this machine")
  void backupNeedsTheToken() throws Exception {
    try (var server = TestServer.start(folder, Map.of("PARLOR_ADMIN_TOKEN", TOKEN))) {
      var http = server.http();
      assertProblem(401, "unauthorized", http.post(PATH, "{}"));
      assertProblem(
          401, "unauthorized", http.post(PATH, "{}", "Authorization", "Bearer another-token-here"));
      var bearer = "Bearer " + TOKEN;
      assertProblem(405, "method-not-allowed", http.get(PATH, "Authorization", bearer));
      assertProblem(
          404,
          "not-found",
          http.post(PATH, "{}", "Authorization", bearer, "X-Forwarded-For", "192.0.2.1"));
      var backup = http.post(PATH, "{}", "Authorization", bearer);
      assertEquals(200, backup.statusCode());
      assertTrue(backup.body().startsWith("PARLORB1"));
      assertEquals("no-store", backup.headers().firstValue("Cache-Control").orElse(""));
    }
  }

  @Test
  @DisplayName("a server without an admin token makes no backup, although it shows its admin API")
  void serverWithoutATokenMakesNoBackup() throws Exception {
    try (var server = TestServer.start(folder)) {
      assertEquals(200, server.http().get("/api/admin/store").statusCode());
      assertProblem(403, "no-admin-token", server.http().post(PATH, "{}"));
      var refused =
          run(1, Map.of(), "backup", "backups", "--port", Integer.toString(server.port()));
      assertTrue(refused.contains("set PARLOR_ADMIN_TOKEN for the server"), refused);
      try (var files = Files.list(folder.resolve("backups"))) {
        assertEquals(0, files.count());
      }
    }
  }

  @Test
  @DisplayName(
      "while a client reads a backup, a second backup is refused with 409 and a sentence; after the"
          + " first has ended, the next one is made")
  void secondBackupAtTheSameTimeIsRefused() throws Exception {
    LargeStore.create(folder.resolve("data"));
    var environment = Map.of("PARLOR_ADMIN_TOKEN", TOKEN);
    var bearer = "Bearer " + TOKEN;
    try (var server = TestServer.start(folder, environment)) {
      var port = Integer.toString(server.port());
      try (var first = new RawHttp(server.port())) {
        first.send("POST", PATH, "{}", new String[] {"Authorization", bearer});
        assertEquals(200, first.head().status());
        // The client reads no further, so the first backup cannot end.
        var refused = server.http().post(PATH, "{}", "Authorization", bearer);
        assertProblem(409, "backup-running", refused);
        assertTrue(
            refused.body().contains("another backup is running; try again later"), refused.body());
        var command = run(1, environment, "backup", "second.backup", "--port", port);
        assertTrue(command.contains("another backup is running; try again later"), command);
        assertFalse(Files.exists(folder.resolve("second.backup")));
      }
      await(
          "the next backup is made",
          () -> server.http().post(PATH, "{}", "Authorization", bearer).statusCode() == 200);
      run(0, environment, "backup", "third.backup", "--port", port);
    }
    run(0, Map.of(), "verify", "third.backup");
  }

  @Test
  @DisplayName("an archived room is in a backup and is restored with the time of its archiving")
  void archivedRoomIsRestored() throws Exception {
    var environment = Map.of("PARLOR_ADMIN_TOKEN", TOKEN);
    String document;
    try (var server = TestServer.start(folder, environment)) {
      document = server.room("Archived").created().path("documentId").asText();
    }
    // After a restart the room is not in memory.
    try (var server = TestServer.start(folder, environment)) {
      var archived =
          server
              .http()
              .post(
                  "/api/admin/rooms/" + document + "/archive",
                  "{}",
                  "Authorization",
                  "Bearer " + TOKEN);
      assertEquals(200, archived.statusCode(), archived.body());
      var port = Integer.toString(server.port());
      run(0, environment, "backup", "one.backup", "--port", port);
      var again = run(1, environment, "backup", "one.backup", "--port", port);
      assertTrue(again.contains("exists already"), again);
      run(0, environment, "backup", "two.backup", "--since", "one.backup", "--port", port);
      var wrong = run(1, Map.of(), "backup", "three.backup", "--port", port);
      assertTrue(wrong.contains("set PARLOR_ADMIN_TOKEN"), wrong);
    }
    assertTrue(run(0, Map.of(), "verify", "two.backup").contains("1 archived rooms"));
    var other = folder.resolve("other");
    run(0, Map.of(), "restore", "two.backup", "other/data");
    assertTrue(run(0, Map.of(), "verify", "other/data").contains("1 archived rooms"));
    try (var original = Files.list(folder.resolve("data/archive"));
        var restored = Files.list(other.resolve("data/archive"))) {
      var file = original.findFirst().orElseThrow();
      var copy = restored.findFirst().orElseThrow();
      assertEquals(Files.getLastModifiedTime(file), Files.getLastModifiedTime(copy));
      Files.write(copy, new byte[] {1}, StandardOpenOption.APPEND);
    }
    var damaged = run(1, Map.of(), "verify", "other/data");
    assertTrue(damaged.contains("its archive file fails its checksum"), damaged);
  }

  @Test
  @DisplayName("each mistake on a command line gets a sentence that says what to do")
  void mistakesGetASentence() throws Exception {
    var refused = run(1, Map.of(), "backup", "backups", "--port", "1");
    assertTrue(refused.contains("no server answers at http://127.0.0.1:1/"), refused);
    assertTrue(
        run(2, Map.of(), "backup", "b", "--portt", "1").contains("there is no such setting"));
    assertTrue(run(2, Map.of(), "backup", "b", "--since", "x").contains("--since is for a file"));
    assertTrue(run(2, Map.of(), "restore", "b").contains("the new data directory is missing"));
    assertTrue(run(2, Map.of(), "verify", "nowhere").contains("does not exist"));
    assertTrue(run(2, Map.of(), "verify", "a", "b").contains("one argument too many"));
    assertTrue(run(0, Map.of(), "verify", "--help").contains("Usage: parlor verify"));
    var empty = Files.createDirectory(folder.resolve("empty"));
    assertTrue(run(2, Map.of(), "verify", empty.toString()).contains("is no data directory"));
    assertTrue(run(1, Map.of(), "restore", "empty", "d").contains("has no backup"));
    Files.writeString(folder.resolve("text.backup"), "not a backup");
    assertTrue(run(2, Map.of(), "verify", "text.backup").contains("is no backup"));
  }
}
