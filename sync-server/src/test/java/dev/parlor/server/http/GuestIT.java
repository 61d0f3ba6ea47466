package dev.parlor.server.http;

import static dev.parlor.server.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.server.http.TestServer.Member;
import dev.parlor.server.interop.NodeProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An unmodified automerge-repo client at a room's {@code sync} address takes part as a guest. */
class GuestIT {
  private static TestServer server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static NodeProcess guest(Member host, String role, String... more) throws Exception {
    var created = host.room().created();
    var arguments = new java.util.ArrayList<Object>();
    arguments.add(created.path("sync").path(role).asText());
    arguments.add(created.path("documentId").asText());
    arguments.addAll(java.util.List.of(more));
    return NodeProcess.scenario("guest", arguments.toArray());
  }

  private static JsonNode entry(Member host, String guest) {
    return json(host.get("")).path("participants").path(guest);
  }

  /** Waits until the entry is so; the room is asked, since nobody tells. */
  private static JsonNode await(Member host, String guest, Predicate<JsonNode> condition)
      throws Exception {
    var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      var entry = entry(host, guest);
      if (condition.test(entry)) {
        return entry;
      }
      assertTrue(System.nanoTime() < end, () -> "waited in vain; the entry is " + entry);
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("a guest by a player's address is seated, asks, and loses its seat when it has left")
  void guestIsSeatedAndAsks() throws Exception {
    var host = server.room("A room").join("host", server.somebody("Ada"));
    var before = System.currentTimeMillis();
    String me;
    try (var node = guest(host, "player")) {
      me = node.expect("here").replace("\"", "");
      var seated = Json.read(node.expect("seated"));
      assertEquals("player", seated.path("role").asText());
      assertTrue(seated.path("joinedAt").asLong() >= before - 1_000, seated.toString());
      assertEquals("{\"status\":\"done\",\"reason\":\"\"}", node.expect("answered"));
      assertEquals(seated.path("joinedAt").asLong(), entry(host, me).path("joinedAt").asLong());
      assertEquals("Robot", entry(host, me).path("name").asText());
      node.go();
      node.expect("passed");
      node.succeeds();
    }
    var gone = await(host, me, entry -> entry.path("role").asText().equals("spectator"));
    assertEquals("Robot", gone.path("name").asText(), "words keep their name");
  }

  @Test
  @DisplayName("a guest by the host's address has the seat of a host")
  void guestByTheHostsAddress() throws Exception {
    var host = server.room("A room").join("host", server.somebody("Ada"));
    try (var node = guest(host, "host")) {
      assertEquals("host", Json.read(node.expect("seated")).path("role").asText());
    }
  }

  @Test
  @DisplayName("[AD6] a guest that gives itself a role is refused, and nothing of it stays")
  void guestGivesItselfARole() throws Exception {
    var host = server.room("A room").join("host", server.somebody("Ada"));
    try (var node = guest(host, "player", "forge")) {
      var me = node.expect("here").replace("\"", "");
      node.go();
      node.expect("forged");
      var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!server.http().get("/metrics").body().contains("rule=\"AD6\"")) {
        assertTrue(System.nanoTime() < end, "the refusal was never counted");
        Thread.onSpinWait();
      }
      assertTrue(entry(host, me).isMissingNode());
      node.go();
    }
  }
}
