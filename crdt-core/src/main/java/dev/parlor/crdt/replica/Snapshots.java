package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * Converts between a document chunk (all changes in compact form) and the changes with the
 * bindings. The server does this in plain Java, in {@code crdt.document}; this class is the
 * reference for tests, benchmarks and fuzzing. Each call loads the whole document.
 */
public final class Snapshots {

  /** The actor of read-only loads; no change is ever written with it. */
  private static final ActorId READ_ONLY_ACTOR = new ActorId(Bytes.wrap(new byte[16]));

  private Snapshots() {}

  /**
   * The changes of a snapshot as plain chunks, dependencies first.
   *
   * @throws ReplicaException if the bytes are not a snapshot
   */
  public static List<Bytes> expand(Bytes snapshot) {
    try (var replica = Replica.load(Optional.of(snapshot), List.of(), READ_ONLY_ACTOR)) {
      return replica.changes();
    }
  }

  /**
   * Makes a snapshot of an older snapshot, if there is one, and later changes. All dependencies of
   * the changes must be included.
   *
   * @throws ReplicaException if the bytes are not a snapshot or changes
   */
  public static Bytes build(Optional<Bytes> snapshot, List<Bytes> changes) {
    try (var replica = Replica.load(snapshot, changes, READ_ONLY_ACTOR)) {
      return replica.save();
    }
  }
}
