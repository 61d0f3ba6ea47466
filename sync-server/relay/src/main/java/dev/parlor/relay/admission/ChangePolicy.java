package dev.parlor.relay.admission;

import dev.parlor.crdt.operations.OperationIndex;
import dev.parlor.crdt.operations.OperationPolicy;
import dev.parlor.crdt.operations.OperationReader;
import org.jspecify.annotations.Nullable;

/**
 * Decides which author may write where in one document [AD6]. It is the port through which an
 * application states the rules of its documents. A document's worker owns one policy and names the
 * author before each change.
 *
 * <p>The policy sees every change of the document, those that the loader reads from the store
 * included. It may therefore follow the document's own values, for example a setting.
 */
public interface ChangePolicy extends OperationPolicy {

  /** The next change is made by this author. */
  void of(String identity, Role role);

  /** The next change is the server's own, or was admitted earlier. */
  void ofServer();

  /** The last checked change was added to the document. */
  void admitted();

  /**
   * Whether a spectator may write anywhere in the document. If so, the policy decides about each
   * operation; otherwise a spectator's changes are refused unread [AD5].
   */
  boolean spectatorsMayWrite();

  /** Makes the policy of a document that is being opened. Safe from any thread. */
  @FunctionalInterface
  interface Factory {

    /**
     * The policy of one document.
     *
     * @param index the document's operations, which grows with each admitted change
     */
    ChangePolicy of(OperationIndex index);
  }

  /** A policy by role alone: hosts and players write everywhere, spectators nowhere. */
  static ChangePolicy byRole() {
    return new ChangePolicy() {
      private boolean mayWrite = true;

      @Override
      public void of(String identity, Role role) {
        mayWrite = role.mayWrite();
      }

      @Override
      public void ofServer() {
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
