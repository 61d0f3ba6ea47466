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
 * Archives rooms that were not open for a number of days. Only whole days count, and no room is
 * archived early: with a setting of one day, a room that was open on Monday is archived on
 * Wednesday. Sweeps run on the caller's thread.
 *
 * <p>The day on which a room was last seen in memory is kept in a table, written once a day at
 * most. An unknown room counts as seen today, so turning the archive on archives no room at once.
 */
public final class Archivist {

  /**
   * The table with the day on which each room was last in memory: {@code <document>} to days since
   * 1970.
   */
  public static final String SEEN_TABLE = "seen";

  private static final Logger log = LoggerFactory.getLogger(Archivist.class);

  private final Archive archive;
  private final Stored stored;
  private final RecordTable seen;
  private final ServiceLimits.Archive limits;
  private final InstantSource clock;

  /**
   * The stored documents to consider.
   *
   * @param documents in the store, not in the archive
   * @param inMemory documents that are open now
   * @param isRoom other documents stay where they are
   */
  public record Stored(
      Supplier<? extends Collection<DocumentId>> documents,
      Supplier<? extends Collection<DocumentId>> inMemory,
      Predicate<DocumentId> isRoom) {}

  public Archivist(
      Archive archive,
      Stored stored,
      RecordTable seen,
      ServiceLimits.Archive limits,
      InstantSource clock) {
    this.archive = archive;
    this.stored = stored;
    this.seen = seen;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Notes the open rooms, and archives a bounded number of rooms that were idle for long enough.
   *
   * @return how many it archived
   */
  public int sweep() {
    if (limits.idleDays() == 0) {
      return 0;
    }
    var now = clock.millis();
    var today = TimeUnit.MILLISECONDS.toDays(now);
    var days = seen.withPrefix("");
    for (var document : stored.inMemory().get()) {
      note(document, days.get(document.value()), today);
    }
    var archived = 0;
    for (var document : stored.documents().get()) {
      if (archived >= limits.sweepRoomsMax()) {
        break;
      }
      if (!stored.isRoom().test(document)) {
        continue;
      }
      var last = days.get(document.value());
      if (last == null) {
        note(document, null, today);
      } else if (today - Long.parseLong(last.toUtf8()) > limits.idleDays()) {
        archived += archive(document, now, today) ? 1 : 0;
      }
    }
    if (archived > 0) {
      log.info("{} rooms were archived", archived);
    }
    return archived;
  }

  /** Notes that a room was opened; safe from any thread. */
  public void opened(DocumentId document) {
    if (limits.idleDays() > 0) {
      var today = TimeUnit.MILLISECONDS.toDays(clock.millis());
      note(document, seen.get(document.value()).orElse(null), today);
    }
  }

  private void note(DocumentId document, @Nullable Bytes last, long day) {
    var text = Bytes.utf8(Long.toString(day));
    if ((last == null || !text.equals(last)) && stored.isRoom().test(document)) {
      var _ = seen.put(document.value(), text);
    }
  }

  private boolean archive(DocumentId document, long now, long today) {
    try {
      switch (archive.archive(document, now)) {
        case ARCHIVED -> {
          var _ = seen.remove(document.value());
          return true;
        }
        case IN_USE -> note(document, null, today);
        case NOT_THERE -> {
          var _ = seen.remove(document.value());
        }
      }
    } catch (IOException e) {
      log.warn(
          "document {} could not be archived and stays in the store: {}", document, e.toString());
      note(
          document, null,
          today); // The room counts as seen today, so the next attempt comes after the full number
      // of days.
    }
    return false;
  }
}
