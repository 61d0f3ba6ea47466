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
 */
public record Caller(Optional<String> identity, Role role, Optional<DocumentId> scope) {

  /** A client of the open relay: any document that is no room, reading and writing. */
  public static Caller ofOpenRelay() {
    return new Caller(Optional.empty(), Role.PLAYER, Optional.empty());
  }
}
