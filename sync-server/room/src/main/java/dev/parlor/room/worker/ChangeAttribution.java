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
 * window can name its author. Usually all changes have one author. Before a change of another
 * author is applied, {@link #lookFirst} asks to compare the windows. If that would cost too much
 * time, events carry no author; they never carry a wrong one. Used on the room's thread.
 */
final class ChangeAttribution {

  /** Extra comparisons take at most one part in this many of the time. */
  private static final int REST = 20;

  private final List<Bytes> kept = new ArrayList<>();
  private final Set<String> authors = new LinkedHashSet<>();
  private @Nullable String author;
  private boolean many;
  private long count;
  private long restUntil;

  /** True if the windows must be compared before a change of this author is applied. */
  boolean lookFirst(String person, long nanos) {
    if (count == 0 || many || person.equals(author)) {
      return false;
    }
    boolean touched = count > kept.size() || kept.stream().anyMatch(KeyedOperations::anyIn);
    if (!touched) {
      forget();
      return false;
    }
    if (nanos < restUntil) {
      many = true;
      return false;
    }
    return true;
  }

  void took(Bytes change, String person) {
    if (count > 0 && !person.equals(author)) {
      many = true;
    }
    author = person;
    authors.add(person);
    count++;
    if (kept.size() < FixedServiceLimits.ATTRIBUTION_CHANGES_MAX) {
      kept.add(change);
    }
  }

  /**
   * The author of all changes since the last comparison; null if there were several or the author
   * is unknown.
   */
  @Nullable String soleAuthor() {
    return many ? null : author;
  }

  /** The authors of all changes since the room was last read. */
  List<String> authors() {
    return List.copyOf(authors);
  }

  /** The windows were compared between two changes, which took {@code tookNanos}. */
  void looked(long nanos, long tookNanos) {
    restUntil = nanos + REST * tookNanos;
    forget();
  }

  /** The whole room was read. */
  void settled() {
    forget();
    authors.clear();
  }

  private void forget() {
    kept.clear();
    author = null;
    many = false;
    count = 0;
  }
}
