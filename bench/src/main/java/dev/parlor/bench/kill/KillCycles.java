package dev.parlor.bench.kill;

import dev.parlor.bench.process.Descendants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * The command behind {@code ./parlor fuzz kill}. An edit counts as acknowledged if the heads of a
 * {@code remote-heads} event at its author cover it. Every round of cycles begins with an empty
 * data directory and ends when the clients agree.
 */
public final class KillCycles {

  private static final String HELP =
      """
      Usage: ./parlor fuzz kill [--cycles=1000] [--minutes=30] [--round=50] [--shards=1] [--seed=1]

        --cycles   kills of the server, fewer when the time is over before
        --minutes  no new round and no new cycle begins after that
        --round    cycles with one data directory and the same clients
        --shards   of the data directory; the clients' documents are spread over them
        --seed     of how long the clients go on before each kill

      Exit code 1 when an acknowledged edit is lost, or a file that a kill left does not open.
      """;

  private KillCycles() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Descendants.endWithThis();
    if (List.of(arguments).contains("--help")) {
      System.out.print(HELP);
      return;
    }
    var cycles = 1000;
    var minutes = 30.0;
    var round = 50;
    var shards = 1;
    var seed = 1L;
    try {
      for (var argument : arguments) {
        var equals = argument.indexOf('=');
        var value = argument.substring(equals + 1);
        switch (equals < 0 ? argument : argument.substring(0, equals)) {
          case "--cycles" -> cycles = Integer.parseInt(value);
          case "--minutes" -> minutes = Double.parseDouble(value);
          case "--round" -> round = Integer.parseInt(value);
          case "--shards" -> shards = Integer.parseInt(value);
          case "--seed" -> seed = Long.parseLong(value);
          default -> throw new IllegalArgumentException("there is no option " + argument);
        }
      }
      if (cycles < 1 || round < 1 || shards < 1 || !(minutes > 0)) {
        throw new IllegalArgumentException("cycles, round, shards and minutes are above 0");
      }
    } catch (IllegalArgumentException e) {
      System.err.println("fuzz kill: " + e.getMessage() + "; --help lists the options");
      System.exit(2);
    }
    var time = Duration.ofMillis((long) (minutes * 60_000));
    System.exit(run(cycles, time, round, shards, seed) ? 0 : 1);
  }

  private static boolean run(int cycles, Duration time, int perRound, int shards, long seed)
      throws IOException, InterruptedException {
    var begun = System.nanoTime();
    var random = new Random(seed);
    var starts = new long[cycles];
    var done = 0;
    var tellings = 0L;
    var edits = 0L;
    var logged = 0;
    var clientsEnded = 0;
    var most = 0;
    while (done < cycles && System.nanoTime() - begun < time.toNanos()) {
      var data = Files.createTempDirectory("parlor-kill");
      var last = Math.min(cycles, done + perRound);
      var round = new KillRound(data, shards);
      try (round) {
        while (done < last && System.nanoTime() - begun < time.toNanos()) {
          starts[done] = round.cycle(2 + random.nextInt(20), "kill " + done);
          done++;
        }
        edits += round.finish("the end of the round at kill " + done);
      } catch (Clients.EndedException e) {
        clientsEnded++;
        System.err.println("fuzz kill: after " + done + " kills: " + e.getMessage());
        if (clientsEnded > 3 + done / 20) {
          System.err.println("fuzz kill: the clients end too often for this to mean anything");
          return false;
        }
      } catch (KillRound.LostException e) {
        System.err.println("fuzz kill: seed " + seed + ": " + e.getMessage() + "; see " + data);
        return false;
      }
      remove(data);
      tellings += round.tellings();
      logged += round.killsWithLog();
      most = Math.max(most, round.replayedMost());
      System.out.printf("%,d kills, %,d edits, nothing lost%n", done, edits);
    }
    if (done == 0) {
      System.err.println("fuzz kill: no kill came about");
      return false;
    }
    Arrays.sort(starts, 0, done);
    System.out.printf(
        "fuzz kill: %,d kills of %,d asked for in %d s (seed %d): %,d edits by 4 clients, told %,d"
            + " times that theirs are saved, none of these lost; %,d kills left changes in the"
            + " change log, up to %,d; from start to open p50 %d ms, longest %d ms; %d rounds given up"
            + " because the clients ended by a fault of their own%n",
        done,
        cycles,
        Duration.ofNanos(System.nanoTime() - begun).toSeconds(),
        seed,
        edits,
        tellings,
        logged,
        most,
        starts[done / 2] / 1_000_000,
        starts[done - 1] / 1_000_000,
        clientsEnded);
    return true;
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
