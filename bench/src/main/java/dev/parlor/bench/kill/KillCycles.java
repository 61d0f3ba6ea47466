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

        --cycles   number of kills; fewer if the time is over
        --minutes  no new round and no new cycle begins after this time
        --round    cycles with one data directory and the same clients
        --shards   number of shards of the data directory; the documents of the clients are spread over them
        --seed     seed of the number of acknowledgements before each kill
      Exit code 1 if an acknowledged edit is lost, or if the server does not open its data after a kill.
      """;

  private KillCycles() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Descendants.killAtExit();
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

  private static boolean run(int cycles, Duration time, int cyclesPerRound, int shards, long seed)
      throws IOException, InterruptedException {
    var begunNanos = System.nanoTime();
    var random = new Random(seed);
    var starts = new long[cycles];
    var done = 0;
    var acknowledgements = 0L;
    var edits = 0L;
    var killsWithLog = 0;
    var roundsEnded = 0;
    var replayedMax = 0;
    while (done < cycles && System.nanoTime() - begunNanos < time.toNanos()) {
      var data = Files.createTempDirectory("parlor-kill");
      var last = Math.min(cycles, done + cyclesPerRound);
      var round = new KillRound(data, shards);
      try (round) {
        while (done < last && System.nanoTime() - begunNanos < time.toNanos()) {
          starts[done] = round.cycle(2 + random.nextInt(20), "kill " + done);
          done++;
        }
        edits += round.finish("the end of the round at kill " + done);
      } catch (Clients.EndedException e) {
        roundsEnded++;
        System.err.println("fuzz kill: after " + done + " kills: " + e.getMessage());
        if (roundsEnded > 3 + done / 20) {
          System.err.println("fuzz kill: the clients fail too often for a meaningful result");
          return false;
        }
      } catch (KillRound.LostException e) {
        System.err.println("fuzz kill: seed " + seed + ": " + e.getMessage() + "; see " + data);
        return false;
      }
      remove(data);
      acknowledgements += round.acknowledgements();
      killsWithLog += round.killsWithLog();
      replayedMax = Math.max(replayedMax, round.replayedMax());
      System.out.printf("%,d kills, %,d edits, nothing lost%n", done, edits);
    }
    if (done == 0) {
      System.err.println("fuzz kill: no kill was made");
      return false;
    }
    Arrays.sort(starts, 0, done);
    System.out.printf(
        "fuzz kill: %,d of %,d kills in %d s (seed %d): %,d edits by 4 clients, %,d acknowledgements,"
            + " no acknowledged edit lost; %,d kills left changes in the change log, up to %,d; time"
            + " of a start p50 %d ms, longest %d ms; %d rounds ended early because the clients"
            + " failed%n",
        done,
        cycles,
        Duration.ofNanos(System.nanoTime() - begunNanos).toSeconds(),
        seed,
        edits,
        acknowledgements,
        killsWithLog,
        replayedMax,
        starts[done / 2] / 1_000_000,
        starts[done - 1] / 1_000_000,
        roundsEnded);
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
