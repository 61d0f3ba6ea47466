package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.ChildJvm;
import dev.parlor.relay.ServingProcess;
import dev.parlor.relay.tls.TestCertificates;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The command line: commands inside the test's process, and servers as separate processes. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MainIT {
  @TempDir private Path folder;

  /** The exit status and output of a command. */
  private record Outcome(int status, String out, String err) {}

  private static Outcome run(Map<String, String> environment, String... args) throws Exception {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var status =
        Main.run(
            List.of(args),
            environment,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Process startProcess(String... args) throws IOException {
    var command = ChildJvm.shortLivedCommand();
    command.add("dev.parlor.server.Main");
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    return builder.start();
  }

  private Process startServer() throws IOException {
    return startProcess("serve", "--port", "0", "--data", "data");
  }

  private static URI awaitUrl(Process process) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = lines.readLine();
    assertTrue(line != null && line.matches("Parlor is open at https?://127\\.0\\.0\\.1:.*"), line);
    return URI.create(line.substring("Parlor is open at ".length()));
  }

  private static int httpStatus(URI uri) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static Outcome awaitExit(Process process) throws Exception {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the process did not exit");
    var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.exitValue(), "", err);
  }

  @Test
  @DisplayName(
      "[DU6] the server prints its URL, serves, and exits with status 0 within 10 s of a signal")
  void servesAndStops() throws Exception {
    var process = startServer();
    try {
      var url = awaitUrl(process);
      assertEquals(200, httpStatus(url.resolve("/health/ready")));
      process.toHandle().destroy(); // Process.destroy would close the pipes as well
      // A server that needs more than its limit of 10 s exits with another status.
      assertEquals(0, awaitExit(process).status());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  @DisplayName("[DU5] a second process on the same data is refused, and the first one continues")
  void dataInUseIsReportedInOneSentence() throws Exception {
    var first = startServer();
    var second = startServer();
    try {
      // Either process may lock the directory first and serve. The other one prints an error.
      var url = second.waitFor(15, TimeUnit.SECONDS) ? awaitUrl(first) : awaitUrl(second);
      var refused = awaitExit(first.isAlive() ? second : first);
      assertEquals(ServingProcess.EXIT_FAILED, refused.status());
      assertEquals(1, refused.err().lines().count(), refused.err());
      assertTrue(refused.err().startsWith("parlor: "), refused.err());
      assertTrue(refused.err().contains("data"), refused.err());
      assertEquals(200, httpStatus(url.resolve("/health/ready")));
    } finally {
      first.destroyForcibly();
      second.destroyForcibly();
    }
  }

  @DisplayName("a server with a port in use prints one sentence and exits")
  @Test
  void portInUseIsReportedInOneSentence() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var port = Integer.toString(taken.getLocalPort());
      var process = startProcess("--port", port, "--data", "data");
      try {
        var outcome = awaitExit(process);
        assertEquals(ServingProcess.EXIT_FAILED, outcome.status());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("parlor: port " + port), outcome.err());
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @DisplayName("--help, --version and config print and exit, and config masks secrets")
  @Test
  void helpVersionAndConfigPrintAndExit() throws Exception {
    var help = run(Map.of(), "--help");
    assertEquals(0, help.status());
    assertTrue(help.out().contains("--port") && help.out().contains("PARLOR_LLM_KEY"), help.out());
    var version = run(Map.of(), "--version");
    assertTrue(version.out().matches("parlor \\d+\\.\\d+\\.\\d+\\S*\\s+"), version.out());
    var config = run(Map.of("PARLOR_LLM_KEY", "sk-very-secret"), "config", "--port", "9000");
    assertEquals(0, config.status());
    assertTrue(config.out().contains("9000"), config.out());
    assertFalse(config.out().contains("sk-very-secret"), config.out());
  }

  @DisplayName("an invalid command line exits with status 2 and names the invalid part")
  @Test
  void invalidCommandLineNamesTheInvalidPart() throws Exception {
    var port = run(Map.of(), "serve", "--port", "abc");
    assertEquals(ServingProcess.EXIT_USAGE, port.status());
    assertTrue(port.err().contains("--port \"abc\""), port.err());
    var command = run(Map.of(), "sreve");
    assertEquals(ServingProcess.EXIT_USAGE, command.status());
    assertTrue(command.err().contains("sreve"), command.err());
    var proxies = run(Map.of("PARLOR_TRUSTED_PROXIES", "10.0.0.0/33"), "serve");
    assertEquals(ServingProcess.EXIT_USAGE, proxies.status());
    assertTrue(proxies.err().contains("PARLOR_TRUSTED_PROXIES \"10.0.0.0/33\""), proxies.err());
    var header = run(Map.of(), "serve", "--forwarded-header", "x-real-ip");
    assertEquals(ServingProcess.EXIT_USAGE, header.status());
    assertTrue(header.err().contains("--forwarded-header \"x-real-ip\""), header.err());
    var flag = run(Map.of(), "--prot", "1");
    assertEquals(ServingProcess.EXIT_USAGE, flag.status());
    assertTrue(flag.err().contains("--prot"), flag.err());
  }

  @DisplayName(
      "an invalid TLS file exits with status 2 and one sentence that names setting and file")
  @Test
  void invalidTlsFileIsReportedInOneSentence() throws Exception {
    var authority = TestCertificates.in(folder);
    var files = authority.issueFiles("server");
    var other = authority.issueFiles("other");
    record Case(String certificate, String key, String sentence) {}
    var certificate = files.certificate().toString();
    var key = files.key().toString();
    for (var invalid :
        List.of(
            new Case(
                certificate,
                "absent.pem",
                "--tls-key \"absent.pem\" does not exist; give the path of a PEM file"),
            new Case(
                key,
                certificate,
                "--tls-cert \""
                    + key
                    + "\" has a private key and no certificate; --tls-cert and --tls-key may be"
                    + " swapped"),
            new Case(
                certificate,
                other.key().toString(),
                "--tls-key \""
                    + other.key()
                    + "\" does not match the certificate in "
                    + certificate
                    + "; use the key that the certificate was issued for"))) {
      var process =
          startProcess(
              "serve",
              "--port",
              "0",
              "--data",
              "data",
              "--tls-cert",
              invalid.certificate(),
              "--tls-key",
              invalid.key());
      try {
        var outcome = awaitExit(process);
        assertEquals(ServingProcess.EXIT_USAGE, outcome.status(), outcome.err());
        assertEquals(List.of("parlor: " + invalid.sentence()), outcome.err().lines().toList());
      } finally {
        process.destroyForcibly();
      }
    }
    assertFalse(Files.exists(folder.resolve("data")), "the server created its data directory");
  }

  @DisplayName(
      "a TLS server logs no warning for plain HTTP, arbitrary bytes or distrusting clients")
  @Test
  void failedHandshakesAreNotLogged() throws Exception {
    var authority = TestCertificates.in(folder);
    var files = authority.issueFiles("server");
    var process =
        startProcess(
            "serve",
            "--port",
            "0",
            "--data",
            "data",
            "--tls-cert",
            files.certificate().toString(),
            "--tls-key",
            files.key().toString());
    try (var https = HttpClient.newBuilder().sslContext(authority.trustingContext()).build();
        var distrustingClient = HttpClient.newHttpClient()) {
      var url = awaitUrl(process);
      assertEquals("https", url.getScheme());
      var request = HttpRequest.newBuilder(url.resolve("/health/ready")).build();
      for (var bytes :
          List.of(
              "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
              "\u0016\u0003\u0001\u0000\u0005hello",
              "\u0000".repeat(70_000),
              "")) {
        try (var socket = new Socket(url.getHost(), url.getPort())) {
          socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
          socket.shutdownOutput();
          socket.getInputStream().readAllBytes(); // waits until the server closes the connection
        } catch (SocketException _) {
          // The server closed the connection before it had read all bytes.
        }
      }
      assertThrows(
          SSLHandshakeException.class,
          () -> distrustingClient.send(request, HttpResponse.BodyHandlers.discarding()));
      assertEquals(200, https.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
      process.toHandle().destroy();
      var outcome = awaitExit(process);
      assertEquals(0, outcome.status(), outcome.err());
      var lines = outcome.err().lines().filter(line -> !line.contains(" level=info ")).toList();
      assertEquals(List.of(), lines);
      assertFalse(outcome.err().contains("Exception"), outcome.err());
    } finally {
      process.destroyForcibly();
    }
  }
}
