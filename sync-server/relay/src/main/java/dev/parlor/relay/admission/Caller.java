package dev.parlor.relay.admission;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import java.util.Optional;
import java.util.Set;

/**
 * The verified user and permissions of a connection. They are fixed before its first message.
 *
 * @param identity the identity that a token proved; empty for a guest, see {@link
 *     #identity(PeerId)}
 * @param role the permissions in the documents that the connection may reach
 * @param scope the only document that this connection may reach; if empty, the connection may reach
 *     every document that needs no scope, see {@link DocumentPolicy}
 * @param link the name (never the key) of the link that gave access, so that the server can close
 *     this connection when the link ends; empty without a link
 * @param namedRoles further roles of the caller, which a policy of documents may name
 */
public record Caller(
    Optional<String> identity,
    Role role,
    Optional<DocumentId> scope,
    Optional<String> link,
    Set<String> namedRoles) {

  public Caller {
    namedRoles = Set.copyOf(namedRoles);
  }

  /** Creates a caller without named roles. */
  public Caller(
      Optional<String> identity, Role role, Optional<DocumentId> scope, Optional<String> link) {
    this(identity, role, scope, link, Set.of());
  }

  /** The prefix of the identities of the subjects of tokens for documents. */
  public static final String TOKEN = "token:";

  /** The prefix of the identities of guests. */
  public static final String GUEST = "guest:";

  /** Creates a caller without a link. */
  public Caller(Optional<String> identity, Role role, Optional<DocumentId> scope) {
    this(identity, role, scope, Optional.empty());
  }

  /** A client of the open relay: it may read and write every document that needs no scope. */
  public static Caller ofOpenRelay() {
    return new Caller(Optional.empty(), Role.PLAYER, Optional.empty());
  }

  /** The subject of the token for documents that proved this identity; empty for others. */
  public static Optional<String> subject(String identity) {
    return identity.startsWith(TOKEN)
        ? Optional.of(identity.substring(TOKEN.length()))
        : Optional.empty();
  }

  /** The proved identity, or the guest identity of this peer. */
  public String identity(PeerId peer) {
    return identity.orElseGet(() -> GUEST + peer.value());
  }
}
