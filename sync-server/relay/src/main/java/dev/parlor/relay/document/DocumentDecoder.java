package dev.parlor.relay.document;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.document.UnreadDocument;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.DecodedChanges;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.sync.SyncEncoder.Snapshot;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Decodes messages with document chunks [SY3]. A document chunk of a hundred kilobytes can stand
 * for a million changes, so at most one large chunk is read or built at a time in the process, and
 * the heap bounds its size. The calls block, so they need a thread of their own. Safe from any
 * thread.
 */
final class DocumentDecoder {

  private static final String CHUNK_RULE = "SY4";

  /** Held while a large document is read or built. Static, since it guards the process's heap. */
  static final Semaphore LARGE_DOCUMENTS = new Semaphore(1);

  private final DocumentLimits limits;

  DocumentDecoder(DocumentLimits limits) {
    this.limits = limits;
  }

  /**
   * The decoded chunks of a message.
   *
   * @param document the last document chunk, written anew; empty if it is short, or if its
   *     operations are not in Automerge's order
   */
  record Result(DecodedChanges changes, Optional<Snapshot> document) {}

  /** The limits of one chunk, derived from the limits of a document and the size of the heap. */
  static DocumentLimits limits(Limits.Changes changes, FormatLimits format) {
    var standard = DocumentLimits.DEFAULT;
    return new DocumentLimits(
        Math.min(standard.changesMax(), changes.changesPerDocumentMax()),
        (int) Math.min(standard.operationsMax(), changes.operationsPerDocumentMax()),
        standard.operationsFloor(),
        standard.operationsPerByteMax(),
        standard.inflatedBytesMax(),
        Math.min(standard.changeBytesMax(), changes.bytesPerDocumentMax()),
        Runtime.getRuntime().maxMemory() / FixedLimits.DOCUMENT_CHUNK_HEAP_DIVISOR,
        format);
  }

  /**
   * Reads the chunks of a message, of which at least one is a document. A document that is
   * malformed or above a limit [AD1] [AD3] is refused as a whole: the heads of the message stand
   * for it, and the message has no changes. The message is Malformed if a chunk is broken [SY4].
   */
  Decoding<Result> read(InboundDecoder.Undecoded undecoded, FormatLimits format) {
    var changes = new ArrayList<ChangeChunk>();
    var unread = new ArrayList<DecodedChanges.Unread>(0);
    var unreadBytes = 0L;
    var single = new ArrayList<Bytes>(0);
    var document = Optional.<Snapshot>empty();
    for (var chunk : undecoded.chunks()) {
      if (!ChangeCodec.isDocument(chunk)) {
        single.add(chunk);
        continue;
      }
      switch (read(chunk)) {
        case Decoding.Decoded<DocumentContents>(var contents) -> {
          changes.addAll(contents.changes());
          document = contents.rewritten().map(bytes -> new Snapshot(bytes, contents.heads()));
        }
        case Decoding.Malformed<DocumentContents>(var rule, var reason) -> {
          if (rule.equals(CHUNK_RULE) || undecoded.message().heads().isEmpty()) {
            return Decoding.malformed(rule, reason);
          }
          var refused = refused(undecoded.message().heads(), rule, reason);
          return Decoding.of(
              new Result(new DecodedChanges(List.of(), refused, chunk.length()), Optional.empty()));
        }
      }
    }
    switch (ChangeCodec.decodeEach(single, format, FixedLimits.REFUSED_CHANGES_MAX)) {
      case Decoding.Decoded<DecodedChanges>(var decoded) -> {
        changes.addAll(decoded.changes());
        unread.addAll(decoded.unread());
        unreadBytes += decoded.unreadBytes();
      }
      case Decoding.Malformed<DecodedChanges> malformed -> {
        return malformed.cast();
      }
    }
    return Decoding.of(new Result(new DecodedChanges(changes, unread, unreadBytes), document));
  }

  private Decoding<DocumentContents> read(Bytes chunk) {
    if (chunk.length() <= FixedLimits.SMALL_DOCUMENT_CHUNK_BYTES_MAX
        && DocumentCodec.open(chunk, limits) instanceof Decoding.Decoded<UnreadDocument>(var small)
        && small.heapBytes() <= FixedLimits.SMALL_DOCUMENT_HEAP_BYTES_MAX) {
      return small.read(); // too short for a snapshot
    }
    LARGE_DOCUMENTS.acquireUninterruptibly();
    try {
      return DocumentCodec.open(chunk, limits).flatMap(UnreadDocument::readAndRewrite);
    } finally {
      LARGE_DOCUMENTS.release();
    }
  }

  private static List<DecodedChanges.Unread> refused(
      List<ChangeHash> heads, String rule, String reason) {
    return heads.stream()
        .limit(FixedLimits.REFUSED_CHANGES_MAX)
        .map(head -> new DecodedChanges.Unread((int) (head.a() >>> 32), rule, reason))
        .toList();
  }
}
