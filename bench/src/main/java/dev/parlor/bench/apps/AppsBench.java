package dev.parlor.bench.apps;

import dev.parlor.bench.load.Loop;
import dev.parlor.bench.load.Options;
import dev.parlor.bench.load.ProcessClock;
import dev.parlor.bench.load.ServerProcess;
import dev.parlor.bench.process.Descendants;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The command behind {@code ./parlor bench apps}. */
public final class AppsBench {

  private static final String HELP =
      """
      Usage: ./parlor bench apps [--OPTION=VALUE ...]
      Measures the apps API and published apps of a server that it starts, and prints a table.
      Options:
        --only=appends,deploys,pages,room,browser   the parts to measure
        --seconds=8   duration of each figure
        --warm=5      seconds of warm-up before each figure
      """;

  private AppsBench() {}

  /** Exit code 2 for invalid options, 1 if the server failed or refused a request. */
  public static void main(String[] arguments) throws IOException {
    Descendants.killAtExit();
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    try {
      var options = Options.parse(HELP, List.of(arguments));
      var parts = new ArrayList<Part>();
      for (var name : options.text("only").split(",", -1)) {
        parts.add(Part.of(name));
      }
      var sizes =
          Sizes.full()
              .lasting(
                  Duration.ofSeconds(options.number("warm")),
                  Duration.ofSeconds(options.number("seconds")));
      run(Path.of("").toAbsolutePath(), parts, sizes);
    } catch (Options.InvalidOptionException e) {
      System.err.println("bench apps: " + e.getMessage());
      System.exit(2);
    } catch (TimeoutException | IllegalStateException e) {
      System.err.println("bench apps: " + e.getMessage());
      System.exit(1);
    }
  }

  /** A part of the table. */
  enum Part {
    APPENDS,
    DEPLOYS,
    PAGES,
    ROOM,
    BROWSER;

    static Part of(String name) {
      for (var part : values()) {
        if (part.name().equalsIgnoreCase(name)) {
          return part;
        }
      }
      throw new Options.InvalidOptionException("--only has no part " + name);
    }
  }

  private static void run(Path root, List<Part> parts, Sizes sizes)
      throws TimeoutException, IOException {
    var table = new Table(System.out);
    if (!ProcessClock.countsNanoseconds()) {
      table.line("CPU is counted in steps of 10 ms here: the process clock could not be read.");
    }
    table.head();
    var users = new Users(Instant.now());
    try (var server = ServerProcess.parlor(root, jvmOptions(), settings(users))) {
      measure(server, users, parts, sizes, table);
    }
    if (parts.contains(Part.BROWSER)) {
      new FirstPixel(root).measure(table);
    }
  }

  /** Measures all parts but the browser's on a running server. */
  static void measure(ServerProcess server, Users users, List<Part> parts, Sizes sizes, Table table)
      throws TimeoutException, IOException {
    try (var loop = new Loop(true)) {
      var clients = new Clients(loop, server.port(), users);
      var load = new Load(loop, server);
      var appends = new Appends(clients, load, sizes);
      var deploys = new Deploys(clients, load, sizes);
      var pages = new Pages(clients, load, sizes, deploys);
      if (parts.contains(Part.APPENDS)) {
        appends.measure(table);
      }
      if (parts.contains(Part.DEPLOYS)) {
        deploys.measure(table);
      }
      if (parts.contains(Part.PAGES)) {
        pages.measure(table);
      }
      if (parts.contains(Part.ROOM)) {
        new RoomMeanwhile(clients, load, sizes, appends, deploys, pages).measure(table);
      }
    }
  }

  /** The settings of the server: the issuer of the tokens. */
  static Map<String, String> settings(Users users) {
    return Map.of("PARLOR_JWT_KEY", users.publicKey());
  }

  /** Options for the JVM of the server, from the same variable as for {@code ./parlor serve}. */
  private static List<String> jvmOptions() {
    var options = System.getenv("PARLOR_JAVA_OPTS");
    return options == null || options.isBlank()
        ? List.of()
        : List.of(options.strip().split("\\s+", -1));
  }
}
