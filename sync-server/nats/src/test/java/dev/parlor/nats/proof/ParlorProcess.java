package dev.parlor.nats.proof;

import dev.parlor.nats.NatsServer.Machine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One node of a cluster: a Parlor server in a process of its own, always on the same port. */
public final class ParlorProcess implements AutoCloseable {

  private static final int START_SECONDS_MAX = 90;
  private static final int EXIT_SECONDS_MAX = 20;
  private static final int LAST_LINES_MAX = 400;

  private final Path folder;
  private final Machine machine;
  private final Map<String, String> settings;
  private final List<String> javaCommand;
  private final int port;
  private final List<String> lastLines = new ArrayList<>();
  private @Nullable Process process;

  /**
   * A node that is not started yet.
   *
   * @param folder for its local files
   * @param settings the environment of the process; others of the names {@code PARLOR_} are removed
   * @param javaCommand the command line before the main class
   */
  public ParlorProcess(
      Path folder, Machine machine, Map<String, String> settings, List<String> javaCommand)
      throws IOException {
    this.folder = Files.createDirectories(folder);
    this.machine = machine;
    this.settings = Map.copyOf(settings);
    this.javaCommand = List.copyOf(javaCommand);
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  /** Starts the process, and waits until it accepts requests. Returns the nanoseconds it took. */
  public long start() throws IOException, InterruptedException {
    var begunNanos = System.nanoTime();
    var command = new ArrayList<>(machine.command());
    command.addAll(javaCommand);
    command.addAll(
        List.of(
            "dev.parlor.server.Main",
            "serve",
            "--host",
            machine.host(),
            "--port",
            Integer.toString(port),
            "--data",
            folder.toString()));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    builder.environment().putAll(settings);
    var started = builder.start();
    process = started;
    var open = new CompletableFuture<Boolean>();
    var output = started.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform()
        .daemon()
        .name("node-output")
        .start(
            () -> {
              try (output) {
                for (var line = output.readLine(); line != null; line = output.readLine()) {
                  if (line.startsWith("Parlor is open at ")) {
                    open.complete(true);
                  }
                  keep(line);
                }
              } catch (IOException _) {
                // the process was killed
              }
              open.complete(false);
            });
    try {
      if (open.get(START_SECONDS_MAX, TimeUnit.SECONDS)) {
        return System.nanoTime() - begunNanos;
      }
    } catch (ExecutionException | TimeoutException _) {
      // the output says why
    }
    var state =
        started.waitFor(EXIT_SECONDS_MAX, TimeUnit.SECONDS)
            ? "it ended with status " + started.exitValue()
            : "it still runs";
    throw new IOException(
        "the node on port %d did not open; %s:\n%s"
            .formatted(port, state, String.join("\n", output())));
  }

  private synchronized void keep(String line) {
    lastLines.add(line);
    if (lastLines.size() > LAST_LINES_MAX) {
      lastLines.removeFirst();
    }
  }

  /** The last lines that the process printed, over all its runs. */
  public synchronized List<String> output() {
    return List.copyOf(lastLines);
  }

  public String host() {
    return machine.host();
  }

  public int port() {
    return port;
  }

  /** The address for clients of this node alone. */
  public String socketUrl() {
    return "ws://" + host() + ":" + port + "/sync";
  }

  /** The id of the process, which must have been started. */
  public long pid() {
    return Objects.requireNonNull(process).pid();
  }

  public boolean isRunning() {
    var running = process;
    return running != null && running.isAlive();
  }

  /** Bytes of memory of the process that are resident; 0 if it does not run. */
  public long residentBytes() throws IOException {
    var running = process;
    if (running == null || !running.isAlive()) {
      return 0;
    }
    for (var line : Files.readAllLines(Path.of("/proc/" + running.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }

  /** Ends the process as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    var running = process;
    if (running != null) {
      running.destroyForcibly();
      if (!running.waitFor(EXIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + running.pid() + " survived a kill");
      }
    }
  }

  /** Stops the process without ending it. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets a stopped process continue. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    var pid = Long.toString(Objects.requireNonNull(process).pid());
    if (new ProcessBuilder("kill", "-" + name, pid).start().waitFor() != 0) {
      throw new IOException("kill -" + name + " " + pid + " failed");
    }
  }

  @Override
  public void close() {
    var running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }
}
