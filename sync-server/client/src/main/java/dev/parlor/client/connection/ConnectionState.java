package dev.parlor.client.connection;

import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.StorageId;
import java.time.Duration;
import java.util.Optional;

/** The state of a repository's connection. */
public sealed interface ConnectionState {

  /** The repository has no server, or was closed. */
  record Offline() implements ConnectionState {}

  /** The repository dials, or waits for the answer to its join. */
  record Connecting() implements ConnectionState {}

  /**
   * The server answered the join.
   *
   * @param storage the id of the server's storage, if it has one
   * @param durableHeads whether the server tells which changes are on its disk [HS6]
   */
  record Connected(PeerId server, Optional<StorageId> storage, boolean durableHeads)
      implements ConnectionState {}

  /** The repository dials again after this pause. */
  record Waiting(Duration pause, ConnectionEnd end) implements ConnectionState {}

  /**
   * The repository does not dial again by itself, since the next attempt would end in the same way.
   */
  record Stopped(ConnectionEnd end) implements ConnectionState {}
}
