package dev.parlor.bench.cluster;

import dev.parlor.nats.proof.ClusterWriters;
import dev.parlor.nats.proof.History;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The figures of one run of the fuzzer. Safe from any thread. */
final class FuzzFigures {

  /** Another node ends the answers of a node that is gone within this time. */
  private static final int TAKEOVER_MILLIS_MAX = 15_000;

  private final long seed;
  private final long begunNanos = System.nanoTime();
  private final Map<Fault, Integer> made = new EnumMap<>(Fault.class);
  private final List<Long> acknowledgementMillis = new ArrayList<>();
  private final List<Long> recoveryMillis = new ArrayList<>();
  private final List<Long> takeoverMillis = new ArrayList<>();
  private final List<Long> takeoverMillisOfTwoFaults = new ArrayList<>();
  private final List<Long> continuationMillis = new ArrayList<>();
  private final Map<Integer, Integer> answers = new TreeMap<>();
  private final Map<String, Integer> endings = new TreeMap<>();
  private int cycles;
  private int restartedByThemselves;
  private int questions;
  private int unanswered;
  private long calls;
  private long changes;
  private long told;
  private long lost;
  private long longestGapMillis;

  FuzzFigures(long seed) {
    this.seed = seed;
  }

  synchronized int cycles() {
    return cycles;
  }

  synchronized long elapsedNanos() {
    return System.nanoTime() - begunNanos;
  }

  synchronized int nextCycle() {
    return ++cycles;
  }

  synchronized void made(Fault fault) {
    made.merge(fault, 1, Integer::sum);
  }

  synchronized void restarted() {
    restartedByThemselves++;
  }

  synchronized void recovered(long millis) {
    recoveryMillis.add(millis);
  }

  /** The number of a new question. */
  synchronized int nextQuestion() {
    return ++questions;
  }

  /** A question got no answer from its node. */
  synchronized void unanswered() {
    unanswered++;
  }

  /** A question got an answer with this status. */
  synchronized void answered(int status) {
    answers.merge(status, 1, Integer::sum);
  }

  /**
   * Another node ended an answer of a broken node.
   *
   * @param single whether nothing else was broken at the same time
   */
  synchronized void takenOver(long millis, boolean single) {
    (single ? takeoverMillis : takeoverMillisOfTwoFaults).add(millis);
  }

  /** A broken node went on with its answer after the heal. */
  synchronized void continued(long millis) {
    continuationMillis.add(millis);
  }

  /** Adds what the clients of a round made and were told. */
  synchronized void round(ClusterWriters clients, long made, long lost) {
    changes += made;
    told += clients.toldCount();
    this.lost += lost;
    longestGapMillis = Math.max(longestGapMillis, clients.longestGapMillis());
    acknowledgementMillis.addAll(clients.acknowledgementMillis());
  }

  /** Adds the calls and final records of a round. */
  synchronized void round(History history) {
    calls += history.events(History.ModelCall.class).size();
    var statuses = new HashMap<String, String>();
    history
        .events(History.Ended.class)
        .forEach(ended -> statuses.put(ended.room() + "/" + ended.request(), ended.status()));
    statuses.values().forEach(status -> endings.merge(status, 1, Integer::sum));
  }

  /** One line with the figures until now. */
  synchronized String progress() {
    return ("%,d cycles in %,d s with %,d faults; %,d changes told, %,d lost; longest time without an"
            + " acknowledgement %,d ms; %,d questions, %s ended; %,d calls; takeover %s")
        .formatted(
            cycles,
            TimeUnit.NANOSECONDS.toSeconds(elapsedNanos()),
            made.values().stream().mapToInt(Integer::intValue).sum(),
            told,
            lost,
            longestGapMillis,
            questions,
            counts(endings),
            calls,
            times(all(takeoverMillis, takeoverMillisOfTwoFaults)));
  }

  /** The figures of the run. */
  synchronized String summary() {
    return """
        fuzz cluster: %,d cycles in %d s (seed %d): %s
          %,d changes made, %,d told as saved, %,d lost
          longest time without an acknowledgement to any client: %,d ms
          acknowledgement of a change, faults included: p50 %,d ms, p99 %,d ms
          until %d changes were told after a heal: p50 %,d ms, longest %,d ms
          %,d questions in rooms: answered with %s, %,d without an answer of the node
          %,d calls of the model; requests ended as %s
          until watchers saw the end of an answer whose node was killed, paused or cut, one fault: %s
          the same with a fault of a server or line at the same time: %s
          above the aim of %,d ms: %d
          until watchers saw more of an answer whose node was paused or cut for less than a lease: %s
          nodes that ended by themselves and were started again: %d"""
        .formatted(
            cycles,
            TimeUnit.NANOSECONDS.toSeconds(elapsedNanos()),
            seed,
            made.entrySet().stream()
                .map(entry -> entry.getValue() + " × " + entry.getKey().text())
                .collect(Collectors.joining(", ")),
            changes,
            told,
            lost,
            longestGapMillis,
            percentile(acknowledgementMillis, 50),
            percentile(acknowledgementMillis, 99),
            FuzzRounds.TOLD_AFTER_HEAL,
            percentile(recoveryMillis, 50),
            percentile(recoveryMillis, 100),
            questions,
            counts(answers),
            unanswered,
            calls,
            counts(endings),
            times(takeoverMillis),
            times(takeoverMillisOfTwoFaults),
            TAKEOVER_MILLIS_MAX,
            all(takeoverMillis, takeoverMillisOfTwoFaults).stream()
                .filter(millis -> millis > TAKEOVER_MILLIS_MAX)
                .count(),
            times(continuationMillis),
            restartedByThemselves);
  }

  private static List<Long> all(List<Long> first, List<Long> second) {
    var both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  private static String counts(Map<?, Integer> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(entry -> "%s %,d".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String times(List<Long> millis) {
    return millis.isEmpty()
        ? "none"
        : "%d, p50 %,d ms, longest %,d ms"
            .formatted(millis.size(), percentile(millis, 50), percentile(millis, 100));
  }

  private static long percentile(List<Long> values, int percent) {
    var sorted = values.stream().sorted().toList();
    return sorted.isEmpty()
        ? 0
        : sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
