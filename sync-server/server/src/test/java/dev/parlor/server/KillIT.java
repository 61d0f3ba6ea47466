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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole server as a process of its own, killed while real automerge-repo clients keep writing.
 * An edit counts as acknowledged if the heads of a {@code remote-heads} message to its author cover
 * it.
 */
@Execution(ExecutionMode.CONCURRENT)
class KillIT {

  private static final ActorId READER = new ActorId(Bytes.utf8("reader of the test"));

  @TempDir private java.nio.file.Path data;
  @TempDir private java.nio.file.Path certificates;

  /** A counter in a field that only one client writes. */
  private record Counted(DocumentId document, Path path) {}

  private final Map<Counted, Long> told = new HashMap<>();
  private int acknowledgements;

  @ParameterizedTest(name = "{1} kills, {0}")
  @CsvSource({"loop, 50", "helidon, 10", "tls, 5"})
  @Timeout(
      value = 6,
      unit = TimeUnit.MINUTES) // fifty starts of a JVM; about 70 s on two idle cores
  @DisplayName("[DU1] [DU2] after each kill -9 every edit acknowledged to its client is there")
  void acknowledgedEditsSurviveKills(String sockets, int kills) throws Exception {
    var random = new Random(kills);
    var port = freePort();
    var tls = new ArrayList<String>();
    var trust = Map.<String, String>of();
    if (sockets.equals("tls")) {
      var authority = TestCertificates.in(certificates);
      var files = authority.issueFiles("server");
      tls.addAll(List.of("--tls-cert", files.certificate().toString()));
      tls.addAll(List.of("--tls-key", files.key().toString()));
      trust = Map.of("NODE_EXTRA_CA_CERTS", authority.authority().toString());
    }
    var setting = tls.isEmpty() ? sockets : "helidon";
    var url = (tls.isEmpty() ? "ws" : "wss") + "://127.0.0.1:" + port + "/sync";
    Process server = serve(port, setting, tls);
    try (var node = NodeProcess.scenario(trust, "killed-server", url)) {
      node.expect("writing");
      for (var kill = 0; kill < kills; kill++) {
        for (var i = 0; i < 2 + random.nextInt(20); i++) {
          note(node.expect("acknowledged"));
        }
        server.destroyForcibly();
        assertTrue(server.waitFor(20, TimeUnit.SECONDS));
        check("kill " + kill);
        server = serve(port, setting, tls);
      }
      node.go();
      var edits = Integer.parseInt(node.expect("agreed"));
      assertTrue(edits > 10 * kills, "the clients made " + edits + " edits");
      // All edits are checked again: changes in flight at a kill have arrived since.
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
      check("the last kill");
      assertTrue(
          acknowledgements > 4 * kills,
          "the clients received " + acknowledgements + " acknowledgements");
      assertEquals(8, told.size(), "fields with an acknowledged edit: " + told);
      node.go();
      node.expect("passed");
      node.succeeds();
    } finally {
      server.destroyForcibly();
    }
  }

  private void note(String json) throws IOException {
    var telling = new ObjectMapper().readTree(json);
    var path = new ArrayList<String>();
    telling.get("path").forEach(step -> path.add(step.asText()));
    told.merge(
        new Counted(
            DocumentId.parse(telling.get("documentId").asText()).orElseThrow(),
            Path.of(path.toArray())),
        telling.get("count").asLong(),
        Math::max);
    acknowledgements++;
  }

  /** Opens the killed server's data and looks for every acknowledged edit. */
  private void check(String when) throws IOException {
    try (var store =
        MapDbChangeStore.open(data, Limits.defaults().storage(), new Metrics(), UUID::randomUUID)) {
      for (var entry : told.entrySet()) {
        var document = entry.getKey().document();
        var stored = store.load(document).orElseThrow();
        var chunks = stored.tail().stream().map(change -> change.chunk()).toList();
        try (var replica = Replica.load(stored.snapshot(), chunks, READER)) {
          var found = replica.read(entry.getKey().path()).orElseThrow();
          assertTrue(
              found instanceof Value.Int(var count) && count >= entry.getValue(),
              () -> when + ": " + entry + " was acknowledged, the disk has " + found);
        }
      }
    }
  }

  private Process serve(int port, String sockets, List<String> tls) throws IOException {
    var command = ChildJvm.brief();
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
    command.addAll(tls);
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
