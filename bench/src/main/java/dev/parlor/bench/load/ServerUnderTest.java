package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The relays that the load generator compares. */
enum ServerUnderTest {
  PARLOR("Parlor") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.parlor(root, jvmOptions(), with(settings, sockets()));
    }
  },
  /** Parlor with {@code --sockets helidon}, to measure both WebSocket transports in turns. */
  HELIDON("Parlor on Helidon's sockets") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.parlor(root, jvmOptions(), with(settings, "helidon"));
    }
  },
  REFERENCE("reference relay") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.node(root.resolve("bench/reference"));
    }
  },
  HOCUSPOCUS("Hocuspocus") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.node(root.resolve("bench/hocuspocus"));
    }
  },
  /** The baseline: a plain broadcast without storage. */
  FLOOR("floor") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.floor(root, jvmOptions());
    }
  };

  private final String title;

  ServerUnderTest(String title) {
    this.title = title;
  }

  static ServerUnderTest of(String name) {
    for (var relay : values()) {
      if (relay.name().toLowerCase(Locale.ROOT).equals(name)) {
        return relay;
      }
    }
    throw new Options.InvalidOptionException("--peers has an unknown server: " + name);
  }

  String title() {
    return title;
  }

  /**
   * Starts the server.
   *
   * @param settings environment variables for Parlor; other servers ignore them
   */
  abstract ServerProcess start(Path root, Map<String, String> settings);

  final ServerProcess start(Path root) {
    return start(root, Map.of());
  }

  /**
   * The scenario without the parts that this relay does not support: the baseline stores no
   * document to join.
   */
  Scenario supportedPart(Scenario scenario) {
    return this == FLOOR ? scenario.withoutJoins() : scenario;
  }

  private static final String SOCKETS = "parlor.bench.sockets";

  /** Chooses {@code --sockets} of {@link #PARLOR} for this run of the benchmark. */
  static void useSockets(String transport) {
    if (!List.of("auto", "helidon", "loop").contains(transport)) {
      throw new Options.InvalidOptionException("--sockets must be auto, helidon or loop");
    }
    System.setProperty(SOCKETS, transport);
  }

  private static String sockets() {
    return System.getProperty(SOCKETS, "auto");
  }

  private static Map<String, String> with(Map<String, String> settings, String transport) {
    var all = new HashMap<>(settings);
    all.put("PARLOR_SOCKETS", transport);
    return all;
  }

  /** Options for the JVM of the server, from the same variable as for {@code ./parlor serve}. */
  private static List<String> jvmOptions() {
    var options = System.getenv("PARLOR_JAVA_OPTS");
    return options == null || options.isBlank()
        ? List.of()
        : List.of(options.strip().split("\\s+", -1));
  }
}
