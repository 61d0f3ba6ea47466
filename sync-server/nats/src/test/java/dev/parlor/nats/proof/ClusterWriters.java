package dev.parlor.nats.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * Unmodified automerge-repo clients behind the proxy that keep writing: the program {@code
 * cluster-writers.mjs} of the interop project. What they are told goes into a history.
 */
public final class ClusterWriters implements AutoCloseable {

  private static final int LINE_SECONDS_MAX = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final History history;
  private final Process process;
  private final Writer input;
  private final BlockingQueue<String> steps = new LinkedBlockingQueue<>();
  private final List<Long> ackMillis = new ArrayList<>();
  private final List<String> otherLines = new ArrayList<>();
  private final Set<String> documents = new HashSet<>();
  private long toldCount;
  private long lastToldNanos = System.nanoTime();
  private long longestGapNanos;
  private boolean isWriting;

  /**
   * Starts the clients.
   *
   * @param interop the folder of the interop project
   * @param millisBetween time between two changes of each client
   */
  public ClusterWriters(
      Path interop, RealCluster cluster, int clients, int millisBetween, History history)
      throws IOException {
    this.history = history;
    var command =
        new ArrayList<>(
            List.of(
                "node",
                "scenarios/cluster-writers.mjs",
                cluster.proxySocketUrl(),
                Integer.toString(clients),
                Integer.toString(millisBetween)));
    cluster.nodes().forEach(node -> command.add(node.socketUrl()));
    process =
        new ProcessBuilder(command).directory(interop.toFile()).redirectErrorStream(true).start();
    input = process.outputWriter(StandardCharsets.UTF_8);
    var output = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform()
        .daemon()
        .name("writers-output")
        .start(
            () -> {
              try {
                output.lines().forEach(this::read);
              } catch (UncheckedIOException _) {
                // the process was ended
              }
              steps.add("ended");
            });
  }

  private synchronized void read(String line) {
    var space = line.indexOf(' ');
    var word = space < 0 ? line : line.substring(0, space);
    switch (word) {
      case "told" -> told(json(line));
      case "closed" -> {
        var closed = json(line);
        history.add(
            new History.Closed(
                closed.path("client").asText(),
                closed.path("code").asInt(),
                closed.path("node").asText(),
                closed.path("at").asLong()));
      }
      case "heads" -> {
        var heads = json(line);
        history.add(
            new History.HeadsAt(
                heads.path("round").asInt(),
                heads.path("holder").asText(),
                heads.path("document").asText(),
                Set.copyOf(texts(heads.path("heads")))));
      }
      case "writing" -> {
        documents.addAll(texts(json(line).path("documents")));
        steps.add(line);
      }
      case "checked" -> steps.add(line);
      default -> {
        otherLines.add(line);
        if (otherLines.size() > 100) {
          otherLines.removeFirst();
        }
      }
    }
  }

  private void told(JsonNode told) {
    for (var change : told.path("changes")) {
      history.add(
          new History.Told(
              told.path("client").asText(),
              told.path("document").asText(),
              change.asText(),
              texts(told.path("heads")),
              told.path("node").asText(),
              told.path("at").asLong()));
      toldCount++;
    }
    told.path("millis").forEach(millis -> ackMillis.add(millis.asLong()));
    var now = System.nanoTime();
    if (isWriting) {
      longestGapNanos = Math.max(longestGapNanos, now - lastToldNanos);
    }
    lastToldNanos = now;
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line.substring(line.indexOf('{')));
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }

  /** Waits until all clients write. */
  public void awaitWriting() throws IOException, InterruptedException {
    var _ = step("writing");
    writes(true);
  }

  private synchronized void writes(boolean writing) {
    isWriting = writing;
    lastToldNanos = System.nanoTime();
  }

  /** Waits until the clients were told this number of changes, counted from now. */
  public void awaitTold(int changes, int secondsMax) throws IOException, InterruptedException {
    var wanted = toldCount() + changes;
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
    while (toldCount() < wanted) {
      if (System.nanoTime() - end > 0 || !process.isAlive()) {
        throw new IOException(
            "the clients were told %d of %d changes within %d s%s"
                .formatted(changes - (wanted - toldCount()), changes, secondsMax, output()));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /**
   * Stops the writing, waits until all clients and nodes have the same heads or their time is over,
   * and adds the heads to the history.
   *
   * @return the number of changes that the clients have made
   */
  public long check() throws IOException, InterruptedException {
    writes(false);
    send("check");
    return json(step("checked")).path("made").asLong();
  }

  /** Lets the clients write again after {@link #check}. */
  public void proceed() throws IOException {
    send("go");
    writes(true);
  }

  private void send(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  private String step(String wanted) throws IOException, InterruptedException {
    var line = steps.poll(LINE_SECONDS_MAX, TimeUnit.SECONDS);
    if (line == null || !line.startsWith(wanted)) {
      throw new IOException("the clients did not print: " + wanted + output());
    }
    return line;
  }

  private synchronized String output() {
    return "; their last lines:\n" + String.join("\n", otherLines);
  }

  /** The documents that the clients write to. */
  public synchronized Set<String> documents() {
    return Set.copyOf(documents);
  }

  public synchronized long toldCount() {
    return toldCount;
  }

  /** The longest time without an acknowledgement to any client while the clients wrote. */
  public synchronized long longestGapMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestGapNanos);
  }

  /** The milliseconds from each change to its acknowledgement, sorted. */
  public synchronized List<Long> acknowledgementMillis() {
    return ackMillis.stream().sorted().toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
