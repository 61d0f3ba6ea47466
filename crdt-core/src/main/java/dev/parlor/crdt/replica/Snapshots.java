package dev.parlor.crdt.replica;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * Converts between a document chunk (all history, compact) and its changes. Each call loads the
 * whole document, so it runs on a platform thread, never on a document's thread, and only on bytes
 * that this server wrote.
 */
public final class Snapshots {

  /** The actor of read-only loads; no change is ever written with it. */
  private static final ActorId READER = new ActorId(Bytes.wrap(new byte[16]));

  private Snapshots() {}

  /**
   * The changes of a snapshot as plain chunks, dependencies first.
   *
   * @throws ReplicaException if the bytes are not a snapshot
   */
  public static List<Bytes> expand(Bytes snapshot) {
    try (var replica = Replica.load(Optional.of(snapshot), List.of(), READER)) {
      return replica.changes();
    }
  }

  /**
   * Makes a snapshot from an older one and later changes; the changes' dependencies must be
   * complete.
   *
   * @throws ReplicaException if the bytes are not a snapshot or changes
   */
  public static Bytes build(Optional<Bytes> snapshot, List<Bytes> changes) {
    try (var replica = Replica.load(snapshot, changes, READER)) {
      return replica.save();
    }
  }
}
