package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertProblem;
import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.client.Repo;
import dev.parlor.client.SaveState;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.room.access.RoomSecret;
import dev.parlor.room.access.ScramClient;
import dev.parlor.room.http.TestServer.Member;
import dev.parlor.room.http.TestServer.Person;
import dev.parlor.room.http.TestServer.RoomUnderTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This version opens the data directory of an earlier version, {@code old-data/data.zip}. */
class OldDataIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SYNC_MAX = Duration.ofSeconds(30);

  private JsonNode expected;
  private TestServer server;

  @BeforeEach
  void open(@TempDir java.nio.file.Path folder) throws Exception {
    try (var text = OldDataIT.class.getResourceAsStream("/old-data/expected.json")) {
      expected = JSON.readTree(text);
    }
    unpack(Files.createDirectory(folder.resolve("data")));
    server = TestServer.start(folder);
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private static void unpack(java.nio.file.Path data) throws IOException {
    try (var stored = OldDataIT.class.getResourceAsStream("/old-data/data.zip")) {
      assertNotNull(stored);
      var zip = new ZipInputStream(stored);
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, data.resolve(entry.getName()));
      }
    }
  }

  private RoomUnderTest room(String name) {
    return new RoomUnderTest(server.http(), expected.path(name).path("created"));
  }

  private Person person(String name) {
    var person = expected.path("people").path(name);
    return new Person(person.path("identity").asText(), person.path("token").asText());
  }

  /** A request by a person with the given key. */
  private HttpResponse<String> post(RoomUnderTest room, String subpath, Person person, String key) {
    return server
        .http()
        .post(
            room.path(subpath),
            "{}",
            "Authorization",
            "Bearer " + person.token(),
            "Parlor-Key",
            key);
  }

  private static String keyOf(JsonNode invitation) {
    var link = invitation.path("link").asText();
    return link.substring(link.indexOf("#k=") + 3);
  }

  @Test
  @DisplayName(
      "rooms of an old data directory have the same content, people and owner, and the same heads"
          + " until the server adds the containers of this version")
  void roomsHaveTheSameContent() {
    var olga = person("Olga");
    for (var name : List.of("first", "second")) {
      var roomView = json(room(name).withLink("host", olga).get(""));
      assertSameRoom(expected.path(name).path("json"), roomView);
      assertEquals(olga.identity(), roomView.path("owner").asText());
    }
    var secret = json(room("secret").withLink("player", person("Bob")).get(""));
    assertSameRoom(expected.path("secret").path("json"), secret);
  }

  /**
   * The server adds the containers soon after a request has opened the room, or before the reply.
   */
  private static void assertSameRoom(JsonNode expected, JsonNode room) {
    var old = (ObjectNode) expected.deepCopy();
    var now = (ObjectNode) withoutNewFields(room);
    if (now.has("comments")) {
      for (var added : List.of("comments", "edits", "reactions")) {
        assertTrue(now.remove(added).isEmpty(), added);
      }
      assertNotEquals(old.remove("heads"), now.remove("heads"));
    }
    assertEquals(old, now);
  }

  /**
   * The room without the fields that later versions added. They have their defaults in an old room.
   */
  private static JsonNode withoutNewFields(JsonNode room) {
    var object = (ObjectNode) room.deepCopy();
    assertFalse(object.path("single").asBoolean(true));
    assertTrue(object.path("parent").isNull());
    return object.remove(List.of("single", "parent"));
  }

  @Test
  @DisplayName("an answer in an old data directory is read with all its fields")
  void answerHasTheSameFields() {
    var request = expected.path("request").asText();
    var member = room("first").withLink("player", person("Bob"));
    var result = (ObjectNode) expected.path("result").deepCopy();
    result.putArray("attach"); // fields of later versions
    result.putNull("chat");
    assertEquals(result, json(member.get("/results/" + request)));
  }

  @Test
  @DisplayName("a peer reads a room of an old data directory by sync and writes into its note")
  void roomSyncs() throws Exception {
    var created = expected.path("first").path("created");
    var note = expected.path("noteId").asText();
    var document = DocumentId.parse(created.path("documentId").asText()).orElseThrow();
    var old = URI.create(created.path("sync").path("host").asText());
    var address = URI.create("ws://127.0.0.1:" + server.port() + old.getPath());
    try (var repo = Repo.builder().server(address).open()) {
      var room = repo.find(document, SYNC_MAX);
      var text = Path.of("notes", note, "text");
      assertEquals(Optional.of(Value.text("Keep this: déjà vu 🦦")), room.read(text));
      room.change(new Edit.SpliceText(text, 0, 0, "Now: "));
      assertEquals(SaveState.SAVED, room.awaitSaved(SYNC_MAX));
      assertEquals(Optional.of(Value.text("Now: Keep this: déjà vu 🦦")), room.read(text));
    }
  }

  @Test
  @DisplayName("links, roles, a removal and a recovery key of an old data directory still apply")
  void accessRulesStillApply() {
    var tone = "{\"type\":\"tone\",\"text\":\"Brief\"}";
    var first = room("first");
    assertEquals(201, first.withLink("player", person("Bob")).post("/play", tone).statusCode());
    assertEquals(201, first.withLink("player", person("Dan")).post("/play", tone).statusCode());
    assertProblem(403, "spectator", first.withLink("spectator", person("Cy")).post("/play", tone));
    assertEquals(
        200, first.withLink("player", server.person("Eve")).post("/join", "{}").statusCode());

    var second = room("second");
    assertProblem(403, "revoked", second.withLink("spectator", server.person("Eve")).get(""));
    assertProblem(403, "kicked", second.withLink("player", person("Cy")).post("/join", "{}"));
    // Bob uses a player's link, but his membership makes him a host.
    var bob = second.withLink("player", person("Bob"));
    assertEquals(200, bob.get("/invitations").statusCode());
    assertProblem(403, "not-owner", bob.post("/recovery-key", "{}"));
    var eve = second.withLink("player", server.person("Eve"));
    var key = "{\"recoveryKey\":\"" + expected.path("recoveryKey").asText() + "\"}";
    assertEquals(200, eve.post("/recover", key).statusCode());
  }

  @Test
  @DisplayName(
      "an open invitation of an old data directory admits a person, and an ended one does not")
  void invitationsStillApply() {
    var first = room("first");
    var host = first.withLink("host", person("Olga"));
    var listed = json(host.get("/invitations")).path("invitations");
    assertEquals(states(expected.path("first").path("invitations")), states(listed));
    var eve = server.person("Eve");
    assertEquals(200, post(first, "/join", eve, keyOf(listed.get(0))).statusCode());
    assertEquals(2, json(host.get("/invitations")).path("invitations").get(0).path("used").asInt());
    assertProblem(
        403, "revoked", post(first, "/join", server.person("Finn"), keyOf(listed.get(1))));
  }

  /** The fields of invitations, without their URLs, which contain the port of the server. */
  private static List<String> states(JsonNode invitations) {
    var states = new ArrayList<String>();
    for (var invitation : invitations) {
      states.add(
          String.join(
              " ",
              invitation.path("id").asText(),
              invitation.path("role").asText(),
              invitation.path("by").asText(),
              invitation.path("createdAt").asText(),
              invitation.path("uses").asText(),
              invitation.path("used").asText(),
              invitation.path("state").asText(),
              keyOf(invitation)));
    }
    return states;
  }

  @Test
  @DisplayName("a room with a secret in an old data directory admits people who know the secret")
  void roomSecretStillApplies() throws Exception {
    var room = room("secret");
    var cy = room.withLink("player", person("Cy"));
    assertProblem(403, "secret-needed", cy.get(""));
    assertEquals(403, proveSecret(cy, "wrong horse").statusCode());
    assertEquals(200, proveSecret(cy, "correct horse").statusCode());
    assertEquals(200, cy.post("/join", "{}").statusCode());
  }

  private static HttpResponse<String> proveSecret(Member member, String password) throws Exception {
    var client =
        new ScramClient(password, "0123456789abcdef".getBytes(StandardCharsets.UTF_8), 100_000);
    var nonce = json(member.post("/secret/nonce", "{}")).path("nonce").asText();
    var text = RoomSecret.textToProve(member.room().slug(), member.person().identity(), nonce);
    var proof = JSON.writeValueAsString(Map.of("nonce", nonce, "proof", client.proof(text)));
    return member.post("/secret", proof);
  }

  @Test
  @DisplayName(
      "an open document of an old data directory, partly in a snapshot and partly in the log, is complete")
  void openDocumentIsWhole() throws Exception {
    var document = DocumentId.parse(expected.path("openDocument").asText()).orElseThrow();
    var heads = new ArrayList<String>();
    expected.path("openHeads").forEach(head -> heads.add(head.asText()));
    var url = URI.create("ws://127.0.0.1:" + server.port() + "/sync");
    try (var reader = new SyncPeer(url, "reader", document)) {
      reader.sendSync();
      while (reader.size() < expected.path("openChanges").asInt()) {
        reader.receive();
      }
      assertEquals(heads, reader.heads().stream().map(ChangeHash::toString).toList());
      reader.edit();
      reader.awaitCommitted();
    }
  }
}
