package dev.parlor.relay.health;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MetricsTest {

  private final Metrics metrics = new Metrics();

  @Test
  void eventsAreCounted() {
    metrics.connectionOpened();
    metrics.connectionOpened();
    metrics.connectionClosed(1013);
    metrics.documentOpened();
    metrics.refused("AD1");
    metrics.refused("AD1");
    metrics.changesAdmitted(3, 400);
    metrics.outboxOverflowed();
    assertScraped("parlor_connections 1.0");
    assertScraped("parlor_connections_closed_total{code=\"1013\"} 1.0");
    assertScraped("parlor_rooms_open 1.0");
    assertScraped("parlor_refusals_total{rule=\"AD1\"} 2.0");
    assertScraped("parlor_changes_in_total 3.0");
    assertScraped("parlor_change_bytes_in_total 400.0");
    assertScraped("parlor_outbox_overflows_total 1.0");
  }

  @Test
  void durationsAreHistograms() {
    metrics.dispatched(300_000);
    metrics.committed(5_000_000, 10, 2_000);
    assertScraped("parlor_dispatch_seconds_bucket{le=\"+Inf\"} 1");
    assertScraped("parlor_commit_seconds_bucket{le=\"+Inf\"} 1");
    assertScraped("parlor_commit_records_total 10.0");
    metrics.documentQueueDepth(3);
    assertScraped("parlor_room_queue_depth_bucket{le=\"2.0\"} 0");
    assertScraped("parlor_room_queue_depth_bucket{le=\"4.0\"} 1");
  }

  @Test
  void knownTagValuesStartAtZero() {
    assertScraped("parlor_ephemeral_dropped_total{reason=\"slow\"} 0.0");
    assertScraped("parlor_connections_closed_total{code=\"1006\"} 0.0");
  }

  @Test
  void unknownCloseCodesShareOneSeries() {
    for (var code = 3_000; code < 4_000; code++) {
      metrics.connectionClosed(code);
    }
    assertScraped("parlor_connections_closed_total{code=\"other\"} 1000.0");
    assertTrue(!metrics.scrape().contains("\"3000\""));
  }

  @Test
  void queueDwellIsInSeconds() {
    metrics.documentQueueDwell(2_500_000_000L);
    assertScraped("parlor_room_queue_dwell_seconds_sum 2.5");
    assertScraped("parlor_room_queue_dwell_seconds_count 1");
  }

  @Test
  void gaugeIsReadAtEachScrape() {
    var value = new int[] {1};
    metrics.watch("parlor.test.depth", "A number", () -> value[0]);
    assertScraped("parlor_test_depth 1.0");
    value[0] = 7;
    assertScraped("parlor_test_depth 7.0");
  }

  @Test
  void runtimeMetricsCanBeAdded() {
    metrics.watchRuntime();
    assertScraped("jvm_memory_used_bytes{");
    assertScraped("process_uptime_seconds");
  }

  private void assertScraped(String line) {
    var text = metrics.scrape();
    assertTrue(text.contains(line), () -> line + " is not in\n" + text);
  }
}
