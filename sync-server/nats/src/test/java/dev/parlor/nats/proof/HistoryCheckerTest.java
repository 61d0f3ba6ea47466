package dev.parlor.nats.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The checker of histories: a history without a fault, and one broken history for each rule. */
class HistoryCheckerTest {

  private final History history = new History();
  private final Map<String, Set<String>> stored = Map.of("d", Set.of("c1", "c2", "c3"));

  /** A history that breaks no rule; each test adds one event to it. */
  @BeforeEach
  void goodHistory() {
    history.add(new History.Told("ada", "d", "c1", List.of("c1"), "node a", 10));
    history.add(new History.Told("ben", "d", "c2", List.of("c1", "c2"), "node b", 20));
    history.add(new History.Closed("ada", 1006, "node a", 25));
    history.add(new History.Closed("ada", 1012, "node b", 26));
    history.add(new History.Asked("room", "r1"));
    history.add(new History.ModelCall("room", 30));
    history.add(new History.Ended("room", "r1", 1, "interrupted", "half", "ada"));
    history.add(new History.Ended("room", "r1", 1, "interrupted", "half", "ben"));
    history.add(new History.Asked("room", "r2"));
    history.add(new History.ModelCall("room", 40));
    history.add(new History.Ended("room", "r2", 2, "done", "all", "ada"));
    history.add(new History.Asked("room", "r3"));
    history.add(new History.Ended("room", "r3", 0, "refused", "", "ada"));
    history.add(new History.Watches("named", "ada"));
    history.add(new History.Watches("named", "ben"));
    history.add(new History.Asking("named", "q1"));
    history.add(new History.Asking("named", "q2"));
    history.add(new History.ModelCall("named", "q2", 50));
    history.add(new History.Ended("named", "n2", 1, "interrupted", "", "ada"));
    history.add(new History.Ended("named", "n2", 1, "interrupted", "", "ben"));
    history.add(new History.Ended("named", "n1", 2, "interrupted", "", "ada"));
    history.add(new History.Ended("named", "n1", 2, "interrupted", "", "ben"));
    history.add(new History.Asked("named", "n1", "q1"));
    history.add(new History.Refused("named", "question q9", 503));
    history.add(new History.Effect("ticket", "t1", "socket of ada"));
    history.add(new History.Effect("idempotency key", "k1", "card 7"));
    history.add(new History.Effect("idempotency key", "k1", "card 7"));
    history.add(new History.HeadsAt(1, "ada", "d", Set.of("c3")));
    history.add(new History.HeadsAt(1, "node a", "d", Set.of("c3")));
    history.add(new History.HeadsAt(2, "ada", "d", Set.of("c2", "c3")));
  }

  private void assertFault(String expected) {
    var faults = HistoryChecker.check(history, stored);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().contains(expected), faults::toString);
  }

  @Test
  @DisplayName("the checker finds no fault in a history that breaks no rule")
  void noFault() {
    assertEquals(List.of(), HistoryChecker.check(history, stored));
  }

  @Test
  @DisplayName("the checker reports a change that a client was told is saved and the log lacks")
  void lostChange() {
    history.add(new History.Told("ben", "d", "c4", List.of("c4"), "node c", 50));
    assertFault("change c4 of document d is saved, and the log does not have it");
  }

  @Test
  @DisplayName("the checker reports a saved change of a document that the log does not have at all")
  void lostDocument() {
    history.add(new History.Told("ben", "e", "c1", List.of("c1"), "node c", 50));
    assertFault("document e is saved, and the log does not have it");
  }

  @Test
  @DisplayName("the checker reports heads that differ between two holders after the heal")
  void differentHeads() {
    history.add(new History.HeadsAt(1, "node b", "d", Set.of("c1")));
    assertFault("document d has heads [c3] at ada and [c1] at node b");
  }

  @Test
  @DisplayName("the checker reports heads on which all holders agree and that the log lacks")
  void headsThatAreNotStored() {
    history.add(new History.HeadsAt(3, "node b", "d", Set.of("c9")));
    assertFault("node b has heads [c9] of document d, and the log does not have all of them");
  }

  @Test
  @DisplayName("the checker reports a request without a final record")
  void missingEnding() {
    history.add(new History.Asked("room", "r4"));
    assertFault("request r4 of room room has 0 final records");
  }

  @Test
  @DisplayName("the checker reports a request whose final record differs between two holders")
  void twoEndings() {
    history.add(new History.Ended("room", "r2", 2, "interrupted", "al", "ben"));
    assertFault("request r2 of room room has 2 final records");
  }

  @Test
  @DisplayName("the checker reports a call of the model that belongs to no epoch")
  void repeatedCall() {
    history.add(new History.ModelCall("room", 60));
    assertFault("room room has 3 calls of the model and 2 epochs");
  }

  @Test
  @DisplayName("the checker reports a finished answer without a call of the model")
  void missingCall() {
    history.add(new History.Asked("other", "a"));
    history.add(new History.Ended("other", "a", 1, "done", "", "ada"));
    assertFault("room other has 0 calls of the model and 1 epochs");
  }

  @Test
  @DisplayName("the checker allows an interrupted run without a call of the model")
  void interruptedBeforeTheCall() {
    history.add(new History.Asked("other", "a"));
    history.add(new History.Ended("other", "a", 1, "interrupted", "", "ada"));
    assertEquals(List.of(), HistoryChecker.check(history, stored));
  }

  @Test
  @DisplayName("the checker allows a failed run without a call of the model")
  void failedBeforeTheCall() {
    history.add(new History.Asked("other", "a"));
    history.add(new History.Ended("other", "a", 1, "error", "", "ada"));
    assertEquals(List.of(), HistoryChecker.check(history, stored));
  }

  @Test
  @DisplayName(
      "the checker reports a second call of the model for a question, also if another run had none")
  void questionSentTwice() {
    history.add(new History.ModelCall("named", "q2", 60));
    assertFault("question q2 of room named has 2 calls of the model");
  }

  @Test
  @DisplayName("the checker reports a final record that one of the watchers of a room has not seen")
  void unseenEnding() {
    history.add(new History.Asked("named", "n3", "q3"));
    history.add(new History.Ended("named", "n3", 3, "interrupted", "", "ben"));
    assertFault("the final record of request n3 of room named was not seen by [ada]");
  }

  @Test
  @DisplayName("the checker reports a request that still runs or waits at the end")
  void unfinishedRequest() {
    history.add(new History.Unfinished("named", "n4", "running", "ada"));
    assertFault("request n4 of room named has not ended: [running at ada]");
  }

  @Test
  @DisplayName(
      "the checker reports a smaller epoch of a question that was asked after another one had ended")
  void shrinkingEpochOfANamedQuestion() {
    history.add(new History.Asking("late", "a"));
    history.add(new History.Asked("late", "l1", "a"));
    history.add(new History.Ended("late", "l1", 5, "interrupted", "", "ada"));
    history.add(new History.Asking("late", "b"));
    history.add(new History.Asked("late", "l2", "b"));
    history.add(new History.Ended("late", "l2", 4, "interrupted", "", "ada"));
    assertFault("request l2 of room late ran in epoch 4, after epoch 5 had ended");
  }

  @Test
  @DisplayName("the checker reports two requests that ran in the same epoch")
  void sharedEpoch() {
    history.add(new History.Ended("room", "r0", 2, "done", "", "ada"));
    assertFault("requests r2 and r0 of room room have the same epoch 2");
  }

  @Test
  @DisplayName("the checker reports an epoch that is smaller than one that had ended before")
  void shrinkingEpoch() {
    history.add(new History.Asked("other", "a"));
    history.add(new History.ModelCall("other", 1));
    history.add(new History.Ended("other", "a", 5, "done", "", "ada"));
    history.add(new History.Asked("other", "b"));
    history.add(new History.ModelCall("other", 2));
    history.add(new History.Ended("other", "b", 4, "done", "", "ada"));
    assertFault("request b of room other ran in epoch 4, after epoch 5 had ended");
  }

  @Test
  @DisplayName("the checker reports a close with a code of the server for an honest client")
  void refusedClient() {
    history.add(new History.Closed("ben", 4003, "node b", 70));
    assertFault("closed the socket of the honest client ben with 4003");
  }

  @Test
  @DisplayName("the checker reports a question of an honest person that a node refused with a 4xx")
  void refusedQuestion() {
    history.add(new History.Refused("named", "question q8", 404));
    assertFault("room named: question q8 was refused with 404");
  }

  @Test
  @DisplayName("the checker reports a ticket that opened two sockets")
  void ticketUsedTwice() {
    history.add(new History.Effect("ticket", "t1", "socket of ben"));
    assertFault("the ticket t1 took effect 2 times");
  }

  @Test
  @DisplayName("the checker reports a last place that two people got")
  void placeGivenTwice() {
    history.add(new History.Effect("place", "invitation 1, last", "ada"));
    history.add(new History.Effect("place", "invitation 1, last", "ben"));
    assertFault("the place invitation 1, last took effect 2 times");
  }

  @Test
  @DisplayName("the checker reports an idempotency key with two different effects")
  void keyWithTwoEffects() {
    history.add(new History.Effect("idempotency key", "k1", "card 8"));
    assertFault("the idempotency key k1 took effect 2 times");
  }
}
