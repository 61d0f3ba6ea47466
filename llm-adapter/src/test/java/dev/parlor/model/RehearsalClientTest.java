package dev.parlor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.model.ModelRequest.Message;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
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

  private RecordedEvents hear(ModelRequest request) {
    RecordedEvents heard = new RecordedEvents();
    client.start(request, heard);
    timer.advance(Duration.ofMinutes(1));
    return heard;
  }

  @Test
  void saysInItsFirstLineThatItIsNoLanguageModel() throws Exception {
    RecordedEvents heard = hear(request("What is a lease?", OptionalInt.empty()));
    String first = heard.text().lines().findFirst().orElseThrow();
    assertTrue(first.contains("not a language model"), first);
    assertEquals(Ending.COMPLETE, heard.done().ending());
  }

  @Test
  void answersWithHeadingCardsListAndCode() {
    String text = hear(request("What is a lease?", OptionalInt.empty())).text();
    assertTrue(text.contains("\n## What is a lease?\n"), text);
    assertTrue(text.contains("**Act as a patient editor**"), text);
    assertTrue(text.contains(": Plain and warm\n"), text);
    assertTrue(text.contains("```json\n"), text);
    assertFalse(text.contains("IMPORTANT"), text);
  }

  @Test
  void thePromptAloneDecidesTheAnswer() {
    String one = hear(request("one", OptionalInt.empty())).text();
    assertEquals(one, hear(request("one", OptionalInt.empty())).text());
    assertNotEquals(one, hear(request("two", OptionalInt.empty())).text());
  }

  @Test
  void keepsToTheTokenLimitAndCountsUsage() throws Exception {
    RecordedEvents heard = hear(request("one", OptionalInt.of(50)));
    assertEquals(Ending.LENGTH, heard.done().ending());
    assertEquals(50, heard.done().usage().orElseThrow().completionTokens());
    assertEquals(51, heard.count());
  }

  @Test
  void speaksOneWordForEachPaceAndNoneBefore() {
    RecordedEvents heard = new RecordedEvents();
    client.start(request("one", OptionalInt.empty()), heard);
    assertEquals(0, heard.count());
    timer.advance(Duration.ofMillis(33 * 4));
    assertEquals(4, heard.count());
    assertFalse(heard.ended());
  }

  @Test
  void aCancelledAnswerFallsSilentAndLeavesNothingWaiting() {
    RecordedEvents heard = new RecordedEvents();
    ModelCall call = client.start(request("one", OptionalInt.empty()), heard);
    timer.advance(Duration.ofMillis(100));
    int before = heard.count();
    call.cancel();
    call.cancel();
    timer.advance(Duration.ofMinutes(1));
    assertEquals(before, heard.count());
    assertEquals(0, timer.waiting());
  }

  @Test
  void markupInAQueryStaysText() {
    String text =
        hear(request("<img src=x onerror=alert(1)> `x` [a](b)", OptionalInt.empty())).text();
    assertFalse(text.contains("<img"), text);
  }
}
