package dev.parlor.relay.admission;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationPolicy;
import dev.parlor.crdt.operations.OperationReader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which parts of one document each author may write [AD6]. It is the port through which an
 * application defines the rules of its documents. A document's worker owns one policy, and
 * announces the author of each change before it passes the change's operations.
 *
 * <p>The policy receives every change of the document, including those that the loader reads from
 * the store. So it can track values of the document, for example a setting.
 */
public interface ChangePolicy extends OperationPolicy {

  /** The following operations belong to a change of this author. */
  void beginChange(String identity, Role role);

  /**
   * The following operations belong to a change of this author.
   *
   * @param named the author's named roles in the document; a policy that knows no named roles
   *     ignores them
   */
  default void beginChange(String identity, Role role, Set<String> named) {
    beginChange(identity, role);
  }

  /**
   * Whether the policy decides about the changes of every caller. Otherwise only callers with a
   * scope are subject to it. The answer never changes.
   */
  default boolean coversAllDocuments() {
    return false;
  }

  /** The following operations belong to a change of the server, or to a change admitted earlier. */
  void beginServerChange();

  /** The change whose operations were checked last was added to the document. */
  void admitted();

  /**
   * Whether a spectator may write to some part of the document. If so, the policy checks each
   * operation; otherwise a spectator's changes are refused unread [AD5].
   */
  boolean spectatorsMayWrite();

  /** Creates the policy of each document that is opened. Safe from any thread. */
  @FunctionalInterface
  interface Factory {

    /**
     * Creates the policy of one document. Runs on a thread that may block.
     *
     * @param index the document's operations, which grows with each admitted change
     */
    ChangePolicy of(DocumentId document, OperationIndex index);
  }

  /** A policy that depends only on the role: hosts and players may write, spectators may not. */
  static ChangePolicy byRole() {
    return new ChangePolicy() {
      private boolean mayWrite = true;

      @Override
      public void beginChange(String identity, Role role) {
        mayWrite = role.mayWrite();
      }

      @Override
      public void beginServerChange() {
        mayWrite = true;
      }

      @Override
      public void admitted() {}

      @Override
      public boolean spectatorsMayWrite() {
        return false;
      }

      @Override
      public @Nullable String checkOperation(
          OperationReader operation, int object, int key, int made) {
        return mayWrite ? null : "a spectator changes nothing";
      }

      @Override
      public boolean coversRepeats() {
        return true;
      }

      @Override
      public @Nullable String checkEnd() {
        return null;
      }
    };
  }
}
