package dev.parlor.server.hostile;

import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.Limits;
import dev.parlor.server.Parlor;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The attacked server: a process of its own, so that its garbage collection does not include the
 * clients of the test. It prints its port and ends when its input ends.
 */
final class HostileMain {

  /** A limit so small that a test can reach it. */
  static final int CONNECTIONS_PER_ADDRESS = 200;

  private static final Limits.Outbox OUTBOX = new Limits.Outbox(4_096, 4 << 20);

  private HostileMain() {}

  public static void main(String[] arguments) throws IOException, ConfigException {
    var folder = Path.of(arguments[0]);
    var flags = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
    flags.addAll(List.of("--port", "0", "--log", "error"));
    flags.addAll(List.of("--data", folder.resolve("data").toString()));
    var read = ServerConfig.read(flags, Map.of(), folder);
    var standard = read.limits().relay().traffic();
    var traffic =
        new Limits.Traffic(
            standard.messagesPerSecondMax(), standard.bytesPerSecondMax(), CONNECTIONS_PER_ADDRESS);
    var config = read.withLimits(read.limits().with(OUTBOX).with(traffic));
    try (var parlor = Parlor.start(config, "test", new URLClassLoader(new URL[0], null))) {
      System.out.println("port " + parlor.port());
      var _ = System.in.read();
    }
    System.exit(0);
  }
}
