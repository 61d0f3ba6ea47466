package dev.parlor.relay.socket;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.FixedLimits;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The documents in which changes of one connection were refused. Safe from any thread. It takes
 * memory from the first refusal on, for at most {@link FixedLimits#REFUSED_DOCUMENTS_MAX}
 * documents.
 */
final class RefusedDocuments {

  /** The consequence of a refusal for the connection. */
  enum Consequence {
    /** The peer is told. */
    TELL,
    /** The peer has been told often enough. */
    COUNT,
    /** Changes were refused in too many documents: the connection is closed. */
    CLOSE
  }

  private final Map<DocumentId, Integer> told = new HashMap<>(0);
  private final Set<DocumentId> ignored = new HashSet<>(0);
  private int withoutDocument;

  /** A change of this document was refused. */
  synchronized Consequence of(DocumentId document) {
    var before = told.get(document);
    if (before == null) {
      if (told.size() + withoutDocument >= FixedLimits.REFUSED_DOCUMENTS_MAX) {
        return Consequence.CLOSE;
      }
      told.put(document, 1);
      return Consequence.TELL;
    }
    if (before >= FixedLimits.REFUSALS_REPORTED_MAX) {
      return Consequence.COUNT;
    }
    told.put(document, before + 1);
    return Consequence.TELL;
  }

  /** A message has an invalid document id [HS7]; it counts as one more document. */
  synchronized Consequence ofNoDocument() {
    if (told.size() + withoutDocument >= FixedLimits.REFUSED_DOCUMENTS_MAX) {
      return Consequence.CLOSE;
    }
    withoutDocument++;
    return Consequence.TELL;
  }

  /**
   * From now on no changes of this document are read. It has had a refusal, so the number of such
   * documents is limited.
   */
  synchronized void ignore(DocumentId document) {
    if (told.containsKey(document)) {
      ignored.add(document);
    }
  }

  /** Whether changes of this document are not read. */
  synchronized boolean ignores(DocumentId document) {
    return !ignored.isEmpty() && ignored.contains(document);
  }
}
