package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.documents.http.DocumentsClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP API for documents in the server with rooms. */
class DocumentsOnRoomsIT {

  @Test
  @DisplayName(
      "the operator of a closed server owns its documents, with the admin token; other requests get"
          + " 403")
  void operator(@TempDir Path folder) throws Exception {
    var token = "operators-own-secret-token-of-40-letters!";
    var settings = Map.of("PARLOR_SYNC_ACCESS", "closed", "PARLOR_ADMIN_TOKEN", token);
    try (var server = TestServer.start(folder, settings);
        var client = new DocumentsClient(server.port())) {
      var operator = new String[] {"Authorization", "Bearer " + token};
      var made = client.post("", "{\"n\":1}", operator);
      assertEquals(201, made.status(), made.text());
      var path = "/" + made.json().path("id").asText();
      assertEquals("{\"n\":1}", client.get(path, operator).text());
      assertEquals(204, client.patch(path, "{\"n\":2}", operator).status());
      assertEquals(1, client.get("", operator).json().path("documents").size());
      assertEquals(403, client.get(path).status());
      assertEquals(403, client.get(path, "Authorization", "Bearer other").status());
      assertEquals(
          403,
          client.get(path, "Authorization", "Bearer " + token, "X-Forwarded-For", "::1").status());
    }
  }

  @Test
  @DisplayName(
      "the server with rooms serves documents that are no rooms, and no request reaches a room's"
          + " document")
  void documentsBesideRooms(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder, Map.of("PARLOR_SYNC_ACCESS", "open"));
        var client = new DocumentsClient(server.port())) {
      var room = "/" + server.room("Kitchen").created().path("documentId").asText();
      var made = client.post("", "{\"schema\":1,\"cards\":{}}");
      assertEquals(201, made.status(), made.text());
      var path = "/" + made.json().path("id").asText();
      assertEquals(204, client.patch(path, "{\"cards\":{\"a\":{\"text\":\"x\"}}}").status());
      assertEquals("{\"cards\":{\"a\":{\"text\":\"x\"}},\"schema\":1}", client.get(path).text());
      for (var answer :
          new DocumentsClient.Answer[] {
            client.get(room),
            client.get(room + ".automerge"),
            client.get(room + "/history"),
            client.get(room + "/events"),
            client.patch(room, "{\"title\":\"stolen\"}"),
            client.send("POST", room + "/copy", new byte[0]),
            client.send("DELETE", room, new byte[0]),
            client.send("POST", room + "/restore", new byte[0])
          }) {
        assertEquals(404, answer.status(), answer.text());
        assertEquals("not-found", answer.problem());
      }
      var listed = client.get("").json().path("documents");
      assertEquals(1, listed.size());
      assertEquals(path, "/" + listed.get(0).path("id").asText());
    }
  }
}
