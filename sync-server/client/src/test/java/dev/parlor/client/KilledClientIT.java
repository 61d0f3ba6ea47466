package dev.parlor.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Kills a program that writes with the client. */
@Execution(ExecutionMode.CONCURRENT)
class KilledClientIT {

  private static final Path N = Path.of("n");

  /** The second program compacts the file twice. */
  private static final int[] KILLED_AFTER = {50, 2_200};

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  /** The program: prints the document's id, then each number when its change was made. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws Exception {
      var repo = Repo.builder().store(java.nio.file.Path.of(arguments[0])).open();
      var handle =
          arguments.length > 1
              ? repo.find(DocumentId.parse(arguments[1]).orElseThrow(), Duration.ofSeconds(30))
              : repo.create(new Edit.Put(N, Value.of(-1)));
      System.out.println(handle.id());
      for (var number = 0; ; number++) {
        handle.change(new Edit.Put(N, Value.of(number)));
        System.out.println(number);
      }
    }
  }

  @Test
  @DisplayName(
      "after kill -9 of a program, every change that it made is in its folder, also after"
          + " compactions of its file")
  void everyChangeSurvives() throws Exception {
    var arguments = new ArrayList<String>(List.of(folder.toString()));
    for (var count : KILLED_AFTER) {
      var command = new ArrayList<>(ChildJvm.shortLivedCommand());
      command.add(Writer.class.getName());
      command.addAll(arguments);
      var process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      long last = -1;
      String id;
      try (var out = process.inputReader(StandardCharsets.UTF_8)) {
        id = String.valueOf(out.readLine());
        while (last < count) {
          last = Long.parseLong(String.valueOf(out.readLine()));
        }
        process.toHandle().destroyForcibly();
        // What the program printed before it was killed counts too.
        for (var line = out.readLine(); line != null; line = out.readLine()) {
          last = line.matches("\\d+") ? Math.max(last, Long.parseLong(line)) : last;
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      }
      if (arguments.size() == 1) {
        arguments.add(id);
      }
      try (var repo = Repo.builder().store(folder).open()) {
        var document = repo.find(DocumentId.parse(id).orElseThrow(), Duration.ofSeconds(30));
        var stored = document.read(N).orElseThrow();
        var found = stored instanceof Value.Int(var number) ? number : -1;
        assertTrue(found >= last, found + " is stored, and " + last + " was made");
        assertEquals(List.of(document.id()), repo.stored());
      }
    }
  }
}
