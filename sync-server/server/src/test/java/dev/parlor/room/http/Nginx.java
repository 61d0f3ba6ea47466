package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real nginx on a free port of this machine, configured with the samples of {@code docs/proxy}.
 */
final class Nginx implements RunningProxy {
  private static final Pattern SAMPLE = Pattern.compile("```nginx\n(.*?)```", Pattern.DOTALL);

  private final Process process;
  private final int port;

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The sample file, followed by the samples of the page for {@code Forwarded}. */
  static List<String> samples() throws IOException {
    var inPage = SAMPLE.matcher(Proxy.sample("README.md")).results().map(found -> found.group(1));
    return Stream.concat(Stream.of(Proxy.sample("nginx.conf")), inPage).toList();
  }

  /**
   * Starts nginx in front of a server.
   *
   * @param sample a sample, which is a file for nginx's {@code conf.d}
   */
  static Nginx start(Path folder, String sample, int serverPort) throws Exception {
    for (var attempt = 0; attempt < 5; attempt++) {
      int port;
      try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        port = free.getLocalPort();
      }
      var config = folder.resolve("nginx.conf");
      Files.writeString(config, config(folder, adapted(sample, folder, port, serverPort)));
      var process =
          new ProcessBuilder(executable(), "-p", folder.toString(), "-c", config.toString())
              .redirectErrorStream(true)
              .start();
      var output = awaitStart(process);
      if (output.isEmpty()) {
        return new Nginx(process, port);
      }
      process.destroyForcibly().waitFor();
      // Another process may have taken the port.
      assertTrue(output.get().contains("Address already in use"), output.get());
    }
    return fail("nginx found no free port");
  }

  /**
   * Replaces the sample's ports and paths by those of the test. Each must occur exactly once in the
   * sample.
   */
  private static String adapted(String sample, Path folder, int port, int serverPort) {
    var text = sample;
    for (var change :
        List.of(
            List.of("listen 80;", "listen 127.0.0.1:" + port + ";"),
            List.of("/var/log/nginx/parlor.log", folder.resolve("access.log").toString()),
            List.of("http://127.0.0.1:8787", "http://127.0.0.1:" + serverPort))) {
      text = Proxy.replaced(text, change.getFirst(), change.getLast());
    }
    return text;
  }

  private static String config(Path folder, String sample) throws Exception {
    var versionQuery = new ProcessBuilder(executable(), "-V").redirectErrorStream(true).start();
    var options = new String(versionQuery.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var paths = new StringBuilder();
    for (var module : List.of("fastcgi", "uwsgi", "scgi")) {
      if (!options.contains("--without-http_" + module + "_module")) {
        paths.append(module).append("_temp_path ").append(folder.resolve(module)).append(";\n");
      }
    }
    return (System.getProperty("user.name").equals("root") ? "user root;\n" : "")
        + """
        daemon off;
        worker_processes 1;
        pid %1$s/nginx.pid;
        error_log stderr notice;
        events {}
        http {
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        %2$s
        %3$s
        }
        """
            .formatted(folder, paths, sample);
  }

  /**
   * Waits for nginx; empty once a worker process runs, otherwise nginx's output until it exited.
   */
  private static Optional<String> awaitStart(Process process) throws IOException {
    var output = new StringBuilder();
    var lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains("start worker process ")) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return Optional.empty();
      }
      output.append(line).append('\n');
    }
    return Optional.of(output.toString());
  }

  private static String executable() {
    return Stream.of(
            System.getenv().getOrDefault("PARLOR_NGINX", ""), "/usr/sbin/nginx", "/usr/bin/nginx")
        .filter(path -> !path.isEmpty() && Files.isExecutable(Path.of(path)))
        .findFirst()
        .orElseGet(
            () ->
                fail(
                    "this test needs nginx: install it (Debian: apt-get install nginx-light) or"
                        + " point PARLOR_NGINX at it"));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.toHandle().destroy(); // Process.destroy would close the pipe as well
    try {
      if (process.waitFor(20, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
