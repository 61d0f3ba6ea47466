package dev.parlor.relay.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tests processes that are killed while they write, or whose disk becomes full. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class CrashIT {

  @TempDir private Path directory;

  @Test
  @DisplayName("[DU1] [DU3] every acknowledged write survives each of twenty kills with SIGKILL")
  void acknowledgedWritesSurviveKills() throws Exception {
    killRepeatedly(20, 1);
  }

  @Test
  @DisplayName(
      "[DU1] [DU3] [AD4] every acknowledged write to three shards survives each of eight kills")
  void acknowledgedWritesToShardsSurviveKills() throws Exception {
    killRepeatedly(8, 3);
  }

  private void killRepeatedly(int kills, int shards) throws Exception {
    var random = new Random(20);
    var acknowledged = new int[StoreChild.WRITERS];
    var records = new int[StoreChild.WRITERS];
    var next = new int[StoreChild.WRITERS];
    for (var round = 0; round < kills; round++) {
      var arguments = new ArrayList<>(List.of("crash", directory.toString(), "" + shards));
      for (var from : next) {
        arguments.add(Integer.toString(from));
      }
      var lines = runAndKill(arguments, random.nextInt(250));
      assertEquals("open", lines.getFirst(), lines.toString());
      for (var line : lines) {
        var words = line.split(" ", -1);
        if (words[0].equals("change")) {
          var writer = Integer.parseInt(words[1]);
          acknowledged[writer] = Math.max(acknowledged[writer], Integer.parseInt(words[2]) + 1);
        } else if (words[0].equals("record")) {
          var writer = Integer.parseInt(words[1]);
          records[writer] = Math.max(records[writer], Integer.parseInt(words[2]));
        } else {
          assertEquals("open", line);
        }
      }
      check(shards, acknowledged, records, next);
    }
    assertTrue(acknowledged[0] > kills, "the processes made progress: " + acknowledged[0]);
  }

  /** Waits for this many lines of the child, kills it, and returns all lines it printed. */
  private static List<String> runAndKill(List<String> arguments, int linesBefore)
      throws IOException, InterruptedException {
    var process = child(List.of(), arguments);
    var lines = new ArrayList<String>();
    try (var out = process.inputReader(StandardCharsets.US_ASCII)) {
      for (var i = 0; i < 1 + linesBefore; i++) {
        var line = out.readLine();
        if (line == null) {
          break;
        }
        lines.add(line);
      }
      // process.destroyForcibly() would close the pipe and lose the last lines.
      process.toHandle().destroyForcibly();
      readRemaining(out, lines);
    }
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    return lines;
  }

  /** Reads the remaining lines of the pipe; an incomplete last line does not count. */
  private static void readRemaining(BufferedReader out, List<String> lines) throws IOException {
    var text = new StringBuilder();
    var buffer = new char[8192];
    for (var read = out.read(buffer); read >= 0; read = out.read(buffer)) {
      text.append(buffer, 0, read);
    }
    var end = text.lastIndexOf("\n");
    if (end > 0) {
      lines.addAll(text.substring(0, end).lines().toList());
    }
  }

  /** Checks that the store has every acknowledged write, and sets the next index of each writer. */
  private void check(int shards, int[] acknowledged, int[] records, int[] next) throws IOException {
    try (var store = StoreChild.open(directory, shards)) {
      for (var writer = 0; writer < acknowledged.length; writer++) {
        var stored = store.load(ChangeStoreContract.document(writer));
        if (stored.isEmpty()) {
          assertEquals(0, acknowledged[writer]);
          continue;
        }
        var covered = stored.get().snapshot().map(bytes -> bytes.buffer().getInt(0)).orElse(0);
        Map<ChangeHash, Bytes> tail = new HashMap<>();
        stored.get().tail().forEach(change -> tail.put(change.hash(), change.chunk()));
        next[writer] = Math.max(next[writer], covered);
        for (var index = covered; index < acknowledged[writer]; index++) {
          var change = StoreChild.change(writer, index);
          assertEquals(
              change.chunk(), tail.get(change.hash()), "change " + index + " of writer " + writer);
        }
        var recorded = StoreChild.recordedIndex(store, writer);
        for (var index = recorded; index < acknowledged[writer] + 200; index++) {
          assertTrue(
              index / StoreChild.RECORD_EVERY <= recorded / StoreChild.RECORD_EVERY
                  || !tail.containsKey(StoreChild.change(writer, index).hash()),
              "change " + index + " is stored, but the record put before it is not: " + recorded);
        }
        next[writer] = Math.max(next[writer], acknowledged[writer]);
        var record = store.table("epochs").get("w" + writer);
        assertTrue(
            record.map(value -> Integer.parseInt(value.toUtf8())).orElse(0) >= records[writer]);
      }
    }
  }

  @Test
  @DisplayName(
      "appends fail at a file-size limit of the process, which stands for a full disk, and succeed when it is lifted")
  void appendsFailAtAFileSizeLimit() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/prlimit")), "needs prlimit to lift the limit");
    var process =
        child(
            List.of("/usr/bin/prlimit", "--fsize=6000000:unlimited"),
            List.of("fill", directory.toString(), "1"));
    var lines = new ArrayList<String>();
    try (var out = process.inputReader(StandardCharsets.US_ASCII);
        var in = process.outputWriter(StandardCharsets.US_ASCII)) {
      readUntil(out, lines, "waiting");
      var lift =
          new ProcessBuilder(
                  "/usr/bin/prlimit", "--pid", "" + process.pid(), "--fsize=unlimited:unlimited")
              .inheritIO()
              .start();
      assertEquals(0, lift.waitFor());
      in.write("\n");
      in.flush();
      readUntil(out, lines, "closed");
    }
    assertEquals(0, process.waitFor());

    var acknowledged =
        lines.stream()
            .filter(line -> line.startsWith("change "))
            .map(line -> Integer.parseInt(line.substring(7)))
            .toList();
    var refused = lines.stream().filter(line -> line.startsWith("refused ")).toList();
    assertTrue(acknowledged.size() > 20, lines.toString());
    assertTrue(refused.size() >= 2, "refused while the disk was full: " + lines);
    assertTrue(refused.stream().allMatch(line -> line.contains("IOException")), lines.toString());
    var before = acknowledged.size() - 10;
    assertEquals(
        List.of(
            "stored " + before, "healthy false", "stored " + acknowledged.size(), "healthy true"),
        lines.stream().filter(line -> line.matches("(stored|healthy) .*")).toList());
    try (var store = StoreChild.open(directory, 1)) {
      assertEquals(
          acknowledged.stream().map(StoreChild::large).toList(),
          store.load(ChangeStoreContract.A).orElseThrow().tail());
    }
  }

  private static void readUntil(BufferedReader out, List<String> lines, String last)
      throws IOException {
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.equals(last)) {
        return;
      }
    }
    throw new AssertionError("the process ended after " + lines);
  }

  private static Process child(List<String> before, List<String> arguments) throws IOException {
    var command = new ArrayList<>(before);
    command.addAll(ChildJvm.shortLivedCommand());
    command.add(StoreChild.class.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
