package dev.parlor.room.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.health.Metrics;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RoomMetricsTest {

  private final Metrics relay = new Metrics();
  private final RoomMetrics metrics = new RoomMetrics(relay);

  @Test
  @DisplayName("the relay's scrape contains the metrics of rooms")
  void scrapeContainsRoomMetrics() {
    metrics.forgedWrite();
    metrics.generationStarted();
    metrics.generationEnded("done", 2_000_000_000L);
    metrics.httpAnswered("/api/rooms/{slug}", 200, 1_000_000);
    assertShows("parlor_forged_writes_total 1.0");
    assertShows("parlor_generations_running 0.0");
    assertShows("parlor_generation_seconds_count{status=\"done\"} 1");
    assertShows("parlor_generation_seconds_sum{status=\"done\"} 2.0");
    assertShows("parlor_http_seconds_count{route=\"/api/rooms/{slug}\",status=\"200\"} 1");
  }

  @Test
  @DisplayName("metrics with known tag values start at zero")
  void knownTagValuesStartAtZero() {
    assertShows("parlor_generation_seconds_count{status=\"error\"} 0");
    assertShows("parlor_generations_refused_total{reason=\"stale\"} 0.0");
  }

  @Test
  @DisplayName("an unknown reason for a refused request counts as other")
  void unknownReasonCountsAsOther() {
    metrics.generationRefused("unknown");
    assertShows("parlor_generations_refused_total{reason=\"other\"} 1.0");
  }

  private void assertShows(String line) {
    var text = relay.scrape();
    assertTrue(text.contains(line), () -> line + " is not in\n" + text);
  }
}
