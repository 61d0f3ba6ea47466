package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * Between a document chunk (all history, compact) and the changes it holds. Costs a full load, so
 * it runs on a platform thread off any room's thread, and only on bytes of our own making.
 */
public final class Snapshots {

  /** Nothing is ever written under this actor. */
  private static final ActorId READER = new ActorId(Bytes.wrap(new byte[16]));

  private Snapshots() {}

  /**
   * The changes of a snapshot as plain chunks, dependencies first.
   *
   * @throws ReplicaException when the bytes are no snapshot
   */
  public static List<Bytes> expand(Bytes snapshot) {
    try (var replica = Replica.load(Optional.of(snapshot), List.of(), READER)) {
      return replica.changes();
    }
  }

  /**
   * A snapshot of an older one and changes since; the changes must be complete in dependencies.
   *
   * @throws ReplicaException when the bytes are no snapshot or changes
   */
  public static Bytes build(Optional<Bytes> snapshot, List<Bytes> changes) {
    try (var replica = Replica.load(snapshot, changes, READER)) {
      return replica.save();
    }
  }
}
