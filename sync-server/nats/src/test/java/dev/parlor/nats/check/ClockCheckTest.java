package dev.parlor.nats.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.nats.NatsServer;
import dev.parlor.nats.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClockCheckTest {

  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  @Test
  @DisplayName(
      "a clock that differs by up to 30 s is well; above, the sentence says the difference")
  void differences() {
    assertEquals(Optional.empty(), difference(Duration.ofSeconds(30)));
    assertEquals(Optional.empty(), difference(Duration.ofSeconds(-30)));
    assertTrue(difference(Duration.ofHours(1)).orElseThrow().contains("3600 s behind"));
    assertTrue(difference(Duration.ofHours(-1)).orElseThrow().contains("3600 s ahead"));
    assertEquals(
        Optional.empty(),
        ClockCheck.difference(NOON, NOON.plusSeconds(50), NOON.plusSeconds(60)),
        "a slow answer is no difference");
  }

  private static Optional<String> difference(Duration ofCluster) {
    return ClockCheck.difference(NOON, NOON.plus(ofCluster), NOON);
  }

  @Test
  @DisplayName(
      "a node whose clock is an hour off says so at the start and once an hour, compared with a real"
          + " server, and stores changes as usual")
  void wrongClockIsReported(@TempDir Path folder) throws Exception {
    try (var server = NatsServer.start(folder);
        var fixture = new StoreFixture(server.settings(), 1)) {
      var clock = new AtomicReference<>(Instant.now().minus(Duration.ofHours(1)));
      var check = ClockCheck.of(fixture.operator, clock::get);
      check.checkIfDue();
      assertFalse(check.condition().well());
      assertTrue(check.condition().detail().contains("behind"), check.condition().detail());
      StoreFixture.await(fixture.node().append(StoreFixture.A, StoreFixture.changes(1, 1)));
      clock.set(Instant.now());
      check.checkIfDue();
      assertTrue(check.condition().well(), "an hour has passed by this clock");
      clock.set(Instant.now().plusSeconds(600));
      check.checkIfDue();
      assertTrue(check.condition().well(), "the next check is due in an hour");
    }
  }

  @Test
  @DisplayName("while the cluster does not answer, the check of the clock waits for the next time")
  void unansweredCheckIsRepeated() {
    var answers = new AtomicReference<Instant>();
    var check =
        new ClockCheck(
            () -> {
              var answer = answers.get();
              if (answer == null) {
                throw new IOException("away");
              }
              return answer;
            },
            () -> NOON);
    check.checkIfDue();
    assertTrue(check.condition().well());
    answers.set(NOON.plusSeconds(3_600));
    check.checkIfDue();
    assertFalse(check.condition().well());
  }
}
