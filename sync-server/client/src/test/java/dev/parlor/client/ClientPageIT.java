package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Compiles the program of {@code docs/client.md} and runs it against both servers. */
@Execution(ExecutionMode.CONCURRENT)
class ClientPageIT {

  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern URL = Pattern.compile("automerge:(\\w+) has .*milk.*");
  private static final int LINES_MAX = 50;
  private static final int TIMEOUT_SECONDS = 60;

  @TempDir private Path folder = Path.of("");

  @Test
  @DisplayName(
      "the program of docs/client.md compiles; against Parlor its change is on the disk, and"
          + " against the reference server that is unknown")
  void programOfThePage() throws Exception {
    var code = code();
    assertTrue(code.lines().count() <= LINES_MAX, code.lines().count() + " lines");
    compile(code);
    for (var kind : ServerUnderTest.Kind.values()) {
      var told =
          switch (kind) {
            case PARLOR -> "on the server's disk";
            case REFERENCE -> "on the server, which does not tell when it is on the disk";
          };
      var data = folder.resolve(kind.name());
      try (var server = ServerUnderTest.start(kind, data.resolve("server"))) {
        var first = run(server.url(), data.resolve("first"));
        assertTrue(first.contains(told), first::toString);
        assertTrue(first.contains("changed here"), first::toString);
        var last = URL.matcher(first.getLast());
        assertTrue(last.matches(), first::toString);
        var second = run(server.url(), data.resolve("second"), last.group(1));
        assertTrue(second.contains(told), second::toString);
        assertEquals(3, second.getLast().split("milk", -1).length, "two items");
      }
    }
  }

  private static String code() throws Exception {
    var page = Files.readString(Path.of("..", "..", "docs", "client.md"));
    var code = CODE.matcher(page);
    assertTrue(code.find(), "docs/client.md has a block of Java");
    return code.group(1);
  }

  private void compile(String code) throws Exception {
    var file = Files.writeString(folder.resolve("ShoppingList.java"), code);
    var compiler = ToolProvider.getSystemJavaCompiler();
    var problems = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var options =
          List.of(
              "-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      var task =
          compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file));
      assertTrue(task.call(), problems::toString);
    }
  }

  /** Runs the program and returns the lines that it printed. */
  private List<String> run(URI server, Path data, String... more) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", folder + ":" + System.getProperty("java.class.path")));
    command.addAll(List.of("ShoppingList", server.toString(), data.toString()));
    command.addAll(List.of(more));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      var lines = out.lines().toList();
      assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), lines::toString);
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }
}
