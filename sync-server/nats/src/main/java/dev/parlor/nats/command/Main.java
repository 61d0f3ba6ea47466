package dev.parlor.nats.command;

import dev.parlor.nats.check.ClusterCheck;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterStreams;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The commands {@code ./parlor cluster init}, {@code check}, {@code export} and {@code import}. */
public final class Main {

  private static final int FAULT = 2;

  private static final String HELP =
      """
      Usage: ./parlor cluster init|check --cluster nats://HOST:PORT,... [OPTIONS]
             ./parlor cluster export FOLDER --cluster nats://HOST:PORT,... [OPTIONS]
             ./parlor cluster import BACKUP|DIRECTORY --cluster nats://HOST:PORT,... [OPTIONS]

        init    create the streams that Parlor needs, or those that an older version did not create;
                the only command that creates any
        check   check versions, replicas, flushes and the time of an acknowledgement; exit status 2 if something is wrong
        export  write all data into a backup file in a folder, while nodes run; ./parlor restore and ./parlor verify read it
        import  write a backup file, the newest backup of a folder, or a data directory that no server has open
                into a cluster without data and without nodes; the storage id comes with it

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
  public static int run(
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
        case "export" -> exportTo(given, out, err);
        case "import" -> importFrom(given, out);
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
      var cluster = ClusterStreams.create(client, wanted(given, ClusterStreams.find(client)));
      out.println(
          "the cluster is ready: "
              + cluster.shards()
              + " shards with "
              + cluster.replicas()
              + " replicas");
      return 0;
    }
  }

  /** What the options ask for; an existing cluster keeps the numbers that are not given. */
  private static ClusterStreams.Created wanted(
      ClusterArguments given, Optional<ClusterStreams.Created> existing) {
    return new ClusterStreams.Created(
        existing.isEmpty() || given.options().contains("--shards")
            ? given.shards()
            : existing.get().shards(),
        existing.isEmpty() || given.options().contains("--replicas")
            ? given.replicas()
            : existing.get().replicas(),
        UUID.randomUUID().toString());
  }

  private static int exportTo(ClusterArguments given, PrintStream out, PrintStream err)
      throws ClusterArguments.WrongOptionException, IOException {
    var folder = given.requiredPath("the folder for the backup");
    try (var client = new ClusterClient(given.settings())) {
      var cluster = ClusterStreams.find(client);
      if (cluster.isEmpty()) {
        throw new IOException(
            "the cluster has no streams of Parlor with the prefix "
                + given.settings().names().streams());
      }
      if (ClusterStreams.isBeingImported(client)) {
        throw new IOException("an import into the cluster has not ended; nothing was exported");
      }
      var written =
          ClusterExport.run(
              client, cluster.get(), folder, new SecureRandom(), InstantSource.system());
      out.println(
          "wrote "
              + written.documents()
              + " documents and "
              + written.records()
              + " records to "
              + written.file());
      if (written.damaged() > 0) {
        err.println(
            "parlor: "
                + written.damaged()
                + " documents cannot be read; ./parlor verify of the file names them");
        return FAULT;
      }
      return 0;
    }
  }

  private static int importFrom(ClusterArguments given, PrintStream out)
      throws ClusterArguments.WrongOptionException, IOException {
    var source = given.requiredPath("the backup or data directory");
    try (var client = new ClusterClient(given.settings())) {
      var read = ClusterImport.run(client, source, new SecureRandom(), InstantSource.system());
      out.println(
          "read "
              + read.documents()
              + " documents and "
              + read.records()
              + " records into the cluster, with the storage id "
              + read.storageId());
      return 0;
    }
  }

  private static int check(ClusterArguments given, PrintStream out, PrintStream err) {
    var report = ClusterCheck.run(given.settings(), given.monitors(), given.replicas());
    report.findings().forEach(out::println);
    report.faults().forEach(fault -> err.println("parlor: " + fault));
    return report.faults().isEmpty() ? 0 : FAULT;
  }
}
