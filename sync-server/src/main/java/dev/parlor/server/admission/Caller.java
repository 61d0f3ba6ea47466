package dev.parlor.server.admission;

import dev.parlor.crdt.identity.DocumentId;
import java.util.Optional;

/**
 * Who stands behind a connection, as proved before its first message.
 *
 * @param identity the identity that a token proved, or empty for {@code guest:<peer id>}, which is
 *     known after the join
 * @param role what the link allows
 * @param scope the only document that this connection may reach, or empty for every document that
 *     is not a room
 * @param link the name (never the key) of the link that opened the room, so that its end can be
 *     told to whoever came by it; empty without one
 */
public record Caller(
    Optional<String> identity, Role role, Optional<DocumentId> scope, Optional<String> link) {

  /** Somebody who came by no link. */
  public Caller(Optional<String> identity, Role role, Optional<DocumentId> scope) {
    this(identity, role, scope, Optional.empty());
  }

  /** A client of the open relay: any document that is no room, reading and writing. */
  public static Caller ofOpenRelay() {
    return new Caller(Optional.empty(), Role.PLAYER, Optional.empty());
  }
}
