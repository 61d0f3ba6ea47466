package dev.parlor.nats.proof;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds what a cluster did wrong in a history. Each fault is one sentence. No fault means that each
 * rule holds for this history.
 */
public final class HistoryChecker {

  /** Close codes from here on are the server's own: it refuses the client or its messages. */
  private static final int OWN_CODES_FROM = 4000;

  private static final int OWN_CODES_TO = 4999;

  private final History history;
  private final List<String> faults = new ArrayList<>();

  private HistoryChecker(History history) {
    this.history = history;
  }

  /**
   * Checks all rules.
   *
   * @param stored the hashes of all changes of each document, loaded from the log alone
   * @return the faults; empty if all rules hold
   */
  public static List<String> check(History history, Map<String, Set<String>> stored) {
    var checker = new HistoryChecker(history);
    checker.toldChangesAreStored(stored);
    checker.headsAreEqual(stored);
    checker.requestsEndOnce();
    checker.watchersSeeEachEnd();
    checker.nothingIsUnfinished();
    checker.callsAreEpochs();
    checker.questionsAreSentOnce();
    checker.honestClientsAreNotRefused();
    checker.honestPeopleAreNotRefused();
    checker.effectsHappenOnce();
    return List.copyOf(checker.faults);
  }

  private void toldChangesAreStored(Map<String, Set<String>> stored) {
    for (var told : history.events(History.Told.class)) {
      if (!stored.getOrDefault(told.document(), Set.of()).contains(told.change())) {
        faults.add(
            "%s was told by %s at %d that change %s of document %s is saved, and the log does not have it"
                .formatted(
                    told.client(), told.node(), told.atMillis(), told.change(), told.document()));
      }
    }
  }

  private record Round(int number, String document) {}

  private void headsAreEqual(Map<String, Set<String>> stored) {
    var first = new HashMap<Round, History.HeadsAt>();
    for (var heads : history.events(History.HeadsAt.class)) {
      var other = first.putIfAbsent(new Round(heads.round(), heads.document()), heads);
      if (other != null && !other.heads().equals(heads.heads())) {
        faults.add(
            "in comparison %d, document %s has heads %s at %s and %s at %s"
                .formatted(
                    heads.round(),
                    heads.document(),
                    other.heads(),
                    other.holder(),
                    heads.heads(),
                    heads.holder()));
      }
      var changes = stored.getOrDefault(heads.document(), Set.of());
      if (!changes.containsAll(heads.heads())) {
        faults.add(
            "in comparison %d, %s has heads %s of document %s, and the log does not have all of them"
                .formatted(heads.round(), heads.holder(), heads.heads(), heads.document()));
      }
    }
  }

  private record Request(String room, String request) {}

  private void requestsEndOnce() {
    var endings = new LinkedHashMap<Request, Set<String>>();
    for (var asked : history.events(History.Asked.class)) {
      endings.put(new Request(asked.room(), asked.request()), new HashSet<>());
    }
    for (var ended : history.events(History.Ended.class)) {
      endings
          .computeIfAbsent(new Request(ended.room(), ended.request()), _ -> new HashSet<>())
          .add("%s in epoch %d: %s".formatted(ended.status(), ended.epoch(), ended.text()));
    }
    endings.forEach(
        (request, found) -> {
          if (found.size() != 1) {
            faults.add(
                "request %s of room %s has %d final records: %s"
                    .formatted(request.request(), request.room(), found.size(), found));
          }
        });
  }

  /** Each client that watches a room has the final record of each accepted request. */
  private void watchersSeeEachEnd() {
    var watchers = new TreeMap<String, Set<String>>();
    for (var watches : history.events(History.Watches.class)) {
      watchers.computeIfAbsent(watches.room(), _ -> new TreeSet<>()).add(watches.holder());
    }
    var seen = new HashMap<Request, Set<String>>();
    for (var ended : history.events(History.Ended.class)) {
      seen.computeIfAbsent(new Request(ended.room(), ended.request()), _ -> new HashSet<>())
          .add(ended.holder());
    }
    for (var asked : history.events(History.Asked.class)) {
      var holders = seen.getOrDefault(new Request(asked.room(), asked.request()), Set.of());
      var missing = new TreeSet<>(watchers.getOrDefault(asked.room(), Set.of()));
      missing.removeAll(holders);
      // A request that ended nowhere is a fault of another rule.
      if (!missing.isEmpty() && !holders.isEmpty()) {
        faults.add(
            "the final record of request %s of room %s was not seen by %s"
                .formatted(asked.request(), asked.room(), missing));
      }
    }
  }

  /** At the end no request runs or waits, also none whose acceptance the person was not told. */
  private void nothingIsUnfinished() {
    var states = new LinkedHashMap<Request, Set<String>>();
    for (var open : history.events(History.Unfinished.class)) {
      states
          .computeIfAbsent(new Request(open.room(), open.request()), _ -> new TreeSet<>())
          .add(open.state() + " at " + open.holder());
    }
    states.forEach(
        (request, found) ->
            faults.add(
                "request %s of room %s has not ended: %s"
                    .formatted(request.request(), request.room(), found)));
  }

  private record Question(String room, String question) {}

  /** A question is granted once, so the model is called for it at most once. */
  private void questionsAreSentOnce() {
    var calls = new LinkedHashMap<Question, Integer>();
    for (var call : history.events(History.ModelCall.class)) {
      if (!call.question().isEmpty()) {
        calls.merge(new Question(call.room(), call.question()), 1, Integer::sum);
      }
    }
    calls.forEach(
        (question, count) -> {
          if (count > 1) {
            faults.add(
                "question %s of room %s has %d calls of the model"
                    .formatted(question.question(), question.room(), count));
          }
        });
  }

  /**
   * Each epoch has one call. A node that is killed or cut off between the grant and the call leaves
   * a run without a call, which ends as interrupted or as an error.
   */
  private void callsAreEpochs() {
    var epochs = new TreeMap<String, Map<Long, String>>();
    var withoutCall = new TreeMap<String, Set<Long>>();
    var calls = new TreeMap<String, Integer>();
    for (var event : history.events()) {
      switch (event) {
        case History.ModelCall call -> calls.merge(call.room(), 1, Integer::sum);
        case History.Ended ended when ended.epoch() > 0 -> {
          var other =
              epochs
                  .computeIfAbsent(ended.room(), _ -> new HashMap<>())
                  .putIfAbsent(ended.epoch(), ended.request());
          if (other != null && !other.equals(ended.request())) {
            faults.add(
                "requests %s and %s of room %s have the same epoch %d"
                    .formatted(other, ended.request(), ended.room(), ended.epoch()));
          }
          if (ended.status().equals("interrupted") || ended.status().equals("error")) {
            withoutCall.computeIfAbsent(ended.room(), _ -> new HashSet<>()).add(ended.epoch());
          }
        }
        default -> {}
      }
    }
    var rooms = new HashSet<>(epochs.keySet());
    rooms.addAll(calls.keySet());
    for (var room : rooms) {
      var called = calls.getOrDefault(room, 0);
      var ran = epochs.getOrDefault(room, Map.of()).size();
      var mayLack = withoutCall.getOrDefault(room, Set.of()).size();
      if (called > ran || called < ran - mayLack) {
        faults.add(
            "room %s has %d calls of the model and %d epochs with a final record"
                .formatted(room, called, ran));
      }
    }
    epochsGrow();
  }

  /**
   * Of two requests of a room that were asked one after the other's end, the later has a larger
   * epoch.
   */
  private void epochsGrow() {
    var largestEnded = new HashMap<String, Long>();
    var largestBefore = new HashMap<Request, Long>();
    var largestWhenAsking = new HashMap<Question, Long>();
    var reported = new HashSet<Request>();
    for (var event : history.events()) {
      switch (event) {
        case History.Asking asking ->
            largestWhenAsking.put(
                new Question(asking.room(), asking.question()),
                largestEnded.getOrDefault(asking.room(), 0L));
        case History.Asked asked ->
            largestBefore.put(
                new Request(asked.room(), asked.request()),
                largestWhenAsking.getOrDefault(
                    new Question(asked.room(), asked.question()),
                    largestEnded.getOrDefault(asked.room(), 0L)));
        case History.Ended ended when ended.epoch() > 0 -> {
          var request = new Request(ended.room(), ended.request());
          var before = largestBefore.getOrDefault(request, 0L);
          if (ended.epoch() <= before && reported.add(request)) {
            faults.add(
                "request %s of room %s ran in epoch %d, after epoch %d had ended"
                    .formatted(ended.request(), ended.room(), ended.epoch(), before));
          }
          largestEnded.merge(ended.room(), ended.epoch(), Math::max);
        }
        default -> {}
      }
    }
  }

  private void honestClientsAreNotRefused() {
    for (var closed : history.events(History.Closed.class)) {
      if (closed.code() >= OWN_CODES_FROM && closed.code() <= OWN_CODES_TO) {
        faults.add(
            "%s closed the socket of the honest client %s with %d at %d"
                .formatted(closed.node(), closed.client(), closed.code(), closed.atMillis()));
      }
    }
  }

  /** A node that cannot decide answers with 503, which is no refusal. */
  private void honestPeopleAreNotRefused() {
    for (var refused : history.events(History.Refused.class)) {
      if (refused.status() >= 400 && refused.status() < 500) {
        faults.add(
            "room %s: %s was refused with %d"
                .formatted(refused.room(), refused.what(), refused.status()));
      }
    }
  }

  private record Single(String kind, String key) {}

  private void effectsHappenOnce() {
    var effects = new LinkedHashMap<Single, Set<String>>();
    for (var effect : history.events(History.Effect.class)) {
      effects
          .computeIfAbsent(new Single(effect.kind(), effect.key()), _ -> new HashSet<>())
          .add(effect.effect());
    }
    effects.forEach(
        (single, found) -> {
          if (found.size() > 1) {
            faults.add(
                "the %s %s took effect %d times: %s"
                    .formatted(single.kind(), single.key(), found.size(), found));
          }
        });
  }
}
