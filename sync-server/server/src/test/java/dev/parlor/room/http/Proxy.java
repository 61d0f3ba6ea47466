package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A real HAProxy or Caddy on a free port of this machine, configured with a sample of {@code
 * docs/proxy}. See {@link Nginx} for nginx.
 */
final class Proxy implements RunningProxy {
  private static final long START_MILLIS_MAX = 60_000;

  /** The programs, with the commands that run them in the foreground. */
  enum Program {
    HAPROXY("haproxy", "PARLOR_HAPROXY", "-db -f"),
    CADDY("caddy", "PARLOR_CADDY", "run --adapter caddyfile --config");

    private final String debianPackage;
    private final String variable;
    private final String arguments;

    Program(String debianPackage, String variable, String arguments) {
      this.debianPackage = debianPackage;
      this.variable = variable;
      this.arguments = arguments;
    }

    private String executable() {
      return java.util.stream.Stream.of(
              System.getenv().getOrDefault(variable, ""),
              "/usr/sbin/" + debianPackage,
              "/usr/bin/" + debianPackage)
          .filter(path -> !path.isEmpty() && Files.isExecutable(Path.of(path)))
          .findFirst()
          .orElseGet(
              () ->
                  fail(
                      "this test needs %1$s: install it (Debian: apt-get install %1$s) or point %2$s"
                              .formatted(debianPackage, variable)
                          + " at it"));
    }
  }

  private final Process process;
  private final int port;

  private Proxy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The text of a sample. */
  static String sample(String name) throws IOException {
    return Files.readString(Path.of("../../docs/proxy").resolve(name));
  }

  /** Replaces a part of a sample, which must occur exactly once. */
  static String replaced(String sample, String part, String by) {
    var at = sample.indexOf(part);
    assertTrue(at >= 0 && at == sample.lastIndexOf(part), part);
    return sample.replace(part, by);
  }

  /**
   * Starts a program in front of a server.
   *
   * @param sample a sample; its address and upstream are replaced by those of the test
   * @param listens the part of the sample with the address to listen on, and {@code %d} in place of
   *     the port in its replacement
   */
  static Proxy start(
      Program program, Path folder, String sample, List<String> listens, int serverPort)
      throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    var text =
        replaced(sample, listens.getFirst(), listens.getLast().formatted(port))
            .replace("/var/log/caddy", folder.toString());
    var config = folder.resolve("config");
    Files.writeString(config, replaced(text, "127.0.0.1:8787", "127.0.0.1:" + serverPort));
    var command = new java.util.ArrayList<>(List.of(program.executable()));
    command.addAll(List.of(program.arguments.split(" ", -1)));
    command.add(config.toString());
    var output = folder.resolve("output");
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(output.toFile());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("XDG_DATA_HOME", folder.toString());
    builder.environment().put("XDG_CONFIG_HOME", folder.toString());
    var proxy = new Proxy(builder.start(), port);
    if (!proxy.awaitPort()) {
      proxy.close();
      fail(program + " did not start: " + Files.readString(output));
    }
    return proxy;
  }

  /** Waits until the port accepts connections; false if the program ended or did not listen. */
  private boolean awaitPort() {
    var deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS_MAX);
    while (process.isAlive() && System.nanoTime() < deadline) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1_000);
        return true;
      } catch (IOException _) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    return false;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(20, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
