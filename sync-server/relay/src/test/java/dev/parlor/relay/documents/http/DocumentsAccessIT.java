package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.PolicySettings;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.config.SyncSettings.Access;
import dev.parlor.relay.documents.http.DocumentsClient.Answer;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access to documents over HTTP: by token, open and closed, and from pages of other origins. */
class DocumentsAccessIT {
  private static final Issuer.Key KEY = Issuer.Key.make(Kind.EdDSA, "app");
  private static final byte[] NOTHING = new byte[0];

  @TempDir private Path folder = Path.of("replaced by JUnit");

  private RelayConfig config(Access access) {
    var issuer =
        access == Access.TOKEN
            ? Optional.of(
                new SyncSettings.Issuer(
                    new SyncSettings.Keys.PemFile(KEY.pem(folder)),
                    Optional.empty(),
                    Optional.empty()))
            : Optional.<SyncSettings.Issuer>empty();
    return RelayConfig.onLoopback(folder.resolve("data"))
        .withSync(new SyncSettings(access, issuer, Optional.empty()));
  }

  private static String[] token(String subject, String claims) {
    var token = KEY.token("{\"sub\":\"" + subject + "\",\"exp\":4000000000," + claims + "}");
    return new String[] {"Authorization", "Bearer " + token};
  }

  private static void assertAnswer(String expected, Answer answer) {
    assertEquals(
        expected,
        answer.status() < 400
            ? Integer.toString(answer.status())
            : answer.status() + " " + answer.problem(),
        answer.text());
  }

  @Test
  @DisplayName(
      "[TK1] [TK2] [AD5] a token reads, patches, creates, copies and lists what its claims say,"
          + " and nothing else")
  void tokens() throws Exception {
    try (var relay = Relay.start(config(Access.TOKEN));
        var client = new DocumentsClient(relay.port())) {
      var ada = token("ada", "\"create\":true");
      var made = client.post("", "{\"n\":1}", ada);
      assertAnswer("201", made);
      var id = made.json().path("id").asText();
      var path = "/" + id;
      var reader = token("eve", "\"documents\":{\"" + id + "\":\"read\"}");
      var writer = token("ben", "\"documents\":{\"automerge:" + id + "\":\"write\"}");
      var stranger = token("mallory", "\"create\":true");
      var all = token("root", "\"documents\":{\"*\":\"read\"}");

      assertAnswer("200", client.get(path, ada));
      assertAnswer("200", client.get(path, reader));
      assertAnswer("200", client.get(path + ".automerge", reader));
      assertAnswer("403 refused TK2", client.get(path, stranger));
      assertAnswer("403 refused TK2", client.get(path + "/history", stranger));
      assertAnswer("401 refused TK1", client.get(path));
      assertAnswer("401 refused TK1", client.get(path, "Authorization", "Bearer nonsense"));
      assertAnswer(
          "401 refused TK1",
          client.get(
              path, "Authorization", "Bearer " + KEY.token("{\"sub\":\"ada\",\"exp\":1000000}")));

      assertAnswer("204", client.patch(path, "{\"n\":2}", ada));
      assertAnswer("204", client.patch(path, "{\"n\":3}", writer));
      assertAnswer("403 refused AD5", client.patch(path, "{\"n\":4}", reader));
      assertAnswer("403 refused TK2", client.patch(path, "{\"n\":5}", stranger));
      assertEquals("{\"n\":3}", client.get(path, all).text());
      var actors = new ArrayList<String>();
      client
          .get(path + "/history", ada)
          .json()
          .path("changes")
          .forEach(change -> actors.add(change.path("actor").asText()));
      assertEquals(actors.get(0), actors.get(1), "Ada's changes have one actor");
      assertFalse(actors.subList(0, 2).contains(actors.get(2)), "Ben has an actor of his own");

      assertAnswer("403 refused TK2", client.post("", "{}", reader));
      assertAnswer("403 refused TK2", client.send("POST", path + "/copy", NOTHING, reader));
      assertAnswer("403 refused TK2", client.send("POST", path + "/copy", NOTHING, stranger));
      assertAnswer("201", client.send("POST", path + "/copy", NOTHING, ada));

      assertEquals(2, client.get("", ada).json().path("documents").size());
      assertEquals(2, client.get("", all).json().path("documents").size());
      assertEquals(1, client.get("", reader).json().path("documents").size());
      assertEquals(0, client.get("", stranger).json().path("documents").size());
    }
  }

  @Test
  @DisplayName(
      "[AD6] a document policy admits and refuses patches like changes of a client, by the roles of"
          + " the token")
  void policy() throws Exception {
    var policy =
        Files.writeString(
            folder.resolve("policy.json"),
            """
            {"version": 1, "rules": [
              {"path": "/notes/**", "write": ["write"]},
              {"path": "/settings/**", "write": ["editor"]},
              {"path": "/**", "write": ["own"]}]}
            """);
    var config = config(Access.TOKEN).withPolicy(new PolicySettings(Optional.of(policy)));
    try (var relay = Relay.start(config);
        var client = new DocumentsClient(relay.port())) {
      var ada = token("ada", "\"create\":true,\"roles\":[\"editor\"]");
      var made = client.post("", "{\"notes\":{},\"settings\":{\"n\":1}}", ada);
      assertAnswer("201", made);
      var id = made.json().path("id").asText();
      var ben = token("ben", "\"documents\":{\"" + id + "\":\"write\"}");
      assertAnswer("204", client.patch("/" + id, "{\"notes\":{\"a\":\"text\"}}", ben));
      assertAnswer("403 refused AD6", client.patch("/" + id, "{\"settings\":{\"n\":2}}", ben));
      assertAnswer("204", client.patch("/" + id, "{\"settings\":{\"n\":3}}", ada));
      assertEquals(
          "{\"notes\":{\"a\":\"text\"},\"settings\":{\"n\":3}}", client.get("/" + id, ben).text());
    }
  }

  @Test
  @DisplayName(
      "[TK2] an open relay that other machines reach lists no documents, serves known ids, and lets"
          + " no client delete or restore a document")
  void openRelayWithoutList() throws Exception {
    try (var relay = Relay.start(config(Access.OPEN).listeningOn("0.0.0.0", 0));
        var client = new DocumentsClient(relay.port())) {
      var made = client.post("", "{}");
      assertAnswer("201", made);
      var path = "/" + made.json().path("id").asText();
      assertAnswer("204", client.patch(path, "{\"n\":1}"));
      for (var refused :
          List.of(
              client.send("DELETE", path, NOTHING),
              client.send("DELETE", path + "?hard=true", NOTHING),
              client.post(path + "/restore", ""))) {
        assertEquals(403, refused.status(), refused.text());
        assertEquals("TK2", refused.json().path("rule").asText());
      }
      assertEquals("{\"n\":1}", client.get(path).text());
      assertAnswer("403 list-closed", client.get(""));
    }
  }

  @Test
  @DisplayName("a relay that is closed for sync refuses every request for documents with 403")
  void closed() throws Exception {
    try (var relay = Relay.start(config(Access.CLOSED));
        var client = new DocumentsClient(relay.port())) {
      assertAnswer("403 closed", client.get(""));
      assertAnswer("403 closed", client.post("", "{}"));
      assertAnswer("403 closed", client.get("/nonsense"));
    }
  }

  @Test
  @DisplayName(
      "[WS5] a page of another origin neither reads nor writes, whatever its request hides")
  void foreignPages() throws Exception {
    try (var relay = Relay.start(config(Access.OPEN));
        var client = new DocumentsClient(relay.port())) {
      assertAnswer("201", client.post("", "{}"));
      for (var headers :
          List.of(
              new String[] {"Origin", "https://evil.example"},
              new String[] {"Origin", "null"},
              new String[] {"Sec-Fetch-Site", "cross-site"},
              new String[] {"Sec-Fetch-Site", "same-site"})) {
        assertAnswer("403 refused WS5", client.get("", headers));
        assertAnswer("403 refused WS5", client.post("", "{}", headers));
      }
      var own = "http://127.0.0.1:" + relay.port();
      assertAnswer("201", client.post("", "{}", "Origin", own));
      assertAnswer("200", client.get("", "Sec-Fetch-Site", "same-origin"));
      assertEquals("same-origin", client.get("").header("Cross-Origin-Resource-Policy"));
      assertEquals(2, client.get("").json().path("documents").size());
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
        var request = "GET /api/documents HTTP/1.1\r\nHost: evil.example\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        var response =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        assertEquals("HTTP/1.1 421 Misdirected Request", response.readLine());
      }
    }
  }

  @Test
  @DisplayName(
      "[AD6] a copy whose later change the document policy refuses is not created in part: no"
          + " document stays")
  void refusedCopyLeavesNothing() throws Exception {
    var policy =
        Files.writeString(
            folder.resolve("policy.json"),
            """
            {"version": 1, "rules": [
              {"path": "/closed/**", "write": ["keeper"]},
              {"path": "/**", "write": ["own"]}
            ]}
            """);
    var config = config(Access.TOKEN).withPolicy(new PolicySettings(Optional.of(policy)));
    try (var relay = Relay.start(config);
        var client = new DocumentsClient(relay.port())) {
      var keeper = token("ada", "\"create\":true,\"roles\":[\"keeper\"]");
      var made = client.post("", "{\"open\":1}", keeper);
      assertAnswer("201", made);
      var path = "/" + made.json().path("id").asText();
      assertAnswer("204", client.patch(path, "{\"closed\":1}", keeper));
      var ada = token("ada", "\"create\":true");
      var refused = client.post(path + "/copy", "", ada);
      assertEquals(403, refused.status(), refused.text());
      assertEquals("AD6", refused.json().path("rule").asText());
      assertEquals(1, client.get("", ada).json().path("documents").size());
      assertAnswer("201", client.post(path + "/copy", "", keeper));
      assertEquals(2, client.get("", ada).json().path("documents").size());
    }
  }
}
