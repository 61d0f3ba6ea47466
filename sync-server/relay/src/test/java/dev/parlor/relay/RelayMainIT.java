package dev.parlor.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the command line of a relay without rooms, and its process from the shipped jar. */
class RelayMainIT {

  @TempDir private Path folder = Path.of("");

  private record Result(int status, String out, String err) {}

  private static Result run(Map<String, String> environment, String... args) throws Exception {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var status =
        Main.run(
            List.of(args),
            environment,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("the relay's help lists the relay's settings and no setting of rooms")
  void help() throws Exception {
    var help = run(Map.of(), "--help");
    assertEquals(0, help.status());
    assertTrue(help.out().contains("--trusted-proxies"), help.out());
    assertFalse(help.out().contains("LLM"), help.out());
    var config = run(Map.of("PARLOR_PORT", "3030"), "config");
    assertTrue(config.out().contains("3030"), config.out());
  }

  @Test
  @DisplayName("an invalid setting or command of the relay is one sentence and exit status 2")
  void invalid() throws Exception {
    var port = run(Map.of(), "--port", "x");
    assertEquals(ServingProcess.EXIT_USAGE, port.status());
    assertEquals("parlor: --port \"x\" must be a whole number from 0 to 65535", port.err().strip());
    var room = run(Map.of(), "--llm-url", "http://127.0.0.1/v1");
    assertEquals(ServingProcess.EXIT_USAGE, room.status());
    assertTrue(room.err().startsWith("parlor: --llm-url: there is no such setting"), room.err());
    assertEquals(ServingProcess.EXIT_USAGE, run(Map.of(), "rooms").status());
  }

  @Test
  @DisplayName(
      "a bad document policy ends the start with status 2, and each problem has line, field and reason")
  void badPolicy() throws Exception {
    var file = folder.resolve("policy.json");
    Files.writeString(
        file,
        """
        {"version": 1, "rules": [
          {"path": "cards", "write": ["own"]},
          {"path": "/title", "write": "own"}]}
        """);
    var started = run(Map.of("PARLOR_DOCUMENT_POLICY", file.toString()));
    assertEquals(ServingProcess.EXIT_USAGE, started.status());
    var setting = "parlor: PARLOR_DOCUMENT_POLICY \"" + file + "\" ";
    assertEquals(
        List.of(
            setting
                + "line 2: the field path of rule 1 must begin with a slash, for example"
                + " /cards/*/title",
            setting + "line 3: the field write of rule 2 must be a list of names"),
        started.err().lines().toList());
    var missing = run(Map.of(), "--document-policy", folder.resolve("none").toString());
    assertEquals(ServingProcess.EXIT_USAGE, missing.status());
    assertTrue(
        missing.err().endsWith("none\" does not exist" + System.lineSeparator()), missing.err());
    assertFalse(Files.exists(folder.resolve("data")));
  }

  @Test
  @DisplayName(
      "[DU6] the relay's process prints its URL, serves an automerge-repo client, and ends with status 0 on SIGTERM")
  void servesAndStops() throws Exception {
    serveOneClient("ws", List.of(), Map.of());
  }

  @Test
  @DisplayName(
      "with a certificate and key the relay's process serves an automerge-repo client that trusts the authority over wss")
  void servesOverTls(@TempDir Path certificates) throws Exception {
    var authority = TestCertificates.in(certificates);
    var files = authority.issueFiles("server");
    serveOneClient(
        "wss",
        List.of("--tls-cert", files.certificate().toString(), "--tls-key", files.key().toString()),
        Map.of("NODE_EXTRA_CA_CERTS", authority.authority().toString()));
  }

  private void serveOneClient(String scheme, List<String> flags, Map<String, String> environment)
      throws Exception {
    var command = new ArrayList<>(ChildJvm.shortLivedCommand());
    command.addAll(List.of("dev.parlor.relay.Main", "--port", "0", "--log", "error", "--data"));
    command.add(folder.resolve("data").toString());
    command.addAll(flags);
    var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    process.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    var relay = process.start();
    try (var out = relay.inputReader(StandardCharsets.UTF_8)) {
      var line = out.readLine();
      var prefix = "The relay is open at " + scheme + "://127.0.0.1:";
      assertTrue(line != null && line.startsWith(prefix), line);
      var url = line.substring(line.indexOf(scheme + ":"));
      try (var client = NodeProcess.scenario(environment, "unavailable", url)) {
        client.expect("passed");
        client.succeeds();
      }
      relay.toHandle().destroy();
      assertTrue(relay.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, relay.exitValue());
    } finally {
      relay.destroyForcibly();
    }
  }
}
