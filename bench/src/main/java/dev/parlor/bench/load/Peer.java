package dev.parlor.bench.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The servers that are measured beside each other. */
enum Peer {
  PARLOR("Parlor") {
    @Override
    ServerProcess start(Path root) {
      return ServerProcess.parlor(root, jvmOptions());
    }
  },
  REFERENCE("reference relay") {
    @Override
    ServerProcess start(Path root) {
      return ServerProcess.reference(root);
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
    throw new IllegalStateException("--peers knows no " + name);
  }

  String title() {
    return title;
  }

  abstract ServerProcess start(Path root);

  /** Options for the server's JVM, as {@code ./parlor serve} takes them. */
  private static List<String> jvmOptions() {
    var options = System.getenv("PARLOR_JAVA_OPTS");
    return options == null || options.isBlank()
        ? List.of()
        : List.of(options.strip().split("\\s+", -1));
  }
}
