package dev.parlor.relay.deletion;

import dev.parlor.crdt.identity.Bytes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * The record of a deletion. Its stored text is the state, the time, and the time until which the
 * data is kept, separated by spaces.
 *
 * @param at the time of the deletion or of the restoration
 * @param keptUntil the time after which the data is removed; empty in other states than {@link
 *     State#DELETED}
 */
public record Tombstone(State state, Instant at, Optional<Instant> keptUntil) {

  /** The state of the document. */
  public enum State {
    /** The document is deleted; its data is kept for some time. */
    DELETED,
    /** The document is deleted, and its data is removed. A crash may have left the data. */
    REMOVED,
    /** The document was deleted and restored, so it is a document as any other. */
    RESTORED
  }

  static Tombstone deleted(Instant at, Instant keptUntil) {
    return new Tombstone(State.DELETED, at, Optional.of(keptUntil));
  }

  static Tombstone removed(Instant at) {
    return new Tombstone(State.REMOVED, at, Optional.empty());
  }

  static Tombstone restored(Instant at) {
    return new Tombstone(State.RESTORED, at, Optional.empty());
  }

  /** Whether the data was removed, so that nobody can restore the document. */
  public boolean isRemoved() {
    return state == State.REMOVED;
  }

  /** Whether the document is deleted. */
  public boolean isDeletion() {
    return state != State.RESTORED;
  }

  Bytes encode() {
    var text =
        state.name().toLowerCase(Locale.ROOT)
            + ' '
            + at
            + keptUntil.map(until -> " " + until).orElse("");
    return Bytes.utf8(text);
  }

  /** Reads a stored tombstone. A damaged one counts as a deletion, and its data is kept. */
  static Tombstone decode(Bytes stored) {
    var parts = stored.toUtf8().split(" ", -1);
    try {
      var at = Instant.parse(parts[1]);
      return switch (parts[0]) {
        case "deleted" -> deleted(at, Instant.parse(parts[2]));
        case "removed" -> removed(at);
        case "restored" -> restored(at);
        default -> damaged();
      };
    } catch (DateTimeException | ArrayIndexOutOfBoundsException e) {
      return damaged();
    }
  }

  private static Tombstone damaged() {
    return deleted(Instant.EPOCH, Instant.MAX);
  }
}
