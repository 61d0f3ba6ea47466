package dev.parlor.server.backup;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.backup.BackupHeader;
import dev.parlor.relay.backup.BackupWriter;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreOnDisk;
import dev.parlor.relay.storage.StoreView;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.http.Administration;
import io.micrometer.core.instrument.Counter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes backups of the running server's data: the state of all stores at one commit, then the
 * archived rooms. One backup runs at a time. Safe from any thread; blocks on the disk.
 */
public final class LiveBackups implements Administration.Backups {

  private static final Logger LOG = LoggerFactory.getLogger(LiveBackups.class);
  private static final int BUFFER_BYTES = 1 << 16;

  private final StoreOnDisk store;
  private final Archive archive;
  private final String version;
  private final InstantSource clock;
  private final Semaphore running = new Semaphore(1);
  private final Counter complete;
  private final Counter incomplete;

  /** When the last complete backup began, in seconds since 1970; 0 before the first. */
  private volatile long lastSuccessSeconds;

  /**
   * @param version the version of the server, for the backup's header
   */
  public LiveBackups(
      StoreOnDisk store, Archive archive, String version, Metrics metrics, InstantSource clock) {
    this.store = store;
    this.archive = archive;
    this.version = version;
    this.clock = clock;
    complete = backups(metrics, "complete");
    incomplete = backups(metrics, "incomplete");
    metrics.watchLong(
        "parlor.backup.last.success.timestamp.seconds",
        "When the last complete backup of this process began, in seconds since 1970",
        () -> lastSuccessSeconds);
  }

  private static Counter backups(Metrics metrics, String outcome) {
    return metrics
        .meters()
        .counter("parlor.backups", "Backups of the running server", "outcome", outcome);
  }

  @Override
  public Optional<Administration.Backup> begin() throws IOException {
    if (!running.tryAcquire()) {
      return Optional.empty();
    }
    // The archive first: from now on it deletes no file that the store may lack.
    var archived = archive.openForBackup();
    try {
      var view = store.freeze();
      LOG.info(
          "a backup has begun; the commit threads waited {} microseconds for each other",
          TimeUnit.NANOSECONDS.toMicros(view.pausedNanos()));
      return Optional.of(new Running(view, archived));
    } catch (IOException | RuntimeException e) {
      archived.close();
      running.release();
      throw e;
    }
  }

  /** A backup whose moment has been taken. */
  private final class Running implements Administration.Backup {
    private final StoreView view;
    private final Archive.BackupView archived;
    private final Instant begun = clock.instant();
    private boolean written;
    private boolean closed;

    private Running(StoreView view, Archive.BackupView archived) {
      this.view = view;
      this.archived = archived;
    }

    @Override
    public void writeTo(OutputStream stream) throws IOException {
      var out = new BufferedOutputStream(stream, BUFFER_BYTES);
      var header =
          new BackupHeader(
              UUID.randomUUID().toString(),
              begun,
              version,
              view.storageId(),
              view.shards(),
              TimeUnit.NANOSECONDS.toMicros(view.pausedNanos()),
              Optional.empty());
      var writer = new BackupWriter(out, header);
      view.read(writer);
      var files = new TreeMap<Place, DocumentId>();
      archived
          .documents()
          .forEach(document -> files.put(Place.ofFile(ArchivedRooms.nameOf(document)), document));
      for (var file : files.entrySet()) {
        var contents = archived.read(file.getValue());
        if (contents.isPresent()) {
          writer.value(file.getKey(), contents.get());
        }
      }
      var _ = writer.end();
      out.flush();
      written = true;
      if (writer.damagedValues() > 0) {
        LOG.error(
            "a backup lacks {} values that cannot be read; parlor verify of the backup names them",
            writer.damagedValues());
      }
      LOG.info("a backup was written");
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      if (written) {
        complete.increment();
        lastSuccessSeconds = begun.getEpochSecond();
      } else {
        incomplete.increment();
      }
      try (archived;
          view) {
        LOG.debug("the state of a backup is released");
      } catch (IOException e) {
        LOG.warn("a backup could not release its files", e);
      } finally {
        running.release();
      }
    }
  }
}
