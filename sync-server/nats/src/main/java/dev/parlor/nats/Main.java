package dev.parlor.nats;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The commands {@code ./parlor cluster init} and {@code ./parlor cluster check}. */
public final class Main {

  private static final int FAULT = 2;

  private static final String HELP =
      """
      Usage: ./parlor cluster init|check --cluster nats://HOST:PORT,... [OPTIONS]

        init    create the streams that Parlor needs; the only command that creates any
        check   check versions, replicas, flushes and the time of an acknowledgement; exit status 2 if something is wrong

        --cluster URLS     the servers, separated by commas (PARLOR_CLUSTER)
        --creds FILE       a file with credentials (PARLOR_CLUSTER_CREDS)
        --prefix NAME      the first word of streams and subjects; several installations may share the servers
        --shards N         for init: the number of shards, 4 by default; it cannot be changed later
        --replicas N       the number of servers that store each message, 3 by default
        --monitor URLS     for check: the monitoring ports of all servers, http://HOST:8222,...
      """;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(Arrays.asList(arguments), System.getenv(), System.out, System.err));
  }

  /** Runs a command; returns the exit status. */
  static int run(
      List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    if (arguments.isEmpty() || arguments.contains("--help")) {
      (arguments.isEmpty() ? err : out).print(HELP);
      return arguments.isEmpty() ? FAULT : 0;
    }
    try {
      var given = ClusterArguments.of(arguments.subList(1, arguments.size()), environment);
      return switch (arguments.getFirst()) {
        case "init" -> init(given, out);
        case "check" -> check(given, out, err);
        default -> {
          err.println(
              "parlor: unknown command cluster " + arguments.getFirst() + "; --help lists them");
          yield FAULT;
        }
      };
    } catch (ClusterArguments.WrongOptionException | IOException e) {
      err.println("parlor: " + e.getMessage());
      return FAULT;
    }
  }

  private static int init(ClusterArguments given, PrintStream out) throws IOException {
    try (var client = new ClusterClient(given.settings())) {
      var version = client.connection().getServerInfo().getVersion();
      if (!ClusterCheck.isNewEnough(version)) {
        throw new IOException(
            "the server has version " + version + "; nats-server 2.12 or newer is needed");
      }
      var cluster =
          ClusterStreams.create(
              client,
              new ClusterStreams.Created(
                  given.shards(), given.replicas(), UUID.randomUUID().toString()));
      out.println(
          "the cluster is ready: "
              + cluster.shards()
              + " shards with "
              + cluster.replicas()
              + " replicas");
      return 0;
    }
  }

  private static int check(ClusterArguments given, PrintStream out, PrintStream err) {
    var report = ClusterCheck.run(given);
    report.findings().forEach(out::println);
    report.faults().forEach(fault -> err.println("parlor: " + fault));
    return report.faults().isEmpty() ? 0 : FAULT;
  }
}
