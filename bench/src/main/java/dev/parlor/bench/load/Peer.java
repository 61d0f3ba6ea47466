package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The servers that are measured beside each other. */
enum Peer {
  PARLOR("Parlor") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.parlor(root, jvmOptions(), settings);
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
  /** Not a peer that anyone could use: what sending messages on costs alone. */
  FLOOR("floor") {
    @Override
    ServerProcess start(Path root, Map<String, String> settings) {
      return ServerProcess.floor(root, jvmOptions());
    }
  };

  private final String title;

  Peer(String title) {
    this.title = title;
  }

  static Peer of(String name) {
    for (var peer : values()) {
      if (peer.name().toLowerCase(Locale.ROOT).equals(name)) {
        return peer;
      }
    }
    throw new Options.BadOption("--peers knows no " + name);
  }

  String title() {
    return title;
  }

  /** With settings, environment variables of ours that no other peer reads. */
  abstract ServerProcess start(Path root, Map<String, String> settings);

  final ServerProcess start(Path root) {
    return start(root, Map.of());
  }

  /** The scenario without what this server does not do: the floor keeps no history to join. */
  Scenario asked(Scenario scenario) {
    return this == FLOOR ? scenario.withoutJoins() : scenario;
  }

  /** Options for the server's JVM, as {@code ./parlor serve} takes them. */
  private static List<String> jvmOptions() {
    var options = System.getenv("PARLOR_JAVA_OPTS");
    return options == null || options.isBlank()
        ? List.of()
        : List.of(options.strip().split("\\s+", -1));
  }
}
