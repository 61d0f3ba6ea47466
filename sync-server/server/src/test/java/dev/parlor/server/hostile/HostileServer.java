package dev.parlor.server.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The attacked server: a separate process with its store on disk. {@link HostileMain} lowers some
 * limits.
 */
final class HostileServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STOP_SECONDS_MAX = 20;

  private final Process process;
  private final int port;
  private final HttpClient http;

  /** This JVM's default TLS context before it was replaced; null without TLS. */
  private final @Nullable SSLContext previousTlsContext;

  /**
   * Starts the server.
   *
   * @param sockets the setting {@code --sockets}, or {@code tls} for Helidon over TLS. With TLS,
   *     the test's JVM trusts only the test's authority until this server is closed.
   * @param jvmOptions options of the server's JVM
   */
  HostileServer(Path folder, String sockets, List<String> jvmOptions) throws Exception {
    var command = ChildJvm.longLivedCommand(jvmOptions.toArray(String[]::new));
    command.addAll(List.of(HostileMain.class.getName(), folder.toString()));
    if (sockets.equals("tls")) {
      var authority = TestCertificates.in(folder);
      var files = authority.issueFiles("server");
      previousTlsContext = SSLContext.getDefault();
      SSLContext.setDefault(authority.trustingContext());
      command.addAll(List.of("--sockets", "helidon", "--tls-cert", files.certificate().toString()));
      command.addAll(List.of("--tls-key", files.key().toString()));
    } else {
      previousTlsContext = null;
      command.addAll(List.of("--sockets", sockets));
    }
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    process = builder.start();
    var firstLine = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (firstLine == null || !firstLine.startsWith("port ")) {
      throw new IOException("the server did not start: " + firstLine);
    }
    port = Integer.parseInt(firstLine.substring("port ".length()));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The URL of the open relay. */
  URI sync() {
    return socket("/sync");
  }

  URI socket(String path) {
    return URI.create((previousTlsContext == null ? "ws" : "wss") + "://127.0.0.1:" + port + path);
  }

  String origin() {
    return (previousTlsContext == null ? "http" : "https") + "://127.0.0.1:" + port;
  }

  /** An HTTP response. */
  record Answer(int status, JsonNode body) {
    String text(String field) {
      return body.path(field).asText();
    }
  }

  /** Sends a request; headers are given as name, value, name, value. */
  Answer send(String method, String path, String json, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(origin() + path)).timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!json.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    HttpResponse<String> response =
        http.send(
            request.method(method, BodyPublishers.ofString(json)).build(), BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  Answer post(String path, String json, String... headers) throws Exception {
    return send("POST", path, json, headers);
  }

  /** The value of a metric, summed over its labels; 0 if the server has not counted it yet. */
  double metric(String name) throws Exception {
    return values(name).stream().mapToDouble(Double::doubleValue).sum();
  }

  /** The value of a metric as {@link #metric}; fails if the server has no such metric. */
  double existingMetric(String name) throws Exception {
    assertNotEquals(List.of(), values(name), () -> "the server has no metric " + name);
    return metric(name);
  }

  private List<Double> values(String name) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(origin() + "/metrics")).build();
    return http.send(request, BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  /** A room, and the identity of its owner. */
  record Room(HostileServer server, JsonNode created, String identity, String token) {
    DocumentId document() {
      return DocumentId.parse(created.path("documentId").asText()).orElseThrow();
    }

    String key(String role) {
      var link = created.path("links").path(role).asText();
      return link.substring(link.indexOf("#k=") + 3);
    }

    /** The sync URL for a client with a role's key. */
    URI socket(String role) {
      return server.socket("/sync/k/" + created.path("slug").asText() + "." + key(role));
    }

    /** Sends a request of the room's owner. */
    Answer asHost(String method, String subpath, String json) throws Exception {
      return server.send(
          method,
          "/api/rooms/" + created.path("slug").asText() + subpath,
          json,
          "Authorization",
          "Bearer " + token,
          "Parlor-Key",
          key("host"));
    }
  }

  /** Creates a room with an owner who has joined. */
  Room room() throws Exception {
    var owner = post("/api/identities", "{\"name\":\"Olga\"}");
    assertEquals(201, owner.status(), owner.body()::toString);
    var token = owner.text("token");
    var created =
        post("/api/rooms", "{\"title\":\"Attacked\"}", "Authorization", "Bearer " + token);
    assertEquals(201, created.status(), created.body()::toString);
    var room = new Room(this, created.body(), owner.text("identity"), token);
    var joined = room.asHost("POST", "/join", "{\"name\":\"Olga\"}");
    assertEquals(200, joined.status(), joined.body()::toString);
    return room;
  }

  @Override
  public void close() throws IOException {
    http.shutdownNow();
    if (previousTlsContext != null) {
      SSLContext.setDefault(previousTlsContext);
    }
    process.getOutputStream().close();
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the server did not stop");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
