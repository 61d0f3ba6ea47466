package dev.parlor.bench.fuzz;

import dev.parlor.bench.process.Descendants;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The command behind {@code ./parlor fuzz crafted} [AD7]: it crafts changes with correct checksums,
 * passes them to admission, and passes the admitted changes to Automerge's bindings in a child
 * process. An abort of the child, an error of the bindings or an exception of Parlor is a failure
 * and is kept as a file. The child is then restarted and the run continues.
 */
public final class CraftedFuzz {

  private static final int CHANGES_PER_DOCUMENT = 400;
  private static final int PREFIX_MAX = 60;
  private static final int BATCH = 16;
  private static final long ANSWER_NANOS_MAX = Duration.ofSeconds(60).toNanos();

  /** The bounds of a run; the first one reached ends it. */
  public record Options(long changes, Duration time, long seed, Path vectors, Path failures) {}

  /** The result of a run. */
  public static final class Outcome {
    public long crafted;
    public long admitted;

    /** Admitted changes with repeated operations that admission checked as one run. */
    public long admittedWithRepeats;

    public long missingDependencies;
    public long duplicates;
    public long aborts;
    public long bindingErrors;
    public long exceptions;
    public long documents;
    public final TreeMap<String, Long> refused = new TreeMap<>();
    public final List<String> failures = new ArrayList<>();
  }

  private final Options options;
  private final List<List<ChangeChunk>> histories;
  private final Outcome outcome = new Outcome();
  private @Nullable Child child;

  private CraftedFuzz(Options options) throws IOException {
    this.options = options;
    this.histories = Histories.all(options.vectors());
  }

  /** Usage: {@code [--changes=N] [--minutes=M] [--seed=S]}; exit code 1 after a failure. */
  public static void main(String[] arguments) throws IOException {
    Descendants.killAtExit();
    var changes = 10_000_000L;
    var minutes = 10.0;
    var seed = 1L;
    for (var argument : arguments) {
      if (argument.startsWith("--changes=")) {
        changes = Long.parseLong(argument.substring("--changes=".length()));
      } else if (argument.startsWith("--minutes=")) {
        minutes = Double.parseDouble(argument.substring("--minutes=".length()));
      } else if (argument.startsWith("--seed=")) {
        seed = Long.parseLong(argument.substring("--seed=".length()));
      } else {
        System.err.println(
            "fuzz crafted: unknown option "
                + argument
                + "; there are --changes, --minutes, --seed");
        System.exit(2);
      }
    }
    var started = System.nanoTime();
    var options =
        new Options(
            changes,
            Duration.ofMillis((long) (minutes * 60_000)),
            seed,
            Path.of("docs/vectors"),
            Path.of("bench/target/fuzz"));
    var outcome = run(options);
    var seconds = (System.nanoTime() - started) / 1_000_000_000;
    System.out.printf(
        "fuzz crafted: %,d changes in %,d documents, %d s (seed %d)%n"
            + "  admitted and applied by the bindings: %,d (%,d with repeated operations)%n"
            + "  refused: %s%n"
            + "  missing dependencies: %,d; duplicates: %,d%n"
            + "  aborts: %d, errors of the bindings: %d, exceptions of the server: %d%n",
        outcome.crafted,
        outcome.documents,
        seconds,
        seed,
        outcome.admitted,
        outcome.admittedWithRepeats,
        outcome.refused,
        outcome.missingDependencies,
        outcome.duplicates,
        outcome.aborts,
        outcome.bindingErrors,
        outcome.exceptions);
    outcome.failures.forEach(System.out::println);
    System.exit(outcome.failures.isEmpty() ? 0 : 1);
  }

  /** Runs until one of the bounds is reached. */
  public static Outcome run(Options options) throws IOException {
    var fuzz = new CraftedFuzz(options);
    try {
      var deadline = System.nanoTime() + options.time().toNanos();
      var seeds = new Random(options.seed());
      while (fuzz.outcome.crafted < options.changes() && System.nanoTime() - deadline < 0) {
        fuzz.runDocument(seeds.nextLong());
      }
      return fuzz.outcome;
    } finally {
      if (fuzz.child != null) {
        fuzz.child.close();
      }
    }
  }

  /**
   * Fuzzes one document: offers a prefix of a history, then crafted changes that build on it and on
   * each other.
   */
  private void runDocument(long seed) throws IOException {
    outcome.documents++;
    var random = new Random(seed);
    var history = histories.get(random.nextInt(histories.size()));
    var prefix = random.nextInt(Math.min(PREFIX_MAX, history.size()) + 1);
    var document = new FuzzedDocument();
    for (var i = 0; i < prefix; i++) {
      if (!(document.offer(history.get(i)) instanceof Offer.Added)) {
        throw new IllegalStateException("a real change is refused: " + history.get(i).hash());
      }
    }
    var crafter = new ChangeCrafter(random, document, history);
    var sent = 0;
    for (var i = 0; i < CHANGES_PER_DOCUMENT && outcome.crafted < options.changes(); i++) {
      outcome.crafted++;
      var chunk = crafter.next();
      try {
        offer(document, chunk);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        outcome.exceptions++;
        recordFailure(seed, "an exception of the server's code: " + e, document, chunk);
        return;
      }
      if (document.changes.size() - sent >= BATCH) {
        if (!applyInChild(seed, document, sent, false)) {
          return;
        }
        sent = document.changes.size();
      }
    }
    applyInChild(seed, document, sent, true);
  }

  private void offer(FuzzedDocument document, Bytes chunk) {
    switch (ChangeCodec.decode(chunk, FormatLimits.DEFAULT)) {
      case Decoding.Malformed<ChangeChunk>(var rule, var _) ->
          outcome.refused.merge(rule, 1L, Long::sum);
      case Decoding.Decoded<ChangeChunk>(var change) -> {
        switch (document.offer(change)) {
          case Offer.Added _ -> {
            outcome.admitted++;
            if (hasRepeats(change)) {
              outcome.admittedWithRepeats++;
            }
          }
          case Offer.Duplicate _ -> outcome.duplicates++;
          case Offer.MissingDependencies _ -> outcome.missingDependencies++;
          case Offer.Rejected(var rule, var _) -> outcome.refused.merge(rule, 1L, Long::sum);
        }
      }
    }
  }

  /** Whether the change has repeated operations that admission checked as one run. */
  private static boolean hasRepeats(ChangeChunk change) {
    var reader = OperationReader.open(change, OperationLimits.DEFAULT).orElseThrow();
    while (reader.next()) {
      if (reader.repeats() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Applies new changes in the child. False if that failed; the document must not be used any more.
   */
  private boolean applyInChild(long seed, FuzzedDocument document, int from, boolean isLast)
      throws IOException {
    var chunks = document.chunks();
    var heads = document.checked.graph().heads();
    var answer =
        child()
            .apply(
                from == 0 ? CraftedChild.OPEN : CraftedChild.APPLY,
                heads,
                chunks.subList(from, chunks.size()),
                isLast);
    if (answer != null && answer.isEmpty()) {
      return true;
    }
    if (answer == null) {
      outcome.aborts++;
    } else {
      outcome.bindingErrors++;
    }
    closeChild();
    recordFailure(
        seed, answer == null ? "the process aborted" : answer, document, firstFailing(document));
    return false;
  }

  /** The first change that fails when the changes are applied one by one. */
  private Bytes firstFailing(FuzzedDocument document) throws IOException {
    var replay = new FuzzedDocument();
    for (var change : document.changes) {
      replay.offer(change);
      var answer =
          child()
              .apply(
                  replay.changes.size() == 1 ? CraftedChild.OPEN : CraftedChild.APPLY,
                  replay.checked.graph().heads(),
                  List.of(change.plain()),
                  true);
      if (answer == null || !answer.isEmpty()) {
        closeChild();
        return change.plain();
      }
    }
    return Bytes.EMPTY;
  }

  private void recordFailure(long seed, String description, FuzzedDocument document, Bytes chunk)
      throws IOException {
    if (outcome.failures.size() >= 20) {
      return;
    }
    Files.createDirectories(options.failures());
    var file = options.failures().resolve("crafted-" + Long.toHexString(seed) + ".txt");
    var lines = new ArrayList<String>();
    lines.add("# " + description.replace('\n', ' '));
    lines.add("# failing change " + chunk.toHex());
    document.chunks().forEach(each -> lines.add(each.toHex()));
    Files.write(file, lines);
    outcome.failures.add(description.lines().findFirst().orElse("") + ": " + file);
  }

  private Child child() throws IOException {
    var running = child;
    if (running == null) {
      running = new Child();
      child = running;
    }
    return running;
  }

  private void closeChild() {
    if (child != null) {
      child.close();
      child = null;
    }
  }

  /** The handle of the child process. */
  static final class Child implements AutoCloseable {

    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;

    /**
     * The time of the unanswered request to the child, by {@code System.nanoTime}; 0 without one.
     */
    private volatile long requestedAtNanos;

    Child() throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Xmx256m",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:-CreateCoredumpOnCrash",
                  "-XX:ErrorFile=/dev/null",
                  "-cp",
                  System.getProperty("java.class.path"),
                  CraftedChild.class.getName())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
      out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
      Thread.ofPlatform().daemon().name("fuzz-watchdog").start(this::watch);
    }

    /** Kills the child if it does not answer in time. This counts as an abort. */
    private void watch() {
      try {
        while (!process.waitFor(5, TimeUnit.SECONDS)) {
          var since = requestedAtNanos;
          if (since != 0 && System.nanoTime() - since > ANSWER_NANOS_MAX) {
            process.destroyForcibly();
          }
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    /**
     * Sends a command to the child. Returns its error text; empty without an error, null if the
     * child died.
     */
    @Nullable String apply(
        int command, List<ChangeHash> heads, List<Bytes> changes, boolean withSnapshot) {
      requestedAtNanos = Math.max(1, System.nanoTime());
      try {
        out.write(command);
        out.writeInt(heads.size());
        for (var head : heads) {
          out.write(head.toArray());
        }
        out.writeInt(changes.size());
        for (var change : changes) {
          out.writeInt(change.length());
          change.writeTo(out);
        }
        out.write(withSnapshot ? 1 : 0);
        out.flush();
        return in.readUTF();
      } catch (IOException _) {
        return null;
      } finally {
        requestedAtNanos = 0;
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
