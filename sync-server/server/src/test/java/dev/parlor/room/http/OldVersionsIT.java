package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import dev.parlor.server.backup.BackupCommands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * This version opens and checks data directories of every other version of the data, and restores
 * backups of every version of their format. {@code old-data/README.md} says which servers wrote
 * them; {@link OldDataIT} has version 2.
 */
class OldVersionsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path data = Path.of("nowhere");

  @BeforeEach
  void nameTheDirectory() {
    data = folder.resolve("data");
  }

  private static JsonNode expected(String version) throws IOException {
    try (var text =
        OldVersionsIT.class.getResourceAsStream("/old-data/" + version + "/expected.json")) {
      return JSON.readTree(text);
    }
  }

  private static void unpack(String name, Path target) throws IOException {
    try (var stored = OldVersionsIT.class.getResourceAsStream("/old-data/" + name)) {
      assertNotNull(stored, name);
      var zip = new ZipInputStream(stored);
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        var file = target.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  private static String run(String... arguments) {
    var output = new ByteArrayOutputStream();
    var stream = new PrintStream(output, true, StandardCharsets.UTF_8);
    var all = List.of(arguments);
    var status =
        BackupCommands.run(
            all.getFirst(), all.subList(1, all.size()), Map.of(), Path.of(""), stream, stream);
    var text = output.toString(StandardCharsets.UTF_8);
    assertEquals(0, status, text);
    return text;
  }

  /** Reads the room and its answer over HTTP, and writes to it. */
  private void assertComplete(JsonNode expected) throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = new RoomUnderTest(server.http(), expected.path("created"));
      var person =
          new Person(
              expected.path("person").path("identity").asText(),
              expected.path("person").path("token").asText());
      var olga = room.withLink("host", person);
      var view = json(olga.get(""));
      for (var field : List.of("title", "heads", "documentId", "slug")) {
        assertEquals(expected.path("room").path(field), view.path(field), field);
      }
      for (var list : List.of("cards", "chat")) {
        assertEquals(
            expected.path("room").path(list).findValuesAsText("text"),
            view.path(list).findValuesAsText("text"),
            list);
      }
      var result = json(olga.get("/results/" + expected.path("request").asText()));
      assertEquals(expected.path("text"), result.path("text"));
      assertEquals(201, olga.post("/chat", "{\"text\":\"still here\"}").statusCode());
    }
  }

  private static void assertOpens(JsonNode created, TestServer server) {
    var room = new RoomUnderTest(server.http(), created);
    var view = json(room.join("host", server.person("Eve")).get(""));
    assertEquals("Archived", view.path("title").asText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"version-1", "version-3"})
  @DisplayName(
      "a directory of another version of the data is intact, opens whole and takes changes")
  void directoryOpens(String version) throws Exception {
    unpack(version + "/data.zip", data);
    assertTrue(run("verify", data.toString()).contains("all intact"));
    assertComplete(expected(version));
    assertTrue(run("verify", data.toString()).contains("all intact"));
  }

  @Test
  @DisplayName("an archived room of a directory with shards opens by its link")
  void archivedRoomOpens() throws Exception {
    unpack("version-3/data.zip", data);
    try (var server = TestServer.start(folder)) {
      assertOpens(expected("version-3").path("archived"), server);
    }
  }

  @Test
  @DisplayName("backups in version 1 of their format are intact and restore the newest state")
  void oldBackupsRestore() throws Exception {
    var backups = folder.resolve("backups");
    unpack("version-3/backups.zip", backups);
    assertTrue(run("verify", backups.toString()).contains("1 archived rooms"));
    run("restore", backups.toString(), data.toString());
    assertComplete(expected("version-3"));
    try (var server = TestServer.start(folder)) {
      assertOpens(expected("version-3").path("archived"), server);
    }
  }
}
