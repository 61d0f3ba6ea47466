package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.Repo;
import dev.parlor.client.SaveState;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.nats.NatsServer;
import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Relays without rooms on a real nats-server. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RelayOnClusterIT {

  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private static java.nio.file.Path folder;
  private static NatsServer nats;

  @BeforeAll
  static void start(@TempDir java.nio.file.Path temporary) throws Exception {
    folder = temporary;
    nats = NatsServer.start(folder.resolve("nats"));
    nats.init(2, 1);
  }

  @AfterAll
  static void stop() {
    nats.close();
  }

  private static Map<String, String> environment() {
    return Map.of(
        "PARLOR_CLUSTER", nats.url(), "PARLOR_CLUSTER_MONITOR", nats.monitor().toString());
  }

  private static RelayConfig config(String name) throws Exception {
    return ServerConfig.read(
            List.of("--port", "0", "--data", folder.resolve(name).toString()),
            environment(),
            folder)
        .relay();
  }

  @Test
  @Order(1)
  @DisplayName("clients of two relays on one cluster share a document, and each is told \"saved\"")
  void twoRelays() throws Exception {
    try (var first = Relay.start(config("first"));
        var second = Relay.start(config("second"));
        var ada = Repo.builder().server(first.url()).open();
        var bob = Repo.builder().server(second.url()).open()) {
      assertTrue(first.health().ready(), first.health().toString());
      var adas = ada.create(new Edit.Put(Path.of("n"), Value.of(1)));
      assertEquals(SaveState.SAVED, adas.awaitSaved(WAIT_MAX));
      var bobs = bob.find(adas.id(), WAIT_MAX);
      bobs.change(new Edit.Put(Path.of("m"), Value.of(2)));
      assertEquals(SaveState.SAVED, bobs.awaitSaved(WAIT_MAX));
      try (var third = Relay.start(config("third"));
          var eve = Repo.builder().server(third.url()).open()) {
        var found = eve.find(adas.id(), WAIT_MAX);
        assertEquals(Optional.of(Value.of(1)), found.read(Path.of("n")));
        assertEquals(Optional.of(Value.of(2)), found.read(Path.of("m")));
      }
    }
  }

  @Test
  @Order(2)
  @DisplayName("a relay without rooms does not start on a cluster that has a room")
  void roomsAreRefused() throws Exception {
    try (var server =
        TestServer.start(Files.createDirectories(folder.resolve("rooms")), environment())) {
      var room = server.room("A room");
      assertEquals(
          200, server.http().get(room.path(""), "Parlor-Key", room.key("host")).statusCode());
    }
    var refusal = assertThrows(IOException.class, () -> Relay.start(config("fourth")));
    assertTrue(String.valueOf(refusal.getMessage()).contains("has rooms"), refusal.getMessage());
  }
}
