package dev.parlor.server.admission;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.server.config.Limits;
import java.util.List;

/**
 * Decides whether a caller's changes may enter a document: what the role allows [AD5] and how much
 * fits [AD3]. Pure; structure of a change is settled by its decoder before, order and authorship of
 * an actor's changes by the graph after.
 */
public final class Admission {

  private final Limits.Changes limits;

  public Admission(Limits.Changes limits) {
    this.limits = limits;
  }

  /**
   * Judges the changes of one message together: all enter or none.
   *
   * @param documentChanges changes in the document so far
   * @param documentBytes their bytes in plain form
   */
  public Verdict judge(
      Caller caller, List<ChangeChunk> changes, int documentChanges, long documentBytes) {
    if (changes.isEmpty()) {
      return Verdict.ADMITTED;
    }
    if (!caller.role().mayWrite()) {
      return new Verdict.Forbidden("AD5", "a spectator changes nothing");
    }
    if ((long) documentChanges + changes.size() > limits.changesPerDocumentMax()) {
      return new Verdict.Excessive(
          "AD3", "a document has at most " + limits.changesPerDocumentMax() + " changes");
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
