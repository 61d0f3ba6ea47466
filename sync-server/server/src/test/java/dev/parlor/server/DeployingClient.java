package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Deploys one app again and again until the server no longer answers, and then compares the app on
 * the restarted server with the answers. The files of a deploy have its number in their names'
 * contents, so a mixture of two deploys is found. Used by one thread at a time.
 */
final class DeployingClient {
  static final String HANDLE = "killed";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FILES =
      List.of("/index.html", "/a.txt", "/b.txt", "/c.txt", "/d.txt", "/shared.txt");
  private static final int FILLER = 20_000;

  private final String app;
  private final Random random;
  private final URI server;
  private final String token;
  private final AtomicInteger answers;

  /** The stored releases by the number of their deploy. */
  private final Map<Integer, Known> known = new TreeMap<>();

  private int deploys;
  private int deploysRead;
  private int shown;
  private Optional<Attempt> inFlight = Optional.empty();

  /** A deploy: its number, and whether it goes to production. */
  private record Attempt(int deploy, boolean production) {}

  private record Known(int seq, boolean production) {}

  /**
   * @param answers counts the answered deploys of all clients
   */
  DeployingClient(String app, Random random, URI server, String token, AtomicInteger answers) {
    this.app = app;
    this.random = random;
    this.server = server;
    this.token = token;
    this.answers = answers;
  }

  /** Deploys until the connection breaks. */
  void deployUntilKilled(HttpClient http) {
    try {
      while (true) {
        // A repeated deploy promotes the release that is there.
        var repeats = deploys > 0 && random.nextInt(4) == 0;
        var attempt =
            repeats
                ? new Attempt(1 + random.nextInt(deploys), true)
                : new Attempt(++deploys, random.nextBoolean());
        inFlight = Optional.of(attempt);
        var answer = call(http, "req-ensure-app-slug", deploy(attempt));
        settle(attempt, answer.path("releaseSeq").intValue());
        inFlight = Optional.empty();
        answers.incrementAndGet();
      }
    } catch (IOException _) {
      // The server was killed.
    }
  }

  private void settle(Attempt attempt, int seq) {
    var before = known.get(attempt.deploy());
    assertTrue(before == null || before.seq() == seq, "a repeated deploy is the same release");
    var isProduction = attempt.production() || (before != null && before.production());
    known.put(attempt.deploy(), new Known(seq, isProduction));
    if (attempt.production()) {
      shown = attempt.deploy();
    }
  }

  /**
   * Asserts that the server has each answered deploy, and the last one wholly or not at all.
   *
   * @param all whether to read the files of all releases, and not only of those since the last call
   */
  void assertStored(HttpClient http, boolean all) throws IOException {
    if (deploys == 0) {
      return;
    }
    var versions = versions(http);
    adoptInFlight(http, versions);
    assertEquals(known.size(), versions.size(), app + ": releases");
    var bySeq = known.values().stream().sorted(Comparator.comparingInt(Known::seq)).toList();
    for (var at = 0; at < bySeq.size(); at++) {
      assertEquals(at + 1, bySeq.get(at).seq(), app + " has its release numbers without a gap");
    }
    for (var entry : known.entrySet()) {
      var item = versions.get(versions.size() - entry.getValue().seq());
      assertEquals(entry.getValue().seq(), item.path("releaseSeq").intValue());
      assertEquals(
          entry.getValue().production() ? "production" : "dev", item.path("mode").textValue());
      assertEquals(entry.getKey() == shown, item.path("published").booleanValue(), item.toString());
      if (all || entry.getKey() > deploysRead) {
        assertServed(http, entry.getKey(), item.path("fsId").textValue());
      }
    }
    deploysRead = deploys;
    var page = get(http, "/a/" + HANDLE + "/" + app + "/");
    assertEquals(shown == 0 ? 404 : 200, page.statusCode(), app);
    if (shown != 0) {
      assertEquals(firstLine(content("/index.html", shown)), firstLine(text(page)));
    }
  }

  /** The interrupted deploy may be stored or not; from here on it counts as it was found. */
  private void adoptInFlight(HttpClient http, List<JsonNode> versions) throws IOException {
    if (inFlight.isEmpty()) {
      return;
    }
    var attempt = inFlight.get();
    inFlight = Optional.empty();
    var before = known.get(attempt.deploy());
    if (before == null && versions.size() == known.size()) {
      return; // The old state.
    }
    var seq = before == null ? versions.size() : before.seq();
    var found = versions.get(versions.size() - seq);
    var isShown = found.path("published").booleanValue();
    if (before == null || (isShown && attempt.production())) {
      settle(attempt, seq);
    }
    assertServed(http, attempt.deploy(), found.path("fsId").textValue());
  }

  private List<JsonNode> versions(HttpClient http) throws IOException {
    var request = JSON.createObjectNode().put("appSlug", app).put("ownerHandle", HANDLE).toString();
    var answer = post(http, "req-list-versions", request);
    if (answer.path("code").asText().equals("not-found")) {
      return List.of();
    }
    var items = new ArrayList<JsonNode>();
    answer.path("items").forEach(items::add);
    return items;
  }

  /** Each file of the release is served with the bytes of its deploy and under its content id. */
  private void assertServed(HttpClient http, int deploy, String fsId) throws IOException {
    var request =
        JSON.createObjectNode()
            .put("appSlug", app)
            .put("ownerHandle", HANDLE)
            .put("fsId", fsId)
            .toString();
    var files = new ArrayList<String>();
    for (var file : call(http, "req-get-app-by-fsid", request).path("fileSystem")) {
      var name = file.path("fileName").textValue();
      if (name.startsWith("/~~")) {
        continue; // The import map, which the server makes.
      }
      var served = get(http, "/a/" + HANDLE + "/" + app + "/~" + fsId + "~" + name);
      assertEquals(200, served.statusCode(), app + name);
      assertEquals(firstLine(content(name, deploy)), firstLine(text(served)), app + name);
      assertEquals(content(name, deploy).length(), served.body().length, app + name);
      assertEquals(
          file.path("assetId").textValue(), ContentId.of(Bytes.wrap(served.body())).text());
      files.add(name);
    }
    assertEquals(FILES.stream().sorted().toList(), files.stream().sorted().toList(), app);
  }

  private String deploy(Attempt attempt) {
    var request =
        JSON.createObjectNode()
            .put("appSlug", app)
            .put("ownerHandle", HANDLE)
            .put("mode", attempt.production() ? "production" : "dev");
    var files = request.putArray("fileSystem");
    for (var name : FILES) {
      files
          .addObject()
          .put("type", "str-asset-block")
          .put("filename", name)
          .put("content", content(name, attempt.deploy()));
    }
    return request.toString();
  }

  private String content(String name, int deploy) {
    return name.equals("/shared.txt")
        ? "the same in every deploy"
        : app + " " + name + " of deploy " + deploy + "\n" + "x".repeat(FILLER);
  }

  private JsonNode call(HttpClient http, String type, String request) throws IOException {
    var answer = post(http, type, request);
    assertEquals(
        "vibes.diy." + type.replaceFirst("req-", "res-"),
        answer.path("type").asText(),
        answer.toString());
    return answer;
  }

  private JsonNode post(HttpClient http, String type, String request) throws IOException {
    var body = "{\"type\":\"vibes.diy." + type + "\"," + request.substring(1);
    return JSON.readTree(
        send(
                http,
                HttpRequest.newBuilder(server.resolve("/api"))
                    .header("Authorization", "Bearer " + token)
                    .POST(BodyPublishers.ofString(body))
                    .build())
            .body());
  }

  private HttpResponse<byte[]> get(HttpClient http, String path) throws IOException {
    return send(http, HttpRequest.newBuilder(server.resolve(path)).GET().build());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static HttpResponse<byte[]> send(HttpClient http, HttpRequest request)
      throws IOException {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
