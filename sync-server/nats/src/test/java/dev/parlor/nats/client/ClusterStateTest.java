package dev.parlor.nats.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterStateTest {

  private final AtomicLong nanos = new AtomicLong();
  private final ClusterState state = new ClusterState(nanos::get);

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void fail() {
    state.unanswered(state.now());
  }

  @Test
  @DisplayName(
      "a cluster is away when the first unanswered write is 10 s old, until one is answered")
  void away() {
    state.probed();
    fail();
    pass(ClusterState.AWAY_MILLIS - 1);
    fail();
    assertFalse(state.isAway());
    assertTrue(state.condition().well());
    pass(1);
    assertEquals(ClusterState.AWAY_MILLIS, state.awayMillis());
    assertFalse(state.condition().well());
    state.stored();
    assertEquals(0, state.awayMillis());
    assertTrue(state.condition().well());
  }

  @Test
  @DisplayName("an idle cluster is not away, and a write that began before an answer is no sign")
  void idle() {
    state.probed();
    var started = state.now();
    pass(1);
    state.stored();
    state.unanswered(started);
    pass(ClusterState.AWAY_MILLIS * 2L);
    assertFalse(state.isAway());
  }

  @Test
  @DisplayName("without a probe a cluster is never away, since nothing would tell that it is back")
  void notProbed() {
    fail();
    pass(ClusterState.AWAY_MILLIS * 2L);
    assertFalse(state.isAway());
  }

  @Test
  @DisplayName("a cluster that refuses writes is not away, but not well until it stores one")
  void refused() {
    state.probed();
    state.refused("insufficient storage resources");
    assertFalse(state.isAway());
    assertTrue(state.condition().detail().contains("insufficient storage"));
    assertFalse(state.condition().well());
    state.stored();
    assertTrue(state.condition().well());
  }
}
