package dev.parlor.bench.kill;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A round of kills with one data directory, one port and the same clients. */
final class KillRound implements AutoCloseable {

  private static final ActorId READER = new ActorId(Bytes.utf8("reader of the kills"));
  private static final int START_SECONDS_MAX = 300;
  private static final int EXIT_SECONDS_MAX = 20;

  /** An acknowledged edit is missing on the disk. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException(String message) {
      super(message);
    }
  }

  /** A counter field that only one client writes. */
  private record CounterField(DocumentId document, dev.parlor.crdt.replica.Path path) {}

  private final ObjectMapper json = new ObjectMapper();
  private final Path data;
  private final int shards;
  private final int port;
  private final Map<CounterField, Long> acknowledgedCounts = new HashMap<>();
  private @Nullable Process server;
  private @Nullable Clients clients;
  private long acknowledgements;
  private int killsWithLog;
  private int replayedMax;

  KillRound(Path data, int shards) throws IOException {
    this.data = data;
    this.shards = shards;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
  }

  /**
   * Starts the server, waits for this many acknowledgements, kills it, and checks for every
   * acknowledged edit. Returns the time of the start in nanoseconds.
   */
  long cycle(int acknowledgementCount, String moment) throws IOException, InterruptedException {
    var startupNanos = start();
    var running = clients;
    if (running == null) {
      running = new Clients(port);
      clients = running;
      running.expect("writing", _ -> {});
    }
    for (var i = 0; i < acknowledgementCount; i++) {
      addAcknowledgement(running.expect("acknowledged", _ -> {}));
    }
    kill();
    checkData(moment);
    return startupNanos;
  }

  /** Waits until the clients agree and checks again. Returns the number of edits that they made. */
  long finish(String moment) throws IOException, InterruptedException {
    var running = clients;
    if (running == null) {
      return 0;
    }
    start();
    running.proceed();
    var edits = Long.parseLong(running.expect("agreed", this::addIfAcknowledgement));
    kill();
    checkData(moment);
    running.proceed();
    running.expect("passed", this::addIfAcknowledgement);
    return edits;
  }

  long acknowledgements() {
    return acknowledgements;
  }

  /** The number of kills after which changes were in the change log only. */
  int killsWithLog() {
    return killsWithLog;
  }

  /** The largest number of changes that a start replayed from the change log. */
  int replayedMax() {
    return replayedMax;
  }

  private void addIfAcknowledgement(String line) {
    if (line.startsWith("acknowledged ")) {
      addAcknowledgement(line.substring("acknowledged ".length()));
    }
  }

  private void addAcknowledgement(String line) {
    try {
      var acknowledgement = json.readTree(line);
      var path = new ArrayList<String>();
      acknowledgement.get("path").forEach(step -> path.add(step.asText()));
      acknowledgedCounts.merge(
          new CounterField(
              DocumentId.parse(acknowledgement.get("documentId").asText()).orElseThrow(),
              dev.parlor.crdt.replica.Path.of(path.toArray())),
          acknowledgement.get("count").asLong(),
          Math::max);
      acknowledgements++;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the data of the killed server and checks for every acknowledged edit. */
  private void checkData(String moment) throws IOException {
    try (var store =
        StoreOnDisk.open(
            data,
            Shards.existing(),
            Limits.defaults().storage(),
            new Metrics(),
            UUID::randomUUID)) {
      var replayed = store.replayedChanges();
      if (replayed > 0) {
        killsWithLog++;
        replayedMax = Math.max(replayedMax, replayed);
      }
      var perDocument = new HashMap<DocumentId, List<Map.Entry<CounterField, Long>>>();
      acknowledgedCounts
          .entrySet()
          .forEach(
              entry ->
                  perDocument
                      .computeIfAbsent(entry.getKey().document(), _ -> new ArrayList<>())
                      .add(entry));
      for (var entry : perDocument.entrySet()) {
        check(store, entry.getKey(), entry.getValue(), moment);
      }
    }
  }

  private static void check(
      ChangeStore store,
      DocumentId document,
      List<Map.Entry<CounterField, Long>> fields,
      String moment)
      throws IOException {
    var stored = store.load(document).orElse(null);
    if (stored == null) {
      throw new LostException(moment + ": the disk has nothing of document " + document);
    }
    var chunks = stored.tail().stream().map(change -> change.chunk()).toList();
    try (var replica = Replica.load(stored.snapshot(), chunks, READER)) {
      for (var field : fields) {
        var found = replica.read(field.getKey().path()).orElse(null);
        if (!(found instanceof Value.Int(var count) && count >= field.getValue())) {
          throw new LostException(
              moment + ": " + field + " was acknowledged, the disk has " + found);
        }
      }
    }
  }

  private long start() throws IOException, InterruptedException {
    var begunNanos = System.nanoTime();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.parlor.server.Main",
            "serve",
            "--port",
            Integer.toString(port),
            "--data",
            data.toString(),
            "--shards",
            Integer.toString(shards),
            "--log",
            "error"));
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOR_"));
    var started = builder.start();
    server = started;
    var output = started.inputReader(StandardCharsets.UTF_8);
    var opened = new CompletableFuture<Boolean>();
    Thread.ofPlatform()
        .daemon()
        .name("server-output")
        .start(() -> opened.complete(output.lines().findFirst().isPresent()));
    try {
      if (opened.get(START_SECONDS_MAX, TimeUnit.SECONDS)) {
        return System.nanoTime() - begunNanos;
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the server did not open within five minutes", e);
    }
    throw new LostException("the server did not open after the last kill; its output is above");
  }

  private void kill() throws IOException, InterruptedException {
    var running = server;
    if (running != null) {
      running.destroyForcibly();
      if (!running.waitFor(EXIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IOException("process " + running.pid() + " survived a kill");
      }
      server = null;
    }
  }

  @Override
  public void close() throws IOException {
    var running = clients;
    if (running != null) {
      running.close();
    }
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
