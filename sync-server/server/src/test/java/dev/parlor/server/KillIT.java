package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.storage.MapDbChangeStore;
import dev.parlor.relay.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole server runs as a separate process and is killed while real automerge-repo clients
 * write. An edit counts as acknowledged if the heads of a {@code remote-heads} message to its
 * author cover it.
 */
@Execution(ExecutionMode.CONCURRENT)
class KillIT {

  private static final ActorId READER = new ActorId(Bytes.utf8("reader of the test"));

  @TempDir private java.nio.file.Path data;
  @TempDir private java.nio.file.Path certificates;

  /** A field with a counter that one client alone increments. */
  private record Counter(DocumentId document, Path path) {}

  private final Map<Counter, Long> acknowledged = new HashMap<>();
  private int acknowledgements;

  @ParameterizedTest(name = "{1} kills, {0}")
  @CsvSource({"loop, 20", "helidon, 5", "tls, 5"})
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  @DisplayName("[DU1] [DU2] after each kill -9, every acknowledged edit is on disk")
  void acknowledgedEditsSurviveKills(String sockets, int kills) throws Exception {
    killWhileClientsWrite(sockets, kills);
  }

  @ParameterizedTest(name = "{1} kills, {0}")
  @CsvSource({"loop, 50", "helidon, 10", "tls, 5"})
  @Tag("long")
  @Timeout(
      value = 6,
      unit = TimeUnit.MINUTES) // fifty starts of a JVM take about 70 s on two idle cores
  @DisplayName("[DU1] [DU2] after each of many kill -9, every acknowledged edit is on disk")
  void acknowledgedEditsSurviveManyKills(String sockets, int kills) throws Exception {
    killWhileClientsWrite(sockets, kills);
  }

  private void killWhileClientsWrite(String sockets, int kills) throws Exception {
    var random = new Random(kills);
    var port = freePort();
    var tlsFlags = new ArrayList<String>();
    var nodeEnvironment = Map.<String, String>of();
    if (sockets.equals("tls")) {
      var authority = TestCertificates.in(certificates);
      var files = authority.issueFiles("server");
      tlsFlags.addAll(List.of("--tls-cert", files.certificate().toString()));
      tlsFlags.addAll(List.of("--tls-key", files.key().toString()));
      nodeEnvironment = Map.of("NODE_EXTRA_CA_CERTS", authority.authority().toString());
    }
    var transport = tlsFlags.isEmpty() ? sockets : "helidon";
    var url = (tlsFlags.isEmpty() ? "ws" : "wss") + "://127.0.0.1:" + port + "/sync";
    Process server = startServer(port, transport, tlsFlags);
    try (var node = NodeProcess.scenario(nodeEnvironment, "killed-server", url)) {
      node.expect("writing");
      for (var kill = 0; kill < kills; kill++) {
        for (var i = 0; i < 2 + random.nextInt(20); i++) {
          recordAcknowledgement(node.expect("acknowledged"));
        }
        server.destroyForcibly();
        assertTrue(server.waitFor(20, TimeUnit.SECONDS));
        assertAcknowledgedEditsAreOnDisk("kill " + kill);
        server = startServer(port, transport, tlsFlags);
      }
      node.go();
      var edits = Integer.parseInt(node.expect("agreed"));
      assertTrue(edits > 10 * kills, "the clients made " + edits + " edits");
      // The clients have sent again all changes that were in flight at a kill.
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      assertAcknowledgedEditsAreOnDisk("the last kill");
      assertTrue(
          acknowledgements > 4 * kills,
          "the clients received " + acknowledgements + " acknowledgements");
      assertEquals(8, acknowledged.size(), "fields with an acknowledged edit: " + acknowledged);
      node.go();
      node.expect("passed");
      node.succeeds();
    } finally {
      server.destroyForcibly();
    }
  }

  private void recordAcknowledgement(String json) throws IOException {
    var message = new ObjectMapper().readTree(json);
    var path = new ArrayList<String>();
    message.get("path").forEach(step -> path.add(step.asText()));
    acknowledged.merge(
        new Counter(
            DocumentId.parse(message.get("documentId").asText()).orElseThrow(),
            Path.of(path.toArray())),
        message.get("count").asLong(),
        Math::max);
    acknowledgements++;
  }

  /** Opens the killed server's data, and asserts that it has every acknowledged edit. */
  private void assertAcknowledgedEditsAreOnDisk(String context) throws IOException {
    try (var store =
        MapDbChangeStore.open(data, Limits.defaults().storage(), new Metrics(), UUID::randomUUID)) {
      for (var entry : acknowledged.entrySet()) {
        var document = entry.getKey().document();
        var stored = store.load(document).orElseThrow();
        var chunks = stored.tail().stream().map(change -> change.chunk()).toList();
        try (var replica = Replica.load(stored.snapshot(), chunks, READER)) {
          var found = replica.read(entry.getKey().path()).orElseThrow();
          assertTrue(
              found instanceof Value.Int(var count) && count >= entry.getValue(),
              () -> context + ": " + entry + " was acknowledged, the disk has " + found);
        }
      }
    }
  }

  private Process startServer(int port, String sockets, List<String> tlsFlags) throws IOException {
    var command = ChildJvm.shortLivedCommand();
    command.addAll(
        List.of(
            Main.class.getName(),
            "serve",
            "--port",
            Integer.toString(port),
            "--data",
            data.toString(),
            "--sockets",
            sockets,
            "--log",
            "error"));
    command.addAll(tlsFlags);
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    var server = builder.start();
    var line = server.inputReader(StandardCharsets.UTF_8).readLine();
    assertNotNull(line, "the server ended before it was open");
    assertTrue(line.startsWith("Parlor is open at"), line);
    return server;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
