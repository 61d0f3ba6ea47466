package dev.parlor.relay.documents.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.socket.SyncPeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading documents over HTTP, in an open relay. */
class DocumentsReadIT {
  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("replaced by JUnit");
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

  private static Edit put(String key, Value value) {
    return new Edit.Put(Path.of(key), value);
  }

  @Test
  @DisplayName(
      "a document that a client syncs is read as JSON, with a tag of its heads and 304 for a known"
          + " tag")
  void documentAsJson() throws Exception {
    var document = SyncPeer.document(1);
    try (var peer = new SyncPeer(relay.url(), "ada", document)) {
      peer.edit(put("title", new Value.Text("plan")));
      peer.edit(put("count", new Value.Counter(3)));
      peer.awaitCommitted();
      var read = client.get("/" + document.value());
      assertEquals(200, read.status(), read.text());
      assertEquals("{\"count\":3,\"title\":\"plan\"}", read.text());
      assertEquals("application/json", read.header("Content-Type"));
      assertEquals("\"" + peer.heads().getFirst() + "\"", read.header("ETag"));
      var again = client.get("/" + document.value(), "If-None-Match", read.header("ETag"));
      assertEquals(304, again.status());
      peer.edit(put("count", new Value.Null()));
      peer.awaitCommitted();
      var changed = client.get("/" + document.value(), "If-None-Match", read.header("ETag"));
      assertEquals("{\"count\":null,\"title\":\"plan\"}", changed.text());
      assertEquals(
          read.text(),
          client
              .get("/" + document.value() + "?heads=" + read.header("ETag").replace("\"", ""))
              .text());
    }
  }

  @Test
  @DisplayName("an unknown document, a malformed id and an unknown method get a typed error")
  void errors() throws Exception {
    var unknown = client.get("/" + SyncPeer.document(2).value());
    assertEquals(404, unknown.status());
    assertEquals("application/problem+json", unknown.header("Content-Type"));
    assertEquals("not-found", unknown.problem());
    var malformed = client.get("/nonsense");
    assertEquals(400, malformed.status());
    assertEquals("invalid-field id", malformed.problem());
    var post = client.post("/" + SyncPeer.document(2).value() + "/history", "{}");
    assertEquals(405, post.status());
    assertEquals(List.of("GET, HEAD"), post.response().headers().allValues("Allow"));
  }
}
