package dev.parlor.server.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.StoreOnDisk;
import dev.parlor.room.archive.Archive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveBackupsTest {

  private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");
  private static final String LAST =
      "parlor_backup_last_success_timestamp_seconds " + (double) NOW.getEpochSecond();

  /** The test archives no document. */
  private static final class NoSnapshots implements Archive.Chunks {
    @Override
    public List<Bytes> expand(DocumentId document, Bytes snapshot) {
      throw new AssertionError("a snapshot is read");
    }

    @Override
    public ChangeHash hash(Bytes change) {
      throw new AssertionError("a change is read");
    }
  }

  private final Metrics metrics = new Metrics();

  private String sample(String start) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElse("no metric " + start);
  }

  @Test
  @DisplayName(
      "while a backup runs, no second begins; a backup that ends early counts as incomplete, and a"
          + " complete backup sets the time of the last")
  void oneBackupAtATime(@TempDir Path folder) throws IOException {
    var config = RelayConfig.onLoopback(folder);
    try (var store =
        StoreOnDisk.open(
            folder,
            config.shards(),
            Limits.defaults().storage(),
            new Metrics(),
            UUID::randomUUID)) {
      var archive = Archive.open(store, folder.resolve("archive"), new NoSnapshots());
      var backups = new LiveBackups(store, archive, "1", metrics, () -> NOW);
      var first = backups.begin().orElseThrow();
      assertTrue(backups.begin().isEmpty());
      first.close();
      first.close();
      assertEquals(
          "parlor_backups_total{outcome=\"incomplete\"} 1.0",
          sample("parlor_backups_total{outcome=\"i"));
      assertEquals(
          "parlor_backup_last_success_timestamp_seconds 0.0", sample("parlor_backup_last"));
      try (var second = backups.begin().orElseThrow()) {
        second.writeTo(new ByteArrayOutputStream());
      }
      assertEquals(
          "parlor_backups_total{outcome=\"complete\"} 1.0",
          sample("parlor_backups_total{outcome=\"c"));
      assertEquals(LAST, sample("parlor_backup_last"));
    }
  }
}
