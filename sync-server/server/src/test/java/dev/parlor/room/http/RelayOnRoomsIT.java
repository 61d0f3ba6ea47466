package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.RelayConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay without rooms is started on the data directory of a server with rooms. */
class RelayOnRoomsIT {

  @Test
  @DisplayName(
      "a relay without rooms starts on the data of a server that has no room, and refuses the data once a room exists")
  void relayRefusesRooms(@TempDir Path folder) throws Exception {
    var config = RelayConfig.onLoopback(folder.resolve("data").toAbsolutePath());
    try (var server = TestServer.start(folder)) {
      assertTrue(server.port() > 0);
    }
    try (var relay = Relay.start(config)) {
      assertTrue(relay.port() > 0);
    }
    try (var server = TestServer.start(folder)) {
      assertTrue(server.room("Kitchen").slug().length() > 0);
    }
    for (var attempt = 0; attempt < 2; attempt++) { // a refused start must unlock the directory
      var refused = assertThrows(IOException.class, () -> Relay.start(config));
      assertTrue(String.valueOf(refused.getMessage()).contains("has rooms"), refused::toString);
    }
  }
}
