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

/** One data directory, one port, the same clients, and a server that is killed repeatedly. */
final class KillRound implements AutoCloseable {

  private static final ActorId READER = new ActorId(Bytes.utf8("reader of the kills"));
  private static final int START_SECONDS = 300;
  private static final int END_SECONDS = 20;

  /** An acknowledged edit is missing on the disk. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostException(String what) {
      super(what);
    }
  }

  /** A counter field that only one client writes. */
  private record Counted(DocumentId document, dev.parlor.crdt.replica.Path path) {}

  private final ObjectMapper json = new ObjectMapper();
  private final Path data;
  private final int shards;
  private final int port;
  private final Map<Counted, Long> told = new HashMap<>();
  private @Nullable Process server;
  private @Nullable Clients clients;
  private long tellings;
  private int killsWithLog;
  private int replayedMost;

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
  long cycle(int untilTold, String when) throws IOException, InterruptedException {
    var took = start();
    var these = clients;
    if (these == null) {
      these = new Clients(port);
      clients = these;
      these.expect("writing", _ -> {});
    }
    for (var i = 0; i < untilTold; i++) {
      note(these.expect("acknowledged", _ -> {}));
    }
    kill();
    check(when);
    return took;
  }

  /** Waits until the clients agree and checks again. Returns the number of edits that they made. */
  long finish(String when) throws IOException, InterruptedException {
    var these = clients;
    if (these == null) {
      return 0;
    }
    start();
    these.go();
    var edits = Long.parseLong(these.expect("agreed", this::noteIfTold));
    kill();
    check(when);
    these.go();
    these.expect("passed", this::noteIfTold);
    return edits;
  }

  long tellings() {
    return tellings;
  }

  /** Kills after which the change log held changes that the store's file lacked. */
  int killsWithLog() {
    return killsWithLog;
  }

  /** The most changes that a start replayed from the change log. */
  int replayedMost() {
    return replayedMost;
  }

  private void noteIfTold(String line) {
    if (line.startsWith("acknowledged ")) {
      note(line.substring("acknowledged ".length()));
    }
  }

  private void note(String line) {
    try {
      var telling = json.readTree(line);
      var path = new ArrayList<String>();
      telling.get("path").forEach(step -> path.add(step.asText()));
      told.merge(
          new Counted(
              DocumentId.parse(telling.get("documentId").asText()).orElseThrow(),
              dev.parlor.crdt.replica.Path.of(path.toArray())),
          telling.get("count").asLong(),
          Math::max);
      tellings++;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the data of the killed server and checks for every acknowledged edit. */
  private void check(String when) throws IOException {
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
        replayedMost = Math.max(replayedMost, replayed);
      }
      var perDocument = new HashMap<DocumentId, List<Map.Entry<Counted, Long>>>();
      told.entrySet()
          .forEach(
              entry ->
                  perDocument
                      .computeIfAbsent(entry.getKey().document(), _ -> new ArrayList<>())
                      .add(entry));
      for (var entry : perDocument.entrySet()) {
        check(store, entry.getKey(), entry.getValue(), when);
      }
    }
  }

  private static void check(
      ChangeStore store, DocumentId document, List<Map.Entry<Counted, Long>> fields, String when)
      throws IOException {
    var stored = store.load(document).orElse(null);
    if (stored == null) {
      throw new LostException(when + ": nothing is there of document " + document);
    }
    var chunks = stored.tail().stream().map(change -> change.chunk()).toList();
    try (var replica = Replica.load(stored.snapshot(), chunks, READER)) {
      for (var field : fields) {
        var found = replica.read(field.getKey().path()).orElse(null);
        if (!(found instanceof Value.Int(var count) && count >= field.getValue())) {
          throw new LostException(when + ": " + field + " was acknowledged, the disk has " + found);
        }
      }
    }
  }

  private long start() throws IOException, InterruptedException {
    var begun = System.nanoTime();
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
      if (opened.get(START_SECONDS, TimeUnit.SECONDS)) {
        return System.nanoTime() - begun;
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the server did not say in five minutes that it is open", e);
    }
    throw new LostException("the server did not open after the last kill; its own words are above");
  }

  private void kill() throws IOException, InterruptedException {
    var running = server;
    if (running != null) {
      running.destroyForcibly();
      if (!running.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
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
