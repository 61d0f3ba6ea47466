package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.KeyedOperations;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the author of all changes since the windows were last compared, so that an event about a
 * window can name its author. Usually all changes have the same author. {@link #mustCompareBefore}
 * says when the windows must be compared before a change of another author is applied. If this
 * would take too much time, events name no author, but never a wrong author. Used on the room's
 * thread.
 */
final class ChangeAttribution {

  /** Additional comparisons take at most one twentieth of the time. */
  private static final int PAUSE_FACTOR = 20;

  /** The first changes since the last comparison. */
  private final List<Bytes> firstChanges = new ArrayList<>();

  /** The number of changes since the last comparison. */
  private long changeCount;

  /** The author of the last change since the last comparison. */
  private @Nullable String lastAuthor;

  /** Whether the changes since the last comparison have several authors. */
  private boolean hasSeveralAuthors;

  private final Set<String> authorsSinceReading = new LinkedHashSet<>();
  private long pauseUntilNanos;

  /** Whether the windows must be compared before a change of this author is applied. */
  boolean mustCompareBefore(String person, long nowNanos) {
    if (changeCount == 0 || hasSeveralAuthors || person.equals(lastAuthor)) {
      return false;
    }
    boolean mayHaveChangedWindows =
        changeCount > firstChanges.size() || firstChanges.stream().anyMatch(KeyedOperations::anyIn);
    if (!mayHaveChangedWindows) {
      reset();
      return false;
    }
    if (nowNanos < pauseUntilNanos) {
      hasSeveralAuthors = true;
      return false;
    }
    return true;
  }

  /** A change of this author was applied. */
  void applied(Bytes change, String person) {
    if (changeCount > 0 && !person.equals(lastAuthor)) {
      hasSeveralAuthors = true;
    }
    lastAuthor = person;
    authorsSinceReading.add(person);
    changeCount++;
    if (firstChanges.size() < FixedServiceLimits.ATTRIBUTION_CHANGES_MAX) {
      firstChanges.add(change);
    }
  }

  /**
   * The author of all changes since the last comparison; null if there are several authors or none.
   */
  @Nullable String soleAuthor() {
    return hasSeveralAuthors ? null : lastAuthor;
  }

  /** The authors of all changes since the room was last read. */
  List<String> authors() {
    return List.copyOf(authorsSinceReading);
  }

  /** The windows were compared between two changes. */
  void compared(long startNanos, long durationNanos) {
    pauseUntilNanos = startNanos + PAUSE_FACTOR * durationNanos;
    reset();
  }

  /** The whole room was read. */
  void settled() {
    reset();
    authorsSinceReading.clear();
  }

  private void reset() {
    firstChanges.clear();
    lastAuthor = null;
    hasSeveralAuthors = false;
    changeCount = 0;
  }
}
