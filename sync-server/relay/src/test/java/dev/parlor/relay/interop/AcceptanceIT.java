package dev.parlor.relay.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.socket.OnEachTransport;
import dev.parlor.relay.socket.RelayFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs automerge-repo's acceptance suite for network adapters; its three peers are clients of one
 * relay. Tests of what two adapters see of each other cannot pass through a hub. A client is
 * connected only to the hub, so it does not see another client's peer id, metadata or
 * disconnection.
 */
@Execution(ExecutionMode.CONCURRENT)
@OnEachTransport
class AcceptanceIT {

  private static final String SYNC_2 = "can sync 2 repos";
  private static final String SYNC_3 = "can sync 3 repos";
  private static final String BROADCAST = "can broadcast a message";
  private static final String METADATA =
      "emits a peer-candidate event with proper peer metadata when a peer connects";
  private static final String DISCONNECT = "should emit disconnect events on disconnect";
  private static final String SILENCE = "should not send messages after disconnect";
  private static final String RECONNECT = "should support reconnecting after disconnect";

  private final SocketTransport transport;

  AcceptanceIT(SocketTransport transport) {
    this.transport = transport;
  }

  @Test
  @DisplayName(
      "five of automerge-repo's seven adapter tests pass against the relay in one run; the two"
          + " about the other client's identity fail")
  void fiveOfSevenPassInOneRun() throws Exception {
    assertEquals(
        new TreeMap<>(
            Map.of(
                SYNC_2, "passed",
                SYNC_3, "passed",
                BROADCAST, "passed",
                METADATA, "failed",
                DISCONNECT, "failed",
                SILENCE, "passed",
                RECONNECT, "passed")),
        runSuite(""));
  }

  @Test
  @DisplayName(
      "automerge-repo's adapter test that waits for the other client's disconnection fails if it"
          + " runs alone")
  void theDisconnectionTestFailsAlone() throws Exception {
    // When the whole suite runs, this test passes only because of the previous test. A client of
    // that test, with the peer id "right", reconnects and replaces the new client [HS4], which
    // looks like a disconnection.
    assertEquals(Map.of(SILENCE, "failed"), runSuite(SILENCE));
  }

  private Map<String, String> runSuite(String testName) throws Exception {
    try (var relay = RelayFixture.start(transport)) {
      var arguments = new ArrayList<>(List.of("run", "--reporter=json"));
      if (!testName.isEmpty()) {
        arguments.addAll(List.of("-t", testName));
      }
      try (var node =
          NodeProcess.tool(
              "vitest/vitest.mjs", arguments, Map.of("RELAY_URL", relay.url().toString()))) {
        var output = String.join("\n", node.ends());
        var report = new ObjectMapper().readTree(output.substring(output.indexOf("{\"num")));
        var outcomes = new TreeMap<String, String>();
        for (var file : report.get("testResults")) {
          for (var test : file.get("assertionResults")) {
            var status = test.get("status").asText();
            if (!status.equals("skipped")) {
              outcomes.put(test.get("title").asText(), status);
            }
          }
        }
        return outcomes;
      }
    }
  }
}
