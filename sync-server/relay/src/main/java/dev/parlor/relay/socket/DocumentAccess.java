package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which documents a connection may open. Called for each document of the connection, again
 * after a refusal and when a decision ends, on a thread that may block.
 */
@FunctionalInterface
public interface DocumentAccess {

  /** The outcome of the decision. */
  sealed interface Decision {
    /**
     * The connection may open the document.
     *
     * @param validFor the time after which the decision is made again; empty if it stays
     */
    record Allowed(Permission permission, Optional<Duration> validFor) implements Decision {
      /** The connection may open the document, as long as it stays open. */
      public Allowed(Permission permission) {
        this(permission, Optional.empty());
      }
    }

    /**
     * The connection may not open the document. The peer receives the rule and the reason, then
     * {@code doc-unavailable}.
     *
     * @param reason one sentence that is the same whether the document exists or not
     */
    record Denied(String rule, String reason) implements Decision {}

    /** No decision is possible now. The connection is closed; its client comes again later. */
    record Unavailable(String rule, String reason) implements Decision {}
  }

  /**
   * Decides about a document.
   *
   * @param hasContent whether the peer has content of the document. Without content it asks for a
   *     document that it does not have
   */
  Decision decide(DocumentId document, boolean hasContent);

  /** The caller's named roles in a document, for policies that name them. Never blocks. */
  default Set<String> namedRoles(DocumentId document) {
    return Set.of();
  }
}
