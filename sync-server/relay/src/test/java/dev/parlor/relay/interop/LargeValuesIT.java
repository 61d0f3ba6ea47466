package dev.parlor.relay.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.relay.socket.RelayFixture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tests the largest values of a change, with an unmodified automerge-repo client. */
class LargeValuesIT {

  @Test
  @DisplayName(
      "[AD3] the open relay takes 1,500,000 letters pasted at once, a string of 4 MiB and 16 MiB of bytes by default")
  void largeValues() throws Exception {
    try (var relay = RelayFixture.start();
        var node = NodeProcess.scenario("large-values", relay.url())) {
      for (var value = 0; value < 3; value++) {
        node.expect("saved");
      }
      node.succeeds();
      var metrics = relay.metrics().scrape();
      assertTrue(metrics.contains("parlor_changes_in_total 6.0\n"), metrics);
    }
  }
}
