package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.worker.TrainingTraffic;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link TrainingTraffic}, which a build runs so that the JVM's class cache contains hot code. */
class TrainingTrafficIT {

  private static double metric(TestServer server, String name) {
    var value = Pattern.compile("(?m)^" + name + " (\\S+)$");
    var found = value.matcher(server.http().get("/metrics").body());
    assertTrue(found.find(), name);
    return Double.parseDouble(found.group(1));
  }

  private static void assertAtLeast(double valueMin, TestServer server, String name) {
    var value = metric(server, name);
    assertTrue(value >= valueMin, name + " is " + value);
  }

  @Test
  @DisplayName(
      "the traffic that trains the class cache sends changes and presence to several peers")
  void trainingTrafficReachesSeveralPeers(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      TrainingTraffic.run(server.port());
      var changes = 2 * TrainingTraffic.CHANGES;
      var others = TrainingTraffic.PEERS - 1;
      assertAtLeast(changes, server, "parlor_changes_in_total");
      assertAtLeast(changes * others / 2.0, server, "parlor_changes_out_total");
      assertAtLeast(others, server, "parlor_ephemeral_out_total");
    }
  }
}
