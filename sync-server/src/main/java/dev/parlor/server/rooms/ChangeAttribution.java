package dev.parlor.server.rooms;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.KeyedOperations;
import dev.parlor.server.config.FixedLimits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose changes have come since the windows were last looked at, so that what a look finds has a
 * name. Usually all are one person's, and nothing more is to be done. When somebody else's change
 * comes before the look, {@link #lookFirst} asks for one in between; where that would cost too much
 * there is no name, never a wrong one. Used on the room's thread.
 */
final class ChangeAttribution {

  /** Looks in between take at most this part of the time. */
  private static final int REST = 20;

  private final List<Bytes> kept = new ArrayList<>();
  private final Set<String> all = new LinkedHashSet<>();
  private @Nullable String hand;
  private boolean many;
  private long count;
  private long restUntil;

  /** Whether the windows must be looked at before a change of this person is applied. */
  boolean lookFirst(String person, long nanos) {
    if (count == 0 || many || person.equals(hand)) {
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
    if (count > 0 && !person.equals(hand)) {
      many = true;
    }
    hand = person;
    all.add(person);
    count++;
    if (kept.size() < FixedLimits.HANDS_MAX) {
      kept.add(change);
    }
  }

  /** Who made everything since the last look, or null when several did or nobody is known. */
  @Nullable String one() {
    return many ? null : hand;
  }

  /** Everybody who changed something since the room was last read. */
  List<String> all() {
    return List.copyOf(all);
  }

  /** The windows were looked at in between, which took so long. */
  void looked(long nanos, long tookNanos) {
    restUntil = nanos + REST * tookNanos;
    forget();
  }

  /** The whole room was read. */
  void settled() {
    forget();
    all.clear();
  }

  private void forget() {
    kept.clear();
    hand = null;
    many = false;
    count = 0;
  }
}
