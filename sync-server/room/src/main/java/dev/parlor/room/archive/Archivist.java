package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives rooms that were not open for a number of calendar days. The day on which a room was open
 * does not count: with a setting of one day, a room that was open on Monday is archived on
 * Wednesday. Sweeps run on the caller's thread.
 *
 * <p>A table has the last day on which each room was open; it is written at most once a day for a
 * room. A room without a record counts as open today, so enabling the archive archives no room at
 * once.
 */
public final class Archivist {

  /**
   * The table with the last day on which each room was open, under its document id: days since
   * 1970.
   */
  public static final String LAST_OPEN_TABLE = "seen";

  private static final Logger log = LoggerFactory.getLogger(Archivist.class);

  private final Archive archive;
  private final Candidates candidates;
  private final RecordTable lastOpenDays;
  private final ServiceLimits.Archive limits;
  private final InstantSource clock;

  /**
   * The documents that may be archived.
   *
   * @param documents the documents in the store, without those in the archive
   * @param inMemory the documents that are open now
   * @param isRoom whether a document belongs to a room; other documents are never archived
   */
  public record Candidates(
      Supplier<? extends Collection<DocumentId>> documents,
      Supplier<? extends Collection<DocumentId>> inMemory,
      Predicate<DocumentId> isRoom) {}

  public Archivist(
      Archive archive,
      Candidates candidates,
      RecordTable lastOpenDays,
      ServiceLimits.Archive limits,
      InstantSource clock) {
    this.archive = archive;
    this.candidates = candidates;
    this.lastOpenDays = lastOpenDays;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Records the rooms that are open, and archives a bounded number of rooms that were not open for
   * the configured number of days.
   *
   * @return the number of rooms that were archived
   */
  public int sweep() {
    if (limits.idleDays() == 0) {
      return 0;
    }
    var nowMillis = clock.millis();
    var today = TimeUnit.MILLISECONDS.toDays(nowMillis);
    var days = lastOpenDays.withPrefix("");
    for (var document : candidates.inMemory().get()) {
      recordOpenDay(document, days.get(document.value()), today);
    }
    var archived = 0;
    for (var document : candidates.documents().get()) {
      if (archived >= limits.sweepRoomsMax()) {
        break;
      }
      if (!candidates.isRoom().test(document)) {
        continue;
      }
      var lastDay = days.get(document.value());
      if (lastDay == null) {
        recordOpenDay(document, null, today);
      } else if (today - Long.parseLong(lastDay.toUtf8()) > limits.idleDays()) {
        archived += archive(document, nowMillis, today) ? 1 : 0;
      }
    }
    if (archived > 0) {
      log.info("{} rooms were archived", archived);
    }
    return archived;
  }

  /** Records that a room was opened; safe from any thread. */
  public void onOpen(DocumentId document) {
    if (limits.idleDays() > 0) {
      var today = TimeUnit.MILLISECONDS.toDays(clock.millis());
      recordOpenDay(document, lastOpenDays.get(document.value()).orElse(null), today);
    }
  }

  private void recordOpenDay(DocumentId document, @Nullable Bytes lastDay, long day) {
    var text = Bytes.utf8(Long.toString(day));
    if ((lastDay == null || !text.equals(lastDay)) && candidates.isRoom().test(document)) {
      var _ = lastOpenDays.put(document.value(), text);
    }
  }

  private boolean archive(DocumentId document, long nowMillis, long today) {
    try {
      switch (archive.archive(document, nowMillis)) {
        case ARCHIVED -> {
          var _ = lastOpenDays.remove(document.value());
          return true;
        }
        case IN_USE -> recordOpenDay(document, null, today);
        case NOT_STORED -> {
          var _ = lastOpenDays.remove(document.value());
        }
      }
    } catch (IOException e) {
      log.warn(
          "document {} could not be archived and stays in the store: {}", document, e.toString());
      // Count the room as open today, so that the next attempt follows after the full number of
      // days.
      recordOpenDay(document, null, today);
    }
    return false;
  }
}
