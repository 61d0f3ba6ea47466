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
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Unmodified automerge-repo clients that watch the answers of rooms, each through an address of its
 * own: the program {@code cluster-room.mjs} of the interop project.
 */
public final class RoomWatchers implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LAST_LINES_MAX = 400;

  /**
   * A room to watch.
   *
   * @param name the name of the room in the history
   * @param urls the sync address of the room for each client
   */
  public record Room(String name, String document, List<String> urls) {
    public Room {
      urls = List.copyOf(urls);
    }
  }

  private final History history;
  private final Map<String, String> names = new HashMap<>();
  private final int count;
  private final Process process;
  private final Writer input;
  private final Map<String, Set<String>> seen = new HashMap<>();
  private final Map<Sight, Long> sights = new HashMap<>();
  private final Map<String, String> statuses = new HashMap<>();
  private final List<String> lines = new ArrayList<>();

  /** Something that a client saw of the answer to a question. */
  private record Sight(String word, String question, String holder) {}

  /**
   * Starts the clients of one room.
   *
   * @param room the name of the room in the history
   * @param urls the sync address of the room for each client
   */
  public RoomWatchers(
      Path interop, String room, String document, List<String> urls, History history)
      throws IOException {
    this(interop, List.of(new Room(room, document, urls)), history);
  }

  /** Starts the clients of several rooms. */
  public RoomWatchers(Path interop, List<Room> rooms, History history) throws IOException {
    this.history = history;
    this.count = rooms.stream().mapToInt(room -> room.urls().size()).sum();
    var argument = JSON.createArrayNode();
    for (var room : rooms) {
      names.put(room.document(), room.name());
      var each = argument.addObject().put("document", room.document());
      room.urls().forEach(each.putArray("urls")::add);
    }
    process =
        new ProcessBuilder("node", "scenarios/cluster-room.mjs", argument.toString())
            .directory(interop.toFile())
            .redirectErrorStream(true)
            .start();
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
    if (lines.size() > LAST_LINES_MAX) {
      lines.removeFirst();
    }
    var space = line.indexOf(' ');
    var word = space < 0 ? line : line.substring(0, space);
    switch (word) {
      case "here" -> {
        var here = json(line);
        history.add(new History.Watches(room(here), here.path("holder").asText()));
        sees("here", here);
      }
      case "partial" -> {
        var partial = json(line);
        sees("partial " + partial.path("request").asText(), partial);
        sights.put(sight(word, partial), System.nanoTime());
      }
      case "checked" -> seen.computeIfAbsent("checked", _ -> new HashSet<>()).add("all");
      case "ended" -> ended(word, json(line));
      case "unfinished" -> {
        var open = json(line);
        history.add(
            new History.Unfinished(
                room(open),
                open.path("request").asText(),
                open.path("state").asText(),
                open.path("holder").asText()));
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

  private void ended(String word, JsonNode ended) {
    history.add(
        new History.Ended(
            room(ended),
            ended.path("request").asText(),
            ended.path("epoch").asLong(),
            ended.path("status").asText(),
            ended.path("text").asText(),
            ended.path("holder").asText()));
    sees("ended " + ended.path("request").asText(), ended);
    sights.put(sight(word, ended), System.nanoTime());
    statuses.put(ended.path("question").asText(), ended.path("status").asText());
  }

  private String room(JsonNode line) {
    return names.getOrDefault(line.path("document").asText(), "unknown");
  }

  private static Sight sight(String word, JsonNode line) {
    return new Sight(word, line.path("question").asText(), line.path("holder").asText());
  }

  private void sees(String what, JsonNode line) {
    seen.computeIfAbsent(what, _ -> new HashSet<>())
        .add(line.path("document").asText() + " " + line.path("holder").asText());
  }

  /** The status of a question's final record; empty until a client has seen it. */
  public synchronized String status(String question) {
    return statuses.getOrDefault(question, "");
  }

  /** When a client saw the end of a question's answer, by {@link System#nanoTime}. */
  public synchronized OptionalLong endedNanos(String question, int client) {
    return nanos("ended", question, client);
  }

  /** When a client last saw more text of a question's answer, by {@link System#nanoTime}. */
  public synchronized OptionalLong grownNanos(String question, int client) {
    return nanos("partial", question, client);
  }

  private OptionalLong nanos(String word, String question, int client) {
    var found = sights.get(new Sight(word, question, "watcher " + client));
    return found == null ? OptionalLong.empty() : OptionalLong.of(found);
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
