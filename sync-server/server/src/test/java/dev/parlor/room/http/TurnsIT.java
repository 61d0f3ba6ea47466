package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns over HTTP: the order of the plays, and the refusal of a play out of turn. */
class TurnsIT {
  private static final String CARD = "{\"type\":\"tone\",\"text\":\"Dry\"}";

  @DisplayName(
      "in a room with turns, people play in the order in which they joined, the first follows the"
          + " last, and a play out of turn is refused with the name of the holder")
  @Test
  void peoplePlayInTheOrderOfJoining(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = roomWithTurns(server);
      var ada = join(server, room, "Ada");
      var ben = join(server, room, "Ben");
      var cleo = join(server, room, "Cleo");

      assertEquals(0, turnOfAPlay(ada));
      var refused = cleo.post("/play", CARD);
      assertProblem(409, "out-of-turn", refused);
      assertEquals(ben.person().identity(), json(refused).path("holder").asText());
      assertEquals("Ben", json(refused).path("holderName").asText());
      assertEquals(1, turnOfAPlay(ben));
      assertEquals(2, turnOfAPlay(cleo));
      assertProblem(409, "out-of-turn", cleo.post("/play", CARD));
      assertEquals(3, turnOfAPlay(ada), "the first person follows the last");
      assertEquals(ben.person().identity(), json(ada.get("")).path("turn").path("holder").asText());
    }
  }

  @DisplayName("in a room without turns, each person plays at any time, and cards have no turn")
  @Test
  void withoutTurnsEachPersonPlaysAtAnyTime(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var room = server.room("Free");
      var people = List.of(join(server, room, "Ada"), join(server, room, "Ben"));
      for (var person : List.of(people.get(1), people.get(1), people.get(0))) {
        var played = person.post("/play", CARD);
        assertEquals(201, played.statusCode(), played.body());
        assertTrue(json(played).path("card").path("turn").isMissingNode(), played.body());
      }
    }
  }

  private static Member join(TestServer server, RoomUnderTest room, String name) {
    var member = room.withLink("player", server.person(name));
    assertEquals(200, member.post("/join", Json.string(Map.of("name", name))).statusCode());
    return member;
  }

  private static int turnOfAPlay(Member member) {
    var played = member.post("/play", CARD);
    assertEquals(201, played.statusCode(), played.body());
    return json(played).path("card").path("turn").asInt(-1);
  }

  /** Imports the file of a room in which a host had switched turns on. */
  private static RoomUnderTest roomWithTurns(TestServer server) {
    var maker = server.room("Turns").join("host", server.person("Maker"));
    var file = (ObjectNode) json(maker.get("/export?as=json"));
    ((ObjectNode) file.path("settings")).put("turnMode", "turns");
    ((ObjectNode) file.path("participants")).removeAll();
    var imported = server.http().post("/api/rooms/import", file.toString());
    assertEquals(201, imported.statusCode(), imported.body());
    return new RoomUnderTest(server.http(), json(imported));
  }
}
