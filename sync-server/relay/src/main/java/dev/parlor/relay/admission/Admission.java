package dev.parlor.relay.admission;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.relay.config.Limits;
import java.util.List;

/**
 * Checks changes against the limits of a document [AD3], and whether the caller's role may write
 * [AD5]. Pure. A {@link ChangePolicy} and the operation index check single operations.
 */
public final class Admission {

  private final Limits.Changes limits;
  private final OperationLimits operations;

  public Admission(Limits.Changes limits) {
    this.limits = limits;
    var standard = OperationLimits.DEFAULT;
    this.operations =
        new OperationLimits(
            limits.operationsPerChangeMax(),
            standard.predecessorsMax(),
            standard.keyBytesMax(),
            limits.stringBytesMax(),
            standard.depthMax(),
            standard.counterGapMax());
  }

  /** The limits for the operations of one change. */
  public OperationLimits operations() {
    return operations;
  }

  /**
   * Checks the changes of one message together: all are admitted or none.
   *
   * @param role the role of the peer that sent the changes
   * @param spectatorsMayWrite whether spectators may write to some parts of the document; then the
   *     {@link ChangePolicy} checks each operation
   * @param documentChanges number of changes in the document so far
   * @param documentBytes size of these changes in plain form
   * @param documentOperations number of operations in these changes
   */
  public Verdict judge(
      Role role,
      boolean spectatorsMayWrite,
      List<ChangeChunk> changes,
      int documentChanges,
      long documentBytes,
      long documentOperations) {
    if (changes.isEmpty()) {
      return Verdict.ADMITTED;
    }
    if (!role.mayWrite() && !spectatorsMayWrite) {
      return new Verdict.Forbidden("AD5", "a spectator changes nothing");
    }
    if ((long) documentChanges + changes.size() > limits.changesPerDocumentMax()) {
      return new Verdict.Excessive(
          "AD3", "a document has at most " + limits.changesPerDocumentMax() + " changes");
    }
    if (documentOperations >= limits.operationsPerDocumentMax()) {
      return new Verdict.Excessive(
          "AD3", "a document has at most " + limits.operationsPerDocumentMax() + " operations");
    }
    var bytes = documentBytes;
    for (var change : changes) {
      if (change.plain().length() > limits.bytesPerChangeMax()) {
        return new Verdict.Excessive(
            "AD3", "a change has at most " + limits.bytesPerChangeMax() + " bytes");
      }
      bytes += change.plain().length();
    }
    return bytes > limits.bytesPerDocumentMax()
        ? new Verdict.Excessive(
            "AD3", "a document has at most " + limits.bytesPerDocumentMax() + " bytes")
        : Verdict.ADMITTED;
  }
}
