package dev.parlor.relay.documents.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletion and server-sent events over HTTP, with a relay on disk and real connections. */
class DocumentEventsIT {
  private static final Issuer.Key KEY = Issuer.Key.make(Kind.EdDSA, "app");

  private final DocumentId document = SyncPeer.document(1);
  private final String path = "/" + document.value();
  @TempDir private Path folder = Path.of("replaced by JUnit");
  private Optional<Relay> started = Optional.empty();

  private Relay start(RelayConfig config) throws Exception {
    var relay = Relay.start(config);
    started = Optional.of(relay);
    return relay;
  }

  private Relay startOpen() throws Exception {
    return start(RelayConfig.onLoopback(folder.resolve("data")));
  }

  private Relay startWithTokens() throws Exception {
    return startWithTokens(Optional.empty());
  }

  /** Starts a relay that asks this backend about documents. */
  private Relay startWithTokens(Optional<URI> backend) throws Exception {
    var issuer =
        new SyncSettings.Issuer(
            new SyncSettings.Keys.PemFile(KEY.pem(folder)), Optional.empty(), Optional.empty());
    var sync =
        new SyncSettings(
            SyncSettings.Access.TOKEN,
            Optional.of(issuer),
            backend,
            Optional.of(new Secret("the token of the backend")));
    return start(RelayConfig.onLoopback(folder.resolve("data")).withSync(sync));
  }

  @AfterEach
  void stop() throws Exception {
    if (started.isPresent()) {
      started.get().close();
    }
  }

  private static String token(String subject, Instant expires, String claims) {
    return KEY.token(
        "{\"sub\":\"" + subject + "\",\"exp\":" + expires.getEpochSecond() + claims + "}");
  }

  private static String[] bearer(String subject, String claims) {
    return new String[] {
      "Authorization", "Bearer " + token(subject, Instant.now().plusSeconds(600), claims)
    };
  }

  private static SyncPeer peer(Relay relay, String subject, DocumentId document) throws Exception {
    var token = token(subject, Instant.now().plusSeconds(600), ",\"create\":true");
    return new SyncPeer(URI.create(relay.url() + "/a/" + token), subject, document);
  }

  private static List<String> heads(JsonNode data) {
    return data.path("heads").valueStream().map(JsonNode::asText).toList();
  }

  private static List<String> texts(List<ChangeHash> heads) {
    return heads.stream().map(ChangeHash::toString).toList();
  }

  @Test
  @DisplayName(
      "a stream tells the heads, then each change with its author; Last-Event-ID resumes it, also"
          + " after a restart, and an unknown id gets reload")
  void changesAndResume() throws Exception {
    var relay = startOpen();
    String lastId;
    try (var ada = new SyncPeer(relay.url(), "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      try (var stream = new EventStream(relay.port(), path + "/events")) {
        var ready = stream.next();
        assertEquals("ready", ready.name());
        assertEquals(texts(ada.heads()), heads(ready.data()));
        lastId = ready.id();
        ada.edit();
        ada.awaitCommitted();
        var change = stream.next();
        assertEquals("change", change.name());
        assertEquals(texts(ada.heads()), heads(change.data()));
        assertEquals(1, change.data().path("changes").asInt());
        assertEquals(ada.firstActor().toString(), change.data().path("actors").path(0).asText());
      }
      ada.edit();
      ada.awaitCommitted();
      relay.close();
      relay = startOpen();
      try (var resumed = new EventStream(relay.port(), path + "/events", "Last-Event-ID", lastId);
          var unknown =
              new EventStream(relay.port(), path + "/events", "Last-Event-ID", "ff".repeat(32))) {
        var change = resumed.next();
        assertEquals("change", change.name());
        assertEquals(2, change.data().path("changes").asInt());
        assertEquals(texts(ada.heads()), heads(change.data()));
        var reload = unknown.next();
        assertEquals("reload", reload.name());
        assertEquals(texts(ada.heads()), heads(reload.data()));
        try (var current =
            new EventStream(relay.port(), path + "/events", "Last-Event-ID", reload.id())) {
          assertEquals("ready", current.next().name());
        }
      }
    }
  }

  @Test
  @DisplayName(
      "only an owner deletes and restores; a deleted document gets 410 and an unknown one 404, and"
          + " its streams end with deleted")
  void deletionOverHttp() throws Exception {
    var relay = startWithTokens();
    var owner = bearer("ada", "");
    var writer = bearer("ben", ",\"documents\":{\"" + document.value() + "\":\"write\"}");
    var all = bearer("root", ",\"documents\":{\"*\":\"own\"}");
    try (var client = new DocumentsClient(relay.port());
        var ada = peer(relay, "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      assertEquals(403, client.send("DELETE", path, new byte[0], writer).status());
      assertEquals(403, client.post(path + "/restore", "", writer).status());
      assertEquals(401, client.send("DELETE", path, new byte[0]).status());
      assertEquals("not-deleted", client.post(path + "/restore", "", owner).problem());
      assertEquals(
          "invalid-field hard",
          client.send("DELETE", path + "?hard=maybe", new byte[0], owner).problem());
      try (var stream = new EventStream(relay.port(), path + "/events", writer)) {
        assertEquals("ready", stream.next().name());
        var deleted = client.send("DELETE", path, new byte[0], owner);
        assertEquals(200, deleted.status(), deleted.text());
        assertTrue(deleted.json().path("keptUntil").isTextual(), deleted.text());
        assertEquals("deleted", stream.next().name());
        assertEquals("", stream.next().name());
      }
      for (var caller : List.of(owner, writer)) {
        assertEquals(410, client.get(path, caller).status());
        assertEquals(410, client.get(path + "/events", caller).status());
      }
      assertEquals(410, client.send("DELETE", path, new byte[0], owner).status());
      assertEquals(403, client.post(path + "/restore", "", writer).status());
      assertEquals(200, client.post(path + "/restore", "", owner).status());
      assertEquals(200, client.get(path, writer).status());
      assertEquals(200, client.send("DELETE", path + "?hard=true", new byte[0], all).status());
      assertEquals(410, client.post(path + "/restore", "", owner).status());
      assertEquals(410, client.get(path, owner).status());
      var unknown = "/" + SyncPeer.document(9).value();
      assertEquals(404, client.get(unknown, all).status());
      assertEquals(404, client.send("DELETE", unknown, new byte[0], all).status());
      assertEquals(404, client.post(unknown + "/restore", "", all).status());
    }
  }

  @Test
  @DisplayName("a stream ends when the token of its client expires")
  void streamEndsWithTheToken() throws Exception {
    var relay = startWithTokens();
    try (var ada = peer(relay, "ada", document)) {
      ada.edit();
      ada.awaitCommitted();
      // With the allowed difference of clocks, this token is valid for three more seconds.
      var token = token("ada", Instant.now().minusSeconds(57), "");
      try (var stream =
          new EventStream(relay.port(), path + "/events", "Authorization", "Bearer " + token)) {
        assertEquals("ready", stream.next().name());
        var end = stream.next();
        assertEquals("end", end.name());
        assertEquals("token-expired", end.data().path("reason").asText());
        assertEquals("", stream.next().name());
      }
    }
  }

  @Test
  @DisplayName("an order of the app's backend ends the stream of a subject that may no longer read")
  void streamEndsWithThePermission() throws Exception {
    var permission = new AtomicReference<>("own");
    var backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.createContext(
        "/",
        exchange -> {
          try (exchange) {
            var answer = ("{\"permission\":\"" + permission.get() + "\"}").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    backend.start();
    var url = URI.create("http://127.0.0.1:" + backend.getAddress().getPort() + "/");
    var relay = startWithTokens(Optional.of(url));
    try (var ada = peer(relay, "ada", document);
        var client = HttpClient.newHttpClient()) {
      ada.edit();
      ada.awaitCommitted();
      try (var stream = new EventStream(relay.port(), path + "/events", bearer("ada", ""))) {
        assertEquals("ready", stream.next().name());
        permission.set("none");
        var order =
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + relay.port() + "/api/admin/access/ada"))
                .header("Authorization", "Bearer the token of the backend")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertEquals(202, client.send(order, BodyHandlers.discarding()).statusCode());
        var end = stream.next();
        assertEquals("end", end.name());
        assertEquals("no-permission", end.data().path("reason").asText());
      }
    } finally {
      backend.stop(0);
    }
  }
}
