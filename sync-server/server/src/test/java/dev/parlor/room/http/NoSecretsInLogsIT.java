package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.identity.DeviceAuthority;
import dev.parlor.apps.identity.TestDevice;
import dev.parlor.relay.health.Masking;
import dev.parlor.relay.token.Issuer;
import dev.parlor.room.access.BrowserKey;
import dev.parlor.room.access.Sessions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Uses every kind of secret in valid and invalid requests with all log levels on, and searches the
 * log for the secrets. The log's masking applies only to lines of other libraries, so that the
 * server's own lines must be free of secrets before masking.
 */
@Isolated("the log belongs to the whole process")
class NoSecretsInLogsIT {
  /** The users in {@link #useSecretsOfApps}; each sends four requests. */
  private static final int USERS_OF_APPS = 7;

  private static final String MODEL_KEY = "sk-live-Zq81kPw0vXyTn37b";

  private static final String BACKEND_TOKEN = "backend-Pq72mmXz19";
  private static final String SECRET_OF_URL = "path-of-the-backend-Rt55";

  private static final class LogRecorder extends Handler {
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    @Override
    public void publish(LogRecord record) {
      var text = new StringWriter();
      text.append(new SimpleFormatter().formatMessage(record));
      if (record.getThrown() != null) {
        record.getThrown().printStackTrace(new PrintWriter(text));
      }
      var isOwn = String.valueOf(record.getLoggerName()).startsWith("dev.parlor");
      lines.add(record.getLoggerName() + ": " + (isOwn ? text : Masking.mask(text.toString())));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @DisplayName(
      "at every log level, no secret of a request appears in the log; no room or answer shows the key of a model")
  @Test
  void noSecretIsLogged(@TempDir Path folder) throws Exception {
    var rootLogger = Logger.getLogger("");
    var ownLogger = Logger.getLogger("dev.parlor");
    var helidonLogger = Logger.getLogger("io.helidon");
    var recorder = new LogRecorder();
    recorder.setLevel(Level.ALL);
    rootLogger.addHandler(recorder);
    ownLogger.setLevel(Level.ALL);
    helidonLogger.setLevel(Level.ALL);
    var secrets = new ArrayList<String>();
    try (var provider = new StubProvider()) {
      var key = Issuer.Key.make(Issuer.Kind.ES256, "one");
      var authority = DeviceAuthority.create(new SecureRandom());
      var caFile = Files.writeString(folder.resolve("ca.json"), authority.publicJwk());
      var settings = new HashMap<String, String>();
      settings.put("PARLOR_JWT_KEY", key.pem(folder).toString());
      settings.put("PARLOR_DEVICE_CA", caFile.toString());
      settings.put("PARLOR_SYNC_ACCESS", "token");
      settings.put("PARLOR_SYNC_KEY", key.pem(folder).toString());
      settings.put("PARLOR_SYNC_AUTHORIZER", "http://127.0.0.1:1/" + SECRET_OF_URL);
      settings.put("PARLOR_SYNC_BACKEND_TOKEN", BACKEND_TOKEN);
      settings.putAll(provider.settings());
      settings.put("PARLOR_LLM_KEY", MODEL_KEY);
      try (var server = TestServer.start(folder, settings)) {
        useModelKey(server, provider);
        secrets.add(MODEL_KEY);
        useSecrets(server, key, secrets);
        useSecretsOfApps(server, key, authority, secrets);
        useTokensOfDocuments(server, key, secrets);
      }
    } finally {
      rootLogger.removeHandler(recorder);
      ownLogger.setLevel(null);
      helidonLogger.setLevel(null);
    }
    assertTrue(
        recorder.lines.stream().anyMatch(line -> line.startsWith("dev.parlor")),
        "the log was recorded");
    assertTrue(
        recorder.lines.stream().anyMatch(line -> line.contains("did not decide about a document")),
        "the relay asked the app's backend");
    assertTrue(secrets.size() > 10);
    var requests = recorder.lines.stream().filter(line -> line.contains(": apps API ")).toList();
    assertEquals(4 * USERS_OF_APPS, requests.size(), "each request of the apps API has a line");
    assertEquals(
        2, requests.stream().filter(line -> line.contains("outcome=ok user=jwt:u2")).count());
    for (var secret : secrets) {
      assertTrue(secret.length() > 15, "too short to search for");
      var lines = recorder.lines.stream().filter(line -> line.contains(secret)).toList();
      assertEquals(List.of(), lines, secret);
    }
  }

  /**
   * Asks an endpoint that quotes the key in its errors; no document, answer or page has the key.
   */
  private static void useModelKey(TestServer server, StubProvider provider) {
    var ada = server.room("Key").join("host", server.person("Ada"));
    provider.answer = _ -> StubProvider.error(401, "Incorrect API key provided: " + MODEL_KEY);
    var shown = new ArrayList<String>();
    var asked = ada.post("/generate", "{\"query\":\"Hi\"}");
    shown.add(ada.post("/generate?dryRun=1", "{\"query\":\"Hi\"}").body());
    var result = ada.get("/results/" + json(asked).path("request").asText() + "?wait=30").body();
    assertTrue(result.contains("Incorrect API key provided"), result);
    shown.add(result);
    for (var path : List.of("", "/export?as=json", "/export?as=markdown", "/health")) {
      shown.add(ada.get(path).body());
    }
    for (var path : List.of("/api/config", "/api/health", "/metrics", "/api/admin/rooms")) {
      shown.add(server.http().get(path).body());
    }
    for (var text : shown) {
      assertFalse(text.contains(MODEL_KEY), text);
    }
  }

  private static void useSecrets(TestServer server, Issuer.Key key, List<String> secrets)
      throws Exception {
    var http = server.http();
    var room = server.room("A room");
    for (var role : List.of("host", "player", "spectator")) {
      secrets.add(room.key(role));
    }
    var ada = server.person("Ada");
    secrets.add(ada.token().substring(ada.token().indexOf('.') + 1));
    var host = room.join("host", ada);
    var invitation = json(host.post("/invitations", "{\"role\":\"player\",\"uses\":1}"));
    var invitationLink = invitation.path("link").asText();
    var id = invitation.path("id").asText(); // the key after it may contain "_" too
    secrets.add(invitationLink.substring(invitationLink.indexOf(id + "_") + id.length() + 1));

    var ticket = json(host.post("/tickets", "{}")).path("url").asText();
    secrets.add(ticket.substring(ticket.lastIndexOf('/') + 1));
    for (var i = 0; i < 2; i++) {
      upgrade(server, ticket);
    }
    upgrade(server, room.created().path("sync").path("player").asText());
    upgrade(server, room.created().path("sync").path("player").asText() + "wrong");
    http.get(room.path("/events?ticket=" + ticket.substring(ticket.lastIndexOf('/') + 1)));

    var pair = BrowserKey.p256();
    var identity =
        json(http.post("/api/identities", Json.string(Map.of("publicKey", pair.jwk()))))
            .path("identity")
            .asText();
    var nonce = json(http.post("/api/identities/" + identity + "/nonce", "{}")).path("nonce");
    secrets.add(nonce.asText());
    var text = Sessions.textToSign("http://127.0.0.1:" + server.port(), identity, nonce.asText());
    var signature = pair.signed(text);
    secrets.add(signature);
    var proof = Json.string(Map.of("nonce", nonce.asText(), "signature", signature));
    var sessions = "/api/identities/" + identity + "/sessions";
    var session = json(http.post(sessions, proof)).path("token").asText();
    secrets.add(session);
    http.post(sessions, proof);
    http.post(sessions, Json.string(Map.of("nonce", nonce.asText(), "signature", "x")));

    var claims = "{\"sub\":\"u1\",\"exp\":" + Instant.now().plusSeconds(60).getEpochSecond() + "}";
    for (var token : List.of(key.token(claims), key.token("{\"sub\":\"u1\",\"exp\":1}"))) {
      secrets.add(token.substring(token.lastIndexOf('.') + 1));
      room.withLink("player", new TestServer.Person("jwt:u1", token)).post("/join", "{}");
    }
    room.withLink("player", new TestServer.Person(identity, session)).post("/join", "{}");
    room.withLink("player", new TestServer.Person(identity, session + "x")).post("/join", "{}");
    host.post("/participants/" + identity + "/kick", "{\"endLink\":true}");
    host.post("/join", "not json");

    var recovery = json(host.post("/recovery-key", "{}")).path("recoveryKey").asText();
    secrets.add(recovery.substring("rec_".length()));
    var bo = room.withLink("player", server.person("Bo"));
    for (var recoveryKey : List.of("wrong" + recovery, recovery)) {
      bo.post("/recover", Json.string(Map.of("recoveryKey", recoveryKey)));
    }
  }

  /** Sends valid and invalid tokens to the apps API on both transports, and an app's variable. */
  private static void useSecretsOfApps(
      TestServer server, Issuer.Key key, DeviceAuthority authority, List<String> secrets)
      throws Exception {
    var now = Instant.now();
    var ada = server.person("Ada");
    secrets.add(ada.token().substring(ada.token().indexOf('.') + 1));
    var certified = authority.certify(ada.identity(), "laptop", Duration.ofDays(1), now);
    secrets.add(ApiClient.json(certified).path("item").path("deviceId").path("d").asText());
    var device = TestDevice.of(certified);
    var claims = "{\"sub\":\"u2\",\"exp\":" + now.plusSeconds(60).getEpochSecond() + "}";
    var variable = "a-variable-of-an-app-with-a-secret";
    secrets.add(variable);
    var text = "a-text-of-a-file-of-an-app";
    var name = "a-name-of-a-file-of-an-app";
    secrets.addAll(List.of(text, name));
    var app =
        Map.of(
            "mode", "production",
            "env", Map.of("KEY", variable),
            "fileSystem",
                List.of(
                    Map.of(
                        "type",
                        "str-asset-block",
                        "filename",
                        "/" + name + ".html",
                        "content",
                        text)));
    try (var socket = new ApiClient(server.http().client, server.port(), "/api")) {
      for (var user :
          List.of(
              List.of("parlor", ada.token()),
              List.of("parlor", ada.token() + "x"),
              List.of("clerk", key.token(claims)),
              List.of("clerk", key.token("{\"sub\":\"u2\",\"exp\":1}")),
              List.of("device-id", device.token(now)),
              List.of("device-id", device.token(now.minusSeconds(86_400))),
              List.of("nonsense", ada.token()))) {
        var token = user.getLast();
        if (token.startsWith("eyJ")) {
          secrets.add(token.substring(token.lastIndexOf('.') + 1));
        }
        var payload = ApiClient.payload("req-ensure-app-slug", user.getFirst(), token, app);
        socket.call(payload);
        server.http().post("/api", payload);
        server.http().post("/api", payload.substring(1)); // no JSON
        server.http().post("/v1/ws", "{}", "Authorization", "Bearer " + token);
      }
    }
  }

  /** Tokens for documents: valid, expired and forged, on sockets and over HTTP. */
  private static void useTokensOfDocuments(
      TestServer server, Issuer.Key key, List<String> secrets) {
    secrets.add(BACKEND_TOKEN);
    secrets.add(SECRET_OF_URL);
    var http = server.http();
    var sync = "ws://127.0.0.1:" + server.port() + "/sync";
    var document = "/api/documents/4NMNnkMhL8jXrdJ9jamS58PAVdXu";
    var valid = key.token("{\"sub\":\"u3\",\"exp\":4000000000,\"create\":true}");
    var expired = key.token("{\"sub\":\"u3\",\"exp\":1}");
    var forged = valid.substring(0, valid.lastIndexOf('.')) + ".Zm9yZ2VkLXNpZ25hdHVyZQ";
    for (var token : List.of(valid, expired, forged)) {
      secrets.add(token.substring(token.lastIndexOf('.') + 1));
      upgrade(server, sync + "/a/" + token);
      upgrade(server, sync + "?access_token=" + token);
      http.get(document, "Authorization", "Bearer " + token);
      http.get(document + "?access_token=" + token);
      http.post("/api/documents", "{\"n\":1}", "Authorization", "Bearer " + token);
    }
    for (var token : List.of(BACKEND_TOKEN, BACKEND_TOKEN + "x")) {
      http.post("/api/admin/access/u3", "", "Authorization", "Bearer " + token);
    }
  }

  private static void upgrade(TestServer server, String url) {
    try {
      server
          .http()
          .client
          .newWebSocketBuilder()
          .buildAsync(URI.create(url), new java.net.http.WebSocket.Listener() {})
          .join()
          .abort();
    } catch (CompletionException e) {
      assertTrue(e.getCause() instanceof java.net.http.WebSocketHandshakeException, e.toString());
    }
  }
}
