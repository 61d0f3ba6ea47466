package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The documents in which changes of one connection were refused. Safe from any thread. It remembers
 * at most {@link FixedLimits#REFUSED_DOCUMENTS_MAX} documents, and takes no memory before the first
 * refusal.
 */
final class RefusedDocuments {

  /** The consequence of a refusal for the connection. */
  enum Consequence {
    /** The refusal is reported to the peer. */
    REPORT,
    /** Enough refusals in this document were reported to the peer; this one is only counted. */
    COUNT,
    /** Changes were refused in too many documents, so the connection is closed. */
    CLOSE
  }

  /** The number of refusals reported to the peer, by document. */
  private final Map<DocumentId, Integer> reported = new HashMap<>(0);

  /** The documents whose further changes are not read. */
  private final Set<DocumentId> ignored = new HashSet<>(0);

  /** The number of refused messages with an invalid document id. */
  private int withoutDocument;

  /** Records that a change of this document was refused. */
  synchronized Consequence of(DocumentId document) {
    var count = reported.get(document);
    if (count == null) {
      if (reported.size() + withoutDocument >= FixedLimits.REFUSED_DOCUMENTS_MAX) {
        return Consequence.CLOSE;
      }
      reported.put(document, 1);
      return Consequence.REPORT;
    }
    if (count >= FixedLimits.REFUSALS_REPORTED_MAX) {
      return Consequence.COUNT;
    }
    reported.put(document, count + 1);
    return Consequence.REPORT;
  }

  /** Records a message with an invalid document id [HS7]; it counts as one more document. */
  synchronized Consequence ofNoDocument() {
    if (reported.size() + withoutDocument >= FixedLimits.REFUSED_DOCUMENTS_MAX) {
      return Consequence.CLOSE;
    }
    withoutDocument++;
    return Consequence.REPORT;
  }

  /**
   * Stops reading changes of a document that had a refusal. Other documents are not added, so that
   * their number stays limited.
   */
  synchronized void ignore(DocumentId document) {
    if (reported.containsKey(document)) {
      ignored.add(document);
    }
  }

  /** Whether changes of this document are not read. */
  synchronized boolean ignores(DocumentId document) {
    return !ignored.isEmpty() && ignored.contains(document);
  }
}
