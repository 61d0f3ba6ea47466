package dev.parlor.relay.documents;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads documents from the store. Blocks on the disk; safe from any thread. */
final class DocumentReads {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentReads.class);
  private static final FormatLimits STORED = DocumentLimits.STORED.change();

  private final ChangeStore store;

  DocumentReads(ChangeStore store) {
    this.store = store;
  }

  /**
   * The document as it is stored.
   *
   * @throws DocumentFault if there is no such document, or if it cannot be read
   */
  StoredDocument stored(DocumentId document) {
    try {
      return store.load(document).orElseThrow(DocumentFault::notFound);
    } catch (IOException e) {
      LOG.warn("document {} cannot be read: {}", document, e.toString());
      throw DocumentFault.unavailable("unreadable", "the document cannot be read now");
    }
  }

  /** The changes of a stored document, each after its dependencies. */
  History history(StoredDocument stored) {
    return History.of(changes(stored));
  }

  private List<ChangeChunk> changes(StoredDocument stored) {
    var known = new HashSet<ChangeHash>();
    var ordered = new ArrayList<ChangeChunk>();
    var waiting = new ArrayList<ChangeChunk>();
    stored
        .snapshot()
        .ifPresent(
            snapshot -> expand(snapshot).forEach(change -> add(change, known, ordered, waiting)));
    for (var record : stored.tail()) {
      add(decode(record.chunk()), known, ordered, waiting);
    }
    // Changes of an earlier run of the server may stand before their dependencies.
    var more = true;
    while (more && !waiting.isEmpty()) {
      var again = List.copyOf(waiting);
      waiting.clear();
      var before = ordered.size();
      again.forEach(change -> add(change, known, ordered, waiting));
      more = ordered.size() > before;
    }
    return ordered;
  }

  private static void add(
      ChangeChunk change,
      Set<ChangeHash> known,
      List<ChangeChunk> ordered,
      List<ChangeChunk> waiting) {
    if (known.contains(change.hash())) {
      return;
    }
    if (known.containsAll(change.deps())) {
      known.add(change.hash());
      ordered.add(change);
    } else {
      waiting.add(change);
    }
  }

  private static List<ChangeChunk> expand(Bytes snapshot) {
    return switch (DocumentCodec.decode(snapshot, DocumentLimits.STORED)) {
      case Decoding.Decoded<DocumentContents>(var contents) -> contents.changes();
      case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
          throw unreadable(rule, reason);
    };
  }

  private static ChangeChunk decode(Bytes chunk) {
    return switch (ChangeCodec.decode(chunk, STORED)) {
      case Decoding.Decoded<ChangeChunk>(var change) -> change;
      case Decoding.Malformed<ChangeChunk>(var rule, var reason) -> throw unreadable(rule, reason);
    };
  }

  private static DocumentFault unreadable(String rule, String reason) {
    return DocumentFault.unavailable(
        "unreadable", "the stored document cannot be read: [" + rule + "] " + reason);
  }

  /** Whether the document is stored. */
  boolean exists(DocumentId document) {
    return store.contains(document);
  }
}
