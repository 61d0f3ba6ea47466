package dev.parlor.relay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.health.Health.Condition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HealthTest {

  private final Health health = new Health("store", "relay");

  @Test
  @DisplayName("the server is live but not ready before its needed parts are registered")
  void notReadyBeforeTheNeededPartsAreRegistered() {
    var report = health.report();
    assertFalse(report.ready());
    assertEquals(Condition.failing("not started"), report.parts().get("store"));
    assertTrue(health.live());
  }

  @Test
  @DisplayName("the server is ready if all needed parts work, even if another part fails")
  void readinessDependsOnlyOnNeededParts() {
    health.register("store", () -> Condition.ok("saving"));
    health.register("relay", () -> Condition.ok("listening"));
    health.register("model", () -> Condition.failing("unreachable"));
    var report = health.report();
    assertTrue(report.ready());
    assertEquals(List.of("store", "relay", "model"), List.copyOf(report.parts().keySet()));
    health.register("store", () -> Condition.failing("no space left"));
    assertFalse(health.report().ready());
  }

  @Test
  @DisplayName(
      "a part whose supplier throws counts as failing; the report has no exception message")
  void partWhoseSupplierThrowsCountsAsFailing() {
    health.register(
        "relay",
        () -> {
          throw new IllegalStateException("secret");
        });
    assertEquals(
        Condition.failing("its check failed: IllegalStateException"),
        health.report().parts().get("relay"));
  }

  @Test
  @DisplayName("after a fatal error the server is neither live nor ready; the first reason is kept")
  void fatalErrorEndsLiveness() {
    health.fatal("out of memory");
    health.fatal("second");
    assertFalse(health.live());
    assertFalse(health.report().ready());
    assertEquals(Optional.of("out of memory"), health.fatalReason());
  }
}
