package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.ModelRequest.Message;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RehearsalClientTest {
  private static final String SYSTEM =
      "Act as a patient editor\n\nPlain and warm\n\nIMPORTANT: Keep your response under 50 tokens.";

  private final ManualTimer timer = new ManualTimer();
  private final RehearsalClient client = new RehearsalClient(timer, Duration.ofMillis(33));

  private static ModelRequest request(String query, OptionalInt tokensMax) {
    return new ModelRequest(
        "rehearsal", List.of(new Message("system", SYSTEM), new Message("user", query)), tokensMax);
  }

  private RecordedEvents answer(ModelRequest request) {
    RecordedEvents events = new RecordedEvents();
    client.start(request, events);
    timer.advance(Duration.ofMinutes(1));
    return events;
  }

  @DisplayName("the first line of an answer says that this is not a language model")
  @Test
  void firstLineSaysThatThisIsNoLanguageModel() throws Exception {
    RecordedEvents events = answer(request("What is a lease?", OptionalInt.empty()));
    String firstLine = events.text().lines().findFirst().orElseThrow();
    assertTrue(firstLine.contains("not a language model"), firstLine);
    assertEquals(ModelEnding.COMPLETE, events.done().ending());
  }

  @DisplayName(
      "an answer has the query as heading, the cards and a code block, but not the line about the token limit")
  @Test
  void answerContainsTheQueryAndTheCards() {
    String text = answer(request("What is a lease?", OptionalInt.empty())).text();
    assertTrue(text.contains("\n## What is a lease?\n"), text);
    assertTrue(text.contains("**Act as a patient editor**"), text);
    assertTrue(text.contains(": Plain and warm\n"), text);
    assertTrue(text.contains("```json\n"), text);
    assertFalse(text.contains("IMPORTANT"), text);
  }

  @DisplayName("equal prompts give equal answers, and different prompts give different answers")
  @Test
  void answerDependsOnlyOnThePrompt() {
    String one = answer(request("one", OptionalInt.empty())).text();
    assertEquals(one, answer(request("one", OptionalInt.empty())).text());
    assertNotEquals(one, answer(request("two", OptionalInt.empty())).text());
  }

  @DisplayName("an answer ends at the token limit with ending LENGTH and the token count as usage")
  @Test
  void tokenLimitTruncatesTheAnswer() throws Exception {
    RecordedEvents events = answer(request("one", OptionalInt.of(50)));
    assertEquals(ModelEnding.LENGTH, events.done().ending());
    assertEquals(50, events.done().usage().orElseThrow().completionTokens());
    assertEquals(51, events.count());
  }

  @DisplayName(
      "one word arrives after each interval of 33 ms, and none before the first interval has passed")
  @Test
  void oneWordPerInterval() {
    RecordedEvents events = new RecordedEvents();
    client.start(request("one", OptionalInt.empty()), events);
    assertEquals(0, events.count());
    timer.advance(Duration.ofMillis(33 * 4));
    assertEquals(4, events.count());
    assertFalse(events.hasEnded());
  }

  @DisplayName("after a cancel no event follows and the timer has no task left")
  @Test
  void cancelStopsTheAnswer() {
    RecordedEvents events = new RecordedEvents();
    ModelCall call = client.start(request("one", OptionalInt.empty()), events);
    timer.advance(Duration.ofMillis(100));
    int countBefore = events.count();
    call.cancel();
    call.cancel();
    timer.advance(Duration.ofMinutes(1));
    assertEquals(countBefore, events.count());
    assertEquals(0, timer.pendingTasks());
  }

  @DisplayName("HTML markup in a query does not appear in the answer")
  @Test
  void markupInAQueryIsRemoved() {
    String text =
        answer(request("<img src=x onerror=alert(1)> `x` [a](b)", OptionalInt.empty())).text();
    assertFalse(text.contains("<img"), text);
  }
}
