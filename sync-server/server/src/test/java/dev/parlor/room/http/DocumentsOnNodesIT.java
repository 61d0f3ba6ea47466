package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.parlor.client.Repo;
import dev.parlor.client.SaveState;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Value;
import dev.parlor.nats.NatsServer;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Documents that are not rooms on two whole servers, node A and node B, on one nats-server. */
@Timeout(120)
class DocumentsOnNodesIT {
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static NatsServer nats;

  @BeforeAll
  static void start() throws Exception {
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(2, 1);
  }

  @AfterAll
  static void stop() {
    nats.close();
  }

  private static TestServer server(String name, Map<String, String> environment) throws Exception {
    var all = new HashMap<>(environment);
    all.put("PARLOR_CLUSTER", nats.url());
    all.put("PARLOR_CLUSTER_MONITOR", nats.monitor().toString());
    return TestServer.start(Files.createDirectories(folder.resolve(name)), all);
  }

  private static void await(String what, BooleanSupplier condition) {
    var end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what + " within " + WAIT_MAX);
      LockSupport.parkNanos(20_000_000);
    }
  }

  @Test
  @DisplayName("a document that is deleted on one node is deleted and restored on another one too")
  void deletionsReachOtherNodes() throws Exception {
    try (var a = server("a", Map.of());
        var b = server("b", Map.of());
        var repo =
            Repo.builder().server(URI.create("ws://127.0.0.1:" + b.port() + "/sync")).open()) {
      var handle = repo.create(new Edit.Put(dev.parlor.crdt.replica.Path.of("n"), Value.of(1)));
      assertEquals(SaveState.SAVED, handle.awaitSaved(WAIT_MAX));
      var path = "/api/documents/" + handle.id().value();
      await("A has the document", () -> a.http().get(path).statusCode() == 200);
      assertEquals(200, b.http().get(path).statusCode());
      var deleted = a.http().delete(path);
      assertTrue(deleted.statusCode() < 300, deleted.body());
      await("B says that it is deleted", () -> b.http().get(path).statusCode() == 410);
      var restored = a.http().post(path + "/restore", "");
      assertTrue(restored.statusCode() < 300, restored.body());
      await("B has it again", () -> b.http().get(path).statusCode() == 200);
    }
  }

  @Test
  @DisplayName("[TK2] an order of the backend to one node ends connections on another node")
  void ordersReachOtherNodes() throws Exception {
    var key = Issuer.Key.make(Kind.EdDSA, "app");
    var permission = new AtomicReference<>("write");
    var backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.createContext(
        "/",
        exchange -> {
          var answer =
              ("{\"permission\":\"" + permission.get() + "\",\"seconds\":600}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    backend.start();
    var environment =
        Map.of(
            "PARLOR_SYNC_ACCESS",
            "token",
            "PARLOR_SYNC_KEY",
            key.pem(folder).toString(),
            "PARLOR_SYNC_ISSUER",
            "my-app",
            "PARLOR_SYNC_AUTHORIZER",
            "http://127.0.0.1:" + backend.getAddress().getPort() + "/");
    var expiry = System.currentTimeMillis() / 1000 + 600;
    var token = key.token("{\"iss\":\"my-app\",\"sub\":\"ben\",\"exp\":" + expiry + "}");
    try (var a = server("c", environment);
        var b = server("d", environment)) {
      var url = URI.create("ws://127.0.0.1:" + b.port() + "/sync/a/" + token);
      try (var ben = new SyncPeer(RawClient.join(url, "ben"), SyncPeer.document(77))) {
        ben.edit();
        ben.awaitCommitted();
        permission.set("read");
        var ordered = a.http().post("/api/admin/access/ben", "");
        assertEquals(202, ordered.statusCode(), ordered.body());
        assertEquals(CloseCodes.PERMISSIONS_CHANGED, ben.client().awaitClose().code());
      }
    } finally {
      backend.stop(0);
    }
  }
}
