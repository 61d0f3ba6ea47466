package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.documents.http.DocumentsClient.Answer;
import dev.parlor.relay.socket.SyncPeer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing documents over HTTP, in an open relay. */
class DocumentsWriteIT {
  @TempDir private Path folder = Path.of("replaced by JUnit");
  private Relay relay;
  private DocumentsClient client;

  @BeforeEach
  void start() throws Exception {
    relay = Relay.start(RelayConfig.onLoopback(folder.resolve("data")));
    client = new DocumentsClient(relay.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    relay.close();
  }

  private String create(String json) throws Exception {
    var made = client.post("", json);
    assertEquals(201, made.status(), made.text());
    assertEquals("automerge:" + made.json().path("id").asText(), made.json().path("url").asText());
    return "/" + made.json().path("id").asText();
  }

  @Test
  @DisplayName("a change is on disk when its request is answered: a restarted relay has it")
  void durable() throws Exception {
    var path = create("{\"n\":1}");
    assertEquals(204, client.patch(path, "{\"n\":2}").status());
    stop();
    start();
    assertEquals("{\"n\":2}", client.get(path).text());
    var history = client.get(path + "/history").json();
    assertEquals(2, history.path("changes").size());
    assertEquals(
        history.path("changes").get(0).path("actor"), history.path("changes").get(1).path("actor"));
    assertTrue(history.path("changes").get(0).path("time").asText().startsWith("20"));
  }

  @Test
  @DisplayName("a patch with If-Match is refused with 412 if the document has another state")
  void ifMatch() throws Exception {
    var path = create("{\"n\":1}");
    var tag = client.get(path).header("ETag");
    var patched = client.patch(path, "{\"n\":2}", "If-Match", tag);
    assertEquals(204, patched.status(), patched.text());
    assertNotEquals(tag, patched.header("ETag"));
    var stale = client.patch(path, "{\"n\":3}", "If-Match", tag);
    assertEquals(412, stale.status());
    assertEquals("changed", stale.problem());
    assertEquals(412, client.patch(path, "{}", "If-Match", "W/" + patched.header("ETag")).status());
    assertEquals("{\"n\":2}", client.get(path).text());
    assertEquals(204, client.patch(path, "{\"n\":4}", "If-Match", "*").status());
  }

  @Test
  @DisplayName(
      "of many concurrent patches with one If-Match exactly one is applied; patches of different"
          + " fields without If-Match are all applied")
  void concurrentPatches() throws Exception {
    var path = create("{}");
    var tag = client.get(path).header("ETag");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var conditional = new ArrayList<Callable<Answer>>();
      var free = new ArrayList<Callable<Answer>>();
      for (var i = 0; i < 8; i++) {
        var number = i;
        conditional.add(() -> client.patch(path, "{\"n\":" + number + "}", "If-Match", tag));
        free.add(() -> client.patch(path, "{\"field" + number + "\":" + number + "}"));
      }
      var succeeded = 0;
      for (var answer : threads.invokeAll(conditional)) {
        succeeded += answer.get().status() == 204 ? 1 : 0;
      }
      assertEquals(1, succeeded);
      for (var answer : threads.invokeAll(free)) {
        assertEquals(204, answer.get().status(), answer.get().text());
      }
    }
    assertEquals(9, client.get(path).json().size());
  }

  @Test
  @DisplayName("a JSON patch is applied as a whole or not at all, and a failed test names it")
  void jsonPatch() throws Exception {
    var path = create("{\"list\":[{\"id\":1},{\"id\":2}],\"text\":\"abc\"}");
    var patched =
        client.jsonPatch(
            path,
            "[{\"op\":\"test\",\"path\":\"/list/0/id\",\"value\":1},"
                + "{\"op\":\"remove\",\"path\":\"/list/0\"},"
                + "{\"op\":\"add\",\"path\":\"/list/-\",\"value\":\"new\"}]");
    assertEquals(204, patched.status(), patched.text());
    assertEquals("{\"list\":[{\"id\":2},\"new\"],\"text\":\"abc\"}", client.get(path).text());
    var failed =
        client.jsonPatch(
            path,
            "[{\"op\":\"remove\",\"path\":\"/text\"},"
                + "{\"op\":\"test\",\"path\":\"/list/0/id\",\"value\":1}]");
    assertEquals(409, failed.status());
    assertEquals("invalid-field /1", failed.problem());
    assertEquals(patched.header("ETag"), client.get(path).header("ETag"));
  }

  @Test
  @DisplayName("a copy has the history of a document up to its heads, and goes its own way")
  void copy() throws Exception {
    var path = create("{\"n\":1}");
    var first = client.get(path).header("ETag").replace("\"", "");
    client.patch(path, "{\"n\":2}");
    var whole = client.send("POST", path + "/copy", new byte[0]);
    var earlier = client.send("POST", path + "/copy?heads=" + first, new byte[0]);
    assertEquals(201, whole.status(), whole.text());
    assertEquals(201, earlier.status(), earlier.text());
    client.patch(path, "{\"n\":3}");
    assertEquals("{\"n\":2}", client.get("/" + whole.json().path("id").asText()).text());
    assertEquals("{\"n\":1}", client.get("/" + earlier.json().path("id").asText()).text());
  }

  @Test
  @DisplayName("lists of documents and of changes come in pages that together have each entry once")
  void pages() throws Exception {
    var created = new java.util.TreeSet<String>();
    for (var i = 0; i < 5; i++) {
      created.add(create("{\"i\":" + i + "}").substring(1));
    }
    var listed = new ArrayList<String>();
    var next = "";
    do {
      var page = client.get("?limit=2" + (next.isEmpty() ? "" : "&after=" + next)).json();
      page.path("documents").forEach(entry -> listed.add(entry.path("id").asText()));
      next = page.path("next").asText();
    } while (!next.isEmpty());
    assertEquals(new ArrayList<>(created), listed);

    var path = "/" + created.first();
    for (var i = 0; i < 4; i++) {
      client.patch(path, "{\"n\":" + i + "}");
    }
    var hashes = new ArrayList<String>();
    do {
      var page =
          client.get(path + "/history?limit=2" + (next.isEmpty() ? "" : "&after=" + next)).json();
      assertEquals(5, page.path("total").asInt());
      page.path("changes").forEach(change -> hashes.add(change.path("hash").asText()));
      next = page.path("next").asText();
    } while (!next.isEmpty());
    assertEquals(5, hashes.stream().distinct().count());
    assertEquals("\"" + hashes.getLast() + "\"", client.get(path).header("ETag"));
    assertEquals(
        "{\"i\":0}",
        client.get(path + "?heads=" + hashes.getFirst()).text().replaceAll("\\d", "0"));
  }

  @Test
  @DisplayName("bad bodies and parameters get an error with status, code, field and rule")
  void badInput() throws Exception {
    var path = create("{\"text\":\"abc\"}");
    assertProblem(415, "wrong-content-type", client.send("PATCH", path, bytes("{}")));
    assertProblem(415, "wrong-content-type", client.send("POST", "", bytes("{}")));
    assertProblem(400, "not-json", client.patch(path, "{"));
    assertEquals(
        "the body is not JSON, line 1, column 2: Unexpected end-of-input: expected close marker for"
            + " Object",
        client.patch(path, "{").json().path("detail").asText());
    assertProblem(400, "not-json", client.patch(path, "[".repeat(70) + "]".repeat(70)));
    assertProblem(422, "invalid-field", client.patch(path, "[]"));
    assertProblem(422, "invalid-field", client.post("", "[]"));
    assertProblem(400, "invalid-field /0/op", client.jsonPatch(path, "[{\"op\":\"x\"}]"));
    assertProblem(404, "not-found", client.patch("/" + SyncPeer.document(9).value(), "{}"));
    assertProblem(400, "invalid-field limit", client.get("?limit=0"));
    assertProblem(400, "invalid-field heads", client.get(path + "?heads=12"));
    assertProblem(422, "invalid-field heads", client.get(path + "?heads=" + "00".repeat(32)));
    assertProblem(400, "invalid-field form", client.get(path + "?form=xml"));
    assertProblem(422, "refused AD3", client.patch(path, "{\"" + "k".repeat(5_000) + "\":1}"));
    assertProblem(
        422,
        "refused SY4",
        client.send("POST", "", bytes("no document"), "Content-Type", "application/octet-stream"));
    var large = new byte[5 * 1024 * 1024];
    assertProblem(
        413,
        "body-too-large",
        client.send("PATCH", path, large, "Content-Type", "application/merge-patch+json"));
    assertEquals("{\"text\":\"abc\"}", client.get(path).text());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertProblem(int status, String problem, Answer answer) {
    assertEquals(status + " " + problem, answer.status() + " " + answer.problem(), answer.text());
    assertEquals("application/problem+json", answer.header("Content-Type"));
    assertEquals(status, answer.json().path("status").asInt());
  }
}
