package dev.parlor.nats.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Unmodified automerge-repo clients that watch the answers of a room, each through an address of
 * its own: the program {@code cluster-room.mjs} of the interop project.
 */
public final class RoomWatchers implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final History history;
  private final String room;
  private final int count;
  private final Process process;
  private final Writer input;
  private final Map<String, Set<String>> seen = new HashMap<>();
  private final List<String> lines = new ArrayList<>();

  /**
   * Starts the clients.
   *
   * @param room the name of the room in the history
   * @param urls the sync address of the room for each client
   */
  public RoomWatchers(
      Path interop, String room, String document, List<String> urls, History history)
      throws IOException {
    this.history = history;
    this.room = room;
    this.count = urls.size();
    var command = new ArrayList<>(List.of("node", "scenarios/cluster-room.mjs", document));
    command.addAll(urls);
    process =
        new ProcessBuilder(command).directory(interop.toFile()).redirectErrorStream(true).start();
    input = process.outputWriter(StandardCharsets.UTF_8);
    var output = process.inputReader(StandardCharsets.UTF_8);
    Thread.ofPlatform()
        .daemon()
        .name("watchers-output")
        .start(
            () -> {
              try {
                output.lines().forEach(this::read);
              } catch (UncheckedIOException _) {
                // the process was ended
              }
            });
  }

  private synchronized void read(String line) {
    lines.add(line);
    var space = line.indexOf(' ');
    var word = space < 0 ? line : line.substring(0, space);
    switch (word) {
      case "here" -> sees("here", json(line));
      case "partial" -> sees("partial " + json(line).path("request").asText(), json(line));
      case "checked" -> seen.computeIfAbsent("checked", _ -> new HashSet<>()).add("all");
      case "ended" -> {
        var ended = json(line);
        history.add(
            new History.Ended(
                room,
                ended.path("request").asText(),
                ended.path("epoch").asLong(),
                ended.path("status").asText(),
                ended.path("text").asText(),
                ended.path("holder").asText()));
        sees("ended " + ended.path("request").asText(), ended);
      }
      case "heads" -> {
        var heads = json(line);
        history.add(
            new History.HeadsAt(
                heads.path("round").asInt(),
                heads.path("holder").asText(),
                heads.path("document").asText(),
                StreamSupport.stream(heads.path("heads").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.toSet())));
      }
      case "closed" -> {
        var closed = json(line);
        history.add(
            new History.Closed(
                closed.path("client").asText(),
                closed.path("code").asInt(),
                "the node of " + closed.path("client").asText(),
                closed.path("at").asLong()));
      }
      default -> {}
    }
    notifyAll();
  }

  private void sees(String what, JsonNode line) {
    seen.computeIfAbsent(what, _ -> new HashSet<>()).add(line.path("holder").asText());
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line.substring(line.indexOf('{')));
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }

  /** Waits until all clients have the room. */
  public void awaitHere() throws IOException, InterruptedException {
    await("here", count, 60);
  }

  /** Waits until this number of clients sees a part of the running answer. */
  public void awaitPartial(String request, int clients) throws IOException, InterruptedException {
    await("partial " + request, clients, 60);
  }

  /** Waits until this number of clients has the final record of a request. */
  public void awaitEnded(String request, int clients, int secondsMax)
      throws IOException, InterruptedException {
    await("ended " + request, clients, secondsMax);
  }

  /** Waits until all clients agree or their time is over, and adds their heads to the history. */
  public void check() throws IOException, InterruptedException {
    synchronized (this) {
      seen.remove("checked");
    }
    input.write("check\n");
    input.flush();
    await("checked", 1, 120);
  }

  private synchronized void await(String what, int clients, int secondsMax)
      throws IOException, InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
    while (seen.getOrDefault(what, Set.of()).size() < clients) {
      var millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (millis <= 0 || !process.isAlive()) {
        throw new IOException(
            "%s of %d clients have seen: %s; their lines:\n%s"
                .formatted(
                    seen.getOrDefault(what, Set.of()), clients, what, String.join("\n", lines)));
      }
      wait(Math.min(millis, 1_000));
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
