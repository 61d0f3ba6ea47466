package dev.parlor.relay.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.storage.MapDbChangeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a real document of 259,779 changes with unmodified automerge-repo clients. */
@Tag("long")
class HistoryIT {

  private static final int CHANGES = 259_779;
  private static final int CHARACTERS = 104_852;

  /** One chunk of 130 KB and two Bloom filters of 325 KB; as single changes it has 26 MB. */
  private static final int ONE_CHUNK_BYTES_MAX = 1_000_000;

  @TempDir private Path folder;

  private MapDbChangeStore open() throws IOException {
    return MapDbChangeStore.open(
        folder, Limits.defaults().storage(), new Metrics(), UUID::randomUUID);
  }

  private static RelayFixture serve(MapDbChangeStore store) {
    return RelayFixture.start(new RelayFixture.Setup().store(store));
  }

  @Test
  @DisplayName(
      "[SY2] [SY3] a long history is received as one chunk, saved, and sent to new clients, also after a restart")
  void longHistory() throws Exception {
    String document;
    try (var store = open();
        var relay = serve(store)) {
      try (var author = NodeProcess.scenario("history", "upload", relay.url())) {
        author.expect("prepared");
        var uploaded = new ObjectMapper().readTree(author.expect("uploaded"));
        document = uploaded.path("url").asText();
        author.succeeds();
      }
      assertTrue(
          relay.metrics().scrape().contains("parlor_changes_in_total " + CHANGES + ".0\n"),
          "each change was received once");
      assertEquals(0, bytesIn(relay), ONE_CHUNK_BYTES_MAX, "the document came as one chunk");
      assertJoinsCompletely(relay, document);
    }
    try (var store = open();
        var relay = serve(store)) {
      assertJoinsCompletely(relay, document);
    }
  }

  private static double bytesIn(RelayFixture relay) {
    return relay
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith("parlor_bytes_in_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private static void assertJoinsCompletely(RelayFixture relay, String document) throws Exception {
    try (var reader = NodeProcess.scenario("history", "join", relay.url(), document)) {
      reader.expect("prepared");
      var joined = new ObjectMapper().readTree(reader.expect("joined"));
      assertEquals(CHANGES, joined.path("changes").asInt());
      assertEquals(CHARACTERS, joined.path("text").asInt());
      reader.succeeds();
    }
  }
}
