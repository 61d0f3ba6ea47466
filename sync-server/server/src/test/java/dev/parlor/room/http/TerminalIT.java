package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The terminal client as a process of its own, with pipes, beside a person who uses HTTP. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TerminalIT {
  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  /** A running client whose output is collected. */
  private static final class Client implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final List<String> lines = new ArrayList<>();

    Client(String link, String name) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.parlor.terminal.Main",
                  link,
                  "--name",
                  name)
              .redirectErrorStream(true)
              .start();
      in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (var out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (var line = out.readLine(); line != null; line = out.readLine()) {
          synchronized (this) {
            lines.add(line);
            notifyAll();
          }
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    void type(String line) throws IOException {
      in.write(line + "\n");
      in.flush();
    }

    synchronized void await(String what, Predicate<String> wanted) throws Exception {
      var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (lines.stream().noneMatch(wanted)) {
        var left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        assertTrue(left > 0, "no " + what + " in " + lines);
        wait(left);
      }
    }

    /** The position of the first equal line from this position on; -1 if there is none. */
    synchronized int indexOf(String line, int from) {
      var found = lines.subList(from, lines.size()).indexOf(line);
      return found < 0 ? -1 : from + found;
    }

    synchronized List<String> lines() {
      return List.copyOf(lines);
    }

    int end() throws Exception {
      in.close();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the client ends: " + lines());
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  @DisplayName(
      "a person at a terminal chats, plays, asks, and moves a window; the answer arrives in pieces,"
          + " and the client ends with its input")
  void terminalTakesPart() throws Exception {
    var room = server.room("Terminals");
    var ada = room.join("host", server.person("Ada"));
    try (var client = new Client(link(room, server.port()), "Tess")) {
      client.await("the beginning", line -> line.equals("joined Terminals as player"));
      client.await("the people", line -> line.startsWith("2 people: host, Tess"));
      assertEquals(201, ada.post("/chat", "{\"text\":\"hello terminal\"}").statusCode());
      client.await("the message", line -> line.equals("host: hello terminal"));
      client.type("hello host");
      client.await("the own message", line -> line.equals("you: hello host"));
      client.type("/play tone Dry");
      client.await("the card", line -> line.equals("* Tess plays [tone] Dry"));
      client.type("/move Chat 77 88");
      client.await("the window", line -> line.equals("* the window is moved"));
      client.type("/move Nothing 1 1");
      client.await("the problem", line -> line.startsWith("! there is no window Nothing"));
      client.type("/play king x");
      client.await("the field", line -> line.startsWith("! cardType is one of"));
      client.type("/ask Write a haiku");
      assertEquals(0, client.end());
      assertTrue(client.lines().contains("* Tess asks: Write a haiku"), client.lines()::toString);
      assertTrue(client.lines().contains("* the answer is complete"), client.lines()::toString);
      assertTrue(
          client.lines().stream().anyMatch(line -> line.startsWith("answer> ")),
          client.lines()::toString);
    }
    var state = json(ada.get("/state"));
    assertEquals("hello host", state.path("chat").get(1).path("text").asText());
    var moved = new ArrayList<String>();
    state.path("windows").forEach(window -> moved.add(window.path("pos").asText()));
    assertTrue(moved.contains("77,88"), moved::toString);
  }

  @Test
  @DisplayName("the transcript in docs/programs.md is what a terminal shows")
  void transcriptOfTheDocsIsTrue() throws Exception {
    var fromRoot = Path.of("docs/programs.md");
    var file = Files.exists(fromRoot) ? fromRoot : Path.of("../..").resolve(fromRoot);
    var text = Files.readString(file);
    var begin = text.indexOf("```terminal\n") + "```terminal\n".length();
    var transcript = text.substring(begin, text.indexOf("\n```", begin)).split("\n", -1);
    assertTrue(transcript.length > 10, "the transcript was found");
    var room = server.room("Programs");
    var _ = room.join("host", server.person("Ada"));
    try (var client = new Client(link(room, server.port()), "Tess")) {
      var shown = 0;
      for (var expected : transcript) {
        if (expected.startsWith("< ")) {
          client.type(expected.substring(2));
        } else {
          var after = shown;
          client.await("line " + expected, _ -> client.indexOf(expected, after) >= 0);
          shown = client.indexOf(expected, after) + 1;
        }
      }
      assertEquals(0, client.end());
    }
  }

  @Test
  @DisplayName("a terminal connects again with its identity after a restart of the server")
  void terminalReconnects() throws Exception {
    var data = folder.resolve("restart");
    Files.createDirectories(data);
    var port = freePort();
    Client client;
    String slug;
    TestServer.RoomUnderTest room;
    try (var first = TestServer.start(data, Map.of(), port)) {
      room = first.room("Restart");
      slug = room.slug();
      client = new Client(link(room, port), "Tess");
      client.await("the beginning", line -> line.equals("joined Restart as player"));
      client.type("before");
      client.await("the message", line -> line.equals("you: before"));
    }
    try (client;
        var second = TestServer.start(data, Map.of(), port)) {
      client.await("the loss", line -> line.startsWith("* the connection is lost"));
      client.await("the connection", line -> line.equals("* connected again"));
      client.type("after");
      client.await("the message", line -> line.equals("you: after"));
      client.type("/quit");
      assertEquals(0, client.end());
      var chat =
          json(second.http().get("/api/rooms/" + slug + "/state", "Parlor-Key", room.key("host")))
              .path("chat");
      assertEquals(2, chat.size());
      assertEquals(chat.get(0).path("by"), chat.get(1).path("by"));
      assertFalse(chat.get(0).path("by").asText().isEmpty());
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }

  private static String link(TestServer.RoomUnderTest room, int port) {
    return "http://127.0.0.1:" + port + "/r/" + room.slug() + "#k=" + room.key("player");
  }
}
