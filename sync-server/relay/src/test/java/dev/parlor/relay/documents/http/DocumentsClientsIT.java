package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.interop.NodeProcess;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP API for documents together with an unmodified automerge-repo client. */
class DocumentsClientsIT {
  @TempDir private Path folder = Path.of("replaced by JUnit");

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] unquoted(String base64) {
    return Base64.getDecoder().decode(base64.replace("\"", ""));
  }

  @Test
  @DisplayName(
      "a client sees a backend's patch beside its own edit, with every type kept; each opens the"
          + " other's documents and files")
  void clientAndBackend() throws Exception {
    try (var relay = Relay.start(RelayConfig.onLoopback(folder.resolve("data")));
        var node = NodeProcess.scenario("documents-api", relay.url());
        var backend = new DocumentsClient(relay.port())) {
      var path = "/" + node.expect("document").replace("\"", "");
      var read = backend.awaitContent(path, "\"yes\":true");
      assertEquals(
          "{\"\":{\"empty\":\"key\"},\"at\":\"1970-01-01T00:00:00.000Z\",\"big\":9007199254740991,"
              + "\"bytes\":\"AQL/\",\"count\":3,\"fixed\":\"fixed\",\"list\":[1,\"two\","
              + "{\"three\":3}],\"none\":null,\"ratio\":0.5,\"title\":\"Plan\",\"yes\":true}",
          read.text());
      var typed = backend.awaitContent(path + "?form=typed", "bold").json().path("value");
      assertEquals(
          "{\"type\":\"text\",\"value\":\"Plan\",\"marks\":[{\"name\":\"bold\",\"start\":0,"
              + "\"end\":2,\"value\":true}]}",
          typed.path("title").toString());
      assertEquals("{\"type\":\"counter\",\"value\":3}", typed.path("count").toString());
      assertEquals("int", typed.path("big").path("type").asText());
      assertEquals("string", typed.path("fixed").path("type").asText());
      assertEquals("float", typed.path("ratio").path("type").asText());

      node.go();
      node.expect("spliced");
      backend.awaitContent(path, "Plan B");
      var patched =
          backend.patch(
              path,
              "{\"title\":\"Our Plan B\",\"count\":7,\"at\":\"2026-11-30T10:00:00Z\",\"bytes\":\"Bw==\","
                  + "\"fixed\":\"changed\",\"none\":null,"
                  + "\"list\":[1,\"two and a half\",{\"three\":3,\"four\":[4]}]}");
      assertEquals(204, patched.status(), patched.text());
      assertTrue(patched.header("ETag").matches("\"[0-9a-f]{64}\""), patched.header("ETag"));
      node.expect("patched");

      var made = backend.post("", "{\"made\":\"by the backend\"}");
      assertEquals(201, made.status(), made.text());
      var id = made.json().path("id").asText();
      assertEquals("/api/documents/" + id, made.header("Location"));
      node.send(id);
      node.expect("edited");
      backend.awaitContent("/" + id, "also by the backend");
      var file = backend.get("/" + id + ".automerge");
      assertEquals("application/octet-stream", file.header("Content-Type"));
      node.send(base64(file.response().body()));

      var uploaded =
          backend.send(
              "POST",
              "",
              unquoted(node.expect("file")),
              "Content-Type",
              "application/octet-stream");
      assertEquals(201, uploaded.status(), uploaded.text());
      var copy = "/" + uploaded.json().path("id").asText();
      assertEquals("{\"from\":\"a file\",\"n\":21}", backend.get(copy).text());
      assertEquals(21, backend.get(copy + "/history?limit=1").json().path("total").asInt());
      node.succeeds();
    }
  }
}
