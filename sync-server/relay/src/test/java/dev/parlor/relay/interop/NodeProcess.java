package dev.parlor.relay.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A Node program of the npm project {@code sync-server/relay/interop}. It prints one fact for each
 * line on its standard output. Where its test must act first, it waits for a line on its standard
 * input.
 */
public final class NodeProcess implements AutoCloseable {

  private static final int TIMEOUT_SECONDS = 60;

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> output = new ArrayList<>();
  private final Writer input;
  private final Thread reader;

  private NodeProcess(List<String> command, Map<String, String> environment) throws IOException {
    var builder = new ProcessBuilder(command).directory(project().toFile());
    builder.environment().putAll(environment);
    process = builder.redirectErrorStream(true).start();
    input = process.outputWriter(StandardCharsets.UTF_8);
    var lineReader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    reader = Thread.ofVirtual().start(() -> lineReader.lines().forEach(lines::add));
  }

  /** Starts a scenario of the folder {@code scenarios}. */
  public static NodeProcess scenario(String name, Object... arguments) throws IOException {
    return scenario(Map.of(), name, arguments);
  }

  /** Starts a scenario with more environment variables. */
  public static NodeProcess scenario(
      Map<String, String> environment, String name, Object... arguments) throws IOException {
    var command = new ArrayList<>(List.of(node(), "scenarios/" + name + ".mjs"));
    for (var argument : arguments) {
      command.add(argument.toString());
    }
    return new NodeProcess(command, environment);
  }

  /** Starts a program of an installed package. */
  public static NodeProcess tool(
      String path, List<String> arguments, Map<String, String> environment) throws IOException {
    var command = new ArrayList<>(List.of(node(), "node_modules/" + path));
    command.addAll(arguments);
    return new NodeProcess(command, environment);
  }

  /** Waits for a line that begins with {@code fact}, and returns the text after it. */
  public String expect(String fact) throws InterruptedException {
    while (true) {
      var line = lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      if (line == null || (!process.isAlive() && lines.isEmpty() && !line.startsWith(fact))) {
        drain();
        return fail("the program did not print: " + fact + "\n" + String.join("\n", output) + line);
      }
      output.add(line);
      if (line.startsWith(fact)) {
        return line.substring(fact.length()).strip();
      }
    }
  }

  /** Lets the program continue. */
  public void go() throws IOException {
    send("go");
  }

  /** Lets the program continue with this text. */
  public void send(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  /** Waits for the end of the program, checks that it succeeded, and returns its output. */
  public List<String> succeeds() throws InterruptedException {
    var printed = ends();
    assertEquals(0, process.exitValue(), () -> String.join("\n", printed));
    return printed;
  }

  /** Waits for the end of the program, whether it succeeded or not, and returns its output. */
  public List<String> ends() throws InterruptedException {
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      drain();
      fail("the program does not end\n" + String.join("\n", output));
    }
    reader.join();
    drain();
    return output;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void drain() {
    lines.drainTo(output);
  }

  private static Path project() {
    // Maven runs the tests of each module in the module's folder.
    return Path.of("..", "relay", "interop");
  }

  private static String node() {
    try {
      var version = new ProcessBuilder("node", "--version").start();
      if (version.waitFor() != 0) {
        fail("node does not run: install Node 20 or newer and put it on the PATH");
      }
    } catch (IOException _) {
      fail("node was not found: install Node 20 or newer and put it on the PATH");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
    if (!Files.isDirectory(project().resolve("node_modules/@automerge/automerge-repo"))) {
      fail(
          "the packages of sync-server/relay/interop are missing: run `npm ci` in that folder first");
    }
    return "node";
  }
}
