package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.assertField;
import static dev.parlor.room.http.HttpClientForTests.assertProblem;

import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access to documents that the backend of an app decides about, with real clients. */
class SyncAuthorizerIT {
  private static final Issuer.Key KEY = Issuer.Key.make(Kind.EdDSA, "app");

  private static final String ORDERS = "a-token-for-this-test-only";

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "[TK2] [TK5] an app's backend gives and ends permissions, also of open connections; while it"
          + " is away, no client comes in and none is refused for good")
  void backendDecides() throws Exception {
    var privateKey =
        Files.writeString(
            folder.resolve("private.pem"),
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(KEY.pair().getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
    try (var node = NodeProcess.scenario("authorizer", "later", privateKey, ORDERS)) {
      var backend = node.expect("backend").replace("\"", "");
      var environment =
          Map.of(
              "PARLOR_SYNC_ACCESS",
              "token",
              "PARLOR_SYNC_KEY",
              KEY.pem(folder).toString(),
              "PARLOR_SYNC_ISSUER",
              "my-app",
              "PARLOR_SYNC_AUTHORIZER",
              backend,
              "PARLOR_SYNC_BACKEND_TOKEN",
              ORDERS);
      try (var server = TestServer.start(folder, environment)) {
        node.send("127.0.0.1:" + server.port());
        node.expect("passed");
        node.succeeds();
        assertField(400, "document", server.http().post("/api/admin/access/ben?document=x", ""));
      }
    }
  }

  @Test
  @DisplayName("an order to ask an app's backend again is refused where no backend decides")
  void withoutABackend() throws Exception {
    try (var server = TestServer.start(folder)) {
      assertProblem(409, "no-authorizer", server.http().post("/api/admin/access/ben", ""));
    }
  }
}
