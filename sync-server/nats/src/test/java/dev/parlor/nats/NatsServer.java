package dev.parlor.nats;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.nats.client.ClusterNames;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.command.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A real server with JetStream on this machine, in a process of its own. Tests can kill it, pause
 * it and start it again on the same port and files. Ends with {@link #close}.
 */
public final class NatsServer implements AutoCloseable {

  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final int START_SECONDS_MAX = 20;

  private final Path folder;
  private final int port;
  private final int monitorPort;
  private final String sync;
  private @Nullable Process process;
  private String more = "";
  private Map<String, String> environment = Map.of();

  private final String name;
  private final int routePort;
  private final Machine machine;

  /**
   * Where a server runs.
   *
   * @param command the words before the program, for example of {@code ip netns exec}
   * @param host the address to listen on
   */
  public record Machine(List<String> command, String host) {
    public Machine {
      command = List.copyOf(command);
    }

    /** This machine, on its loopback address. */
    public static Machine local() {
      return new Machine(List.of(), "127.0.0.1");
    }
  }

  /** The ports of the servers that form a cluster with this one; empty if it is alone. */
  private List<String> routes = List.of();

  private NatsServer(Path folder, String name, String sync, Machine machine) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.name = name;
    this.sync = sync;
    this.machine = machine;
    this.routePort = freePort();
    this.port = freePort();
    this.monitorPort = freePort();
  }

  /** Starts a server that flushes before each acknowledgement. */
  public static NatsServer start(Path folder) throws IOException {
    return start(folder, "always");
  }

  /** Starts a server; {@code sync} is its {@code sync_interval}. */
  public static NatsServer start(Path folder, String sync) throws IOException {
    var server = new NatsServer(folder, "alone", sync, Machine.local());
    server.restart();
    return server;
  }

  /**
   * Starts a server with more configuration.
   *
   * @param environment variables of the process, which the configuration may name
   */
  public static NatsServer startWith(
      Path folder, String configuration, Map<String, String> environment) throws IOException {
    var server = new NatsServer(folder, "alone", "always", Machine.local());
    server.more = configuration;
    server.environment = Map.copyOf(environment);
    server.restart();
    return server;
  }

  /** What the process has logged. */
  public String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /** Starts servers that form a cluster and flush before each acknowledgement. */
  public static List<NatsServer> startCluster(Path folder, int count) throws IOException {
    return startCluster(folder, Collections.nCopies(count, Machine.local()));
  }

  /** Like {@link #startCluster(Path, int)}, with each server on a machine of its own. */
  public static List<NatsServer> startCluster(Path folder, List<Machine> machines)
      throws IOException {
    var servers = new ArrayList<NatsServer>();
    for (var machine : machines) {
      var name = "server" + servers.size();
      servers.add(new NatsServer(folder.resolve(name), name, "always", machine));
    }
    for (var server : servers) {
      server.routes =
          servers.stream()
              .map(other -> "nats://" + other.machine.host() + ":" + other.routePort)
              .toList();
    }
    for (var server : servers) {
      server.restart();
    }
    return servers;
  }

  /** The server's name in its cluster. */
  public String name() {
    return name;
  }

  /** The path of the program, as {@code ./parlor test} found it. */
  public static String program() throws IOException {
    var given = System.getenv("PARLOR_NATS_SERVER");
    if (given != null) {
      return given;
    }
    var fetch =
        new ProcessBuilder("../nats/fetch-server")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var path =
        new String(fetch.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
            .strip();
    if (path.isEmpty()) {
      throw new IOException("no nats-server for the tests; the lines above say why");
    }
    return path;
  }

  public String url() {
    return "nats://" + machine.host() + ":" + port;
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(java.net.InetAddress.ofLiteral(machine.host()), port);
  }

  public URI monitor() {
    return URI.create("http://" + machine.host() + ":" + monitorPort);
  }

  /** Creates the streams of Parlor on these servers, with {@code ./parlor cluster init}. */
  public void init(int shards, int replicas) {
    var status =
        Main.run(
            List.of(
                "init", "--cluster", url(), "--shards", "" + shards, "--replicas", "" + replicas),
            Map.of(),
            System.out,
            System.err);
    if (status != 0) {
      throw new IllegalStateException("the streams were not created; the lines above say why");
    }
  }

  /** Settings of a new cluster on this server that shares nothing with earlier ones. */
  public ClusterSettings settings() {
    var usual = ClusterSettings.of(List.of(url()));
    var number = NAMES.incrementAndGet();
    return new ClusterSettings(
        usual.servers(),
        usual.credentials(),
        new ClusterNames("t" + number, "T" + number),
        usual.limits());
  }

  /** Starts the process on the same port and files, and waits until it accepts connections. */
  public void restart() throws IOException {
    var config = folder.resolve("server.conf");
    Files.writeString(
        config,
        """
        server_name: %s
        listen: "%s:%d"
        http: "%s:%d"
        jetstream: { store_dir: "%s", sync_interval: %s, max_memory_store: 64MB, max_file_store: 4GB }
        """
                .formatted(
                    name,
                    machine.host(),
                    port,
                    machine.host(),
                    monitorPort,
                    folder.resolve("data"),
                    sync)
            + cluster()
            + more);
    var command = new ArrayList<>(machine.command());
    command.addAll(List.of(program(), "-c", config.toString()));
    var starting =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    starting.environment().putAll(environment);
    process = starting.start();
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new IOException(
            "the server did not start: " + Files.readString(folder.resolve("log")));
      }
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  private String cluster() {
    if (routes.isEmpty()) {
      return "";
    }
    // Clients use the addresses that they were given, so that a test can cut them.
    return "cluster: { name: testers, listen: \"%s:%d\", no_advertise: true, routes: [%s] }\n"
        .formatted(machine.host(), routePort, String.join(", ", routes));
  }

  private boolean answers() {
    try (var socket = new Socket()) {
      socket.connect(address(), 200);
      // The first line comes when the server is ready for clients.
      socket.setSoTimeout(1_000);
      return socket.getInputStream().read() == 'I';
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends the process as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    var running = java.util.Objects.requireNonNull(process);
    running.destroyForcibly();
    if (!running.waitFor(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the killed server is still there");
    }
  }

  /** Stops the process without ending it. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    var pid = Long.toString(java.util.Objects.requireNonNull(process).pid());
    var exit = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    if (exit != 0) {
      throw new IOException("kill -" + name + " " + pid + " ended with " + exit);
    }
  }

  @Override
  public void close() {
    var running = process;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stream with the entries of a document, of a cluster with the usual prefix. */
  public static String logStream(String document, int shards) {
    var id = dev.parlor.crdt.identity.DocumentId.parse(document).orElseThrow();
    return ClusterNames.DEFAULT.log(ClusterNames.shardOf(id, shards));
  }

  /** What the server tells at its monitoring port. */
  com.fasterxml.jackson.databind.JsonNode varz() throws IOException {
    return new ObjectMapper().readTree(monitor().resolve("/varz").toURL());
  }
}
