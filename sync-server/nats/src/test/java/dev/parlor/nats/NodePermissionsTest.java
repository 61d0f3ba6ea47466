package dev.parlor.nats;

import static dev.parlor.nats.store.StoreFixture.A;
import static dev.parlor.nats.store.StoreFixture.await;
import static dev.parlor.nats.store.StoreFixture.changes;
import static dev.parlor.nats.store.StoreFixture.hashes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.command.Main;
import dev.parlor.nats.store.NatsChangeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes on a real server with the users of {@code docs/deploy/nats-users.conf}. */
class NodePermissionsTest {

  @TempDir private static Path folder;
  private static NatsServer server;

  @BeforeAll
  static void start() throws IOException {
    var users = Files.readString(Path.of("..", "..", "docs", "deploy", "nats-users.conf"));
    server =
        NatsServer.startWith(
            folder,
            users,
            Map.of("PARLOR_OPERATOR_PASSWORD", "operators", "PARLOR_NODE_PASSWORD", "nodes:own"));
    var status =
        Main.run(
            List.of("init", "--cluster", server.url(), "--shards", "2", "--replicas", "1"),
            Map.of("PARLOR_CLUSTER_CREDS", credentials("operator:operators").toString()),
            System.out,
            System.err);
    assertEquals(0, status);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Path credentials(String line) throws IOException {
    return Files.writeString(folder.resolve(line.substring(0, line.indexOf(':'))), line + "\n");
  }

  private static ClusterSettings settings(String credentials) throws IOException {
    var usual = ClusterSettings.of(List.of(server.url()));
    return new ClusterSettings(
        usual.servers(), Optional.of(credentials(credentials)), usual.names(), usual.limits());
  }

  private static NatsCluster node() throws IOException {
    return NatsCluster.open(settings("node:nodes:own"), 10_000, new SecureRandom());
  }

  private static void awaitThat(String what, BooleanSupplier condition) {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  @DisplayName(
      "two nodes with the permissions of the sample configuration write, fold, truncate, follow"
          + " records and send messages without a violation")
  void permissionsSuffice() throws Exception {
    try (var first = node();
        var second = node()) {
      var store = (NatsChangeStore) first.store();
      await(store.append(A, changes(1, 3)));
      await(store.compact(A, Bytes.utf8("snapshot"), hashes(changes(1, 2))));
      assertTrue(store.fold(A));
      store.truncate(0);
      assertTrue(second.store().load(A).isPresent());
      await(store.table("rooms").put("k", Bytes.utf8("v")));
      awaitThat(
          "the other node sees the record",
          () -> second.store().table("rooms").get("k").isPresent());
      await(store.tableOf(A, "t").put(A + "/k", Bytes.utf8("v")));
      awaitThat("both nodes see each other", () -> second.nodes().present().size() == 2);
      var heard = new CompletableFuture<Bytes>();
      second.messages().subscribe("topic", heard::complete);
      awaitThat(
          "the message arrives",
          () -> {
            first.messages().publish("topic", Bytes.utf8("hello"));
            LockSupport.parkNanos(20_000_000);
            return heard.isDone();
          });
      awaitThat(
          "every part is well",
          () -> first.conditions().values().stream().allMatch(condition -> condition.well()));
      assertEquals(Set.of("log", "bus", "clock", "documents"), first.conditions().keySet());
    }
    assertFalse(server.log().contains("Permissions Violation"), server.log());
  }

  @Test
  @DisplayName("a node's user may not create streams, and a wrong password is no entry")
  void othersAreRefused() throws Exception {
    try (var client = new ClusterClient(settings("node:nodes:own"))) {
      var names = ClusterNames.ofPrefix("other");
      assertThrows(
          IOException.class,
          () ->
              client
                  .management()
                  .addStream(
                      io.nats.client.api.StreamConfiguration.builder()
                          .name(names.log(0))
                          .subjects(names.logSubjects(0))
                          .build()));
    }
    assertThrows(
        IOException.class, () -> NatsChangeStore.open(settings("node:wrong"), new SecureRandom()));
    var passwordInUrl =
        Main.run(
            List.of("check", "--cluster", "nats://node:secret@127.0.0.1:1"),
            Map.of(),
            System.out,
            System.err);
    assertEquals(2, passwordInUrl);
  }
}
