package dev.parlor.server;

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
import dev.parlor.room.archive.Archive;
import java.util.List;

/**
 * Reads the chunks of snapshots for the archive. Stored changes passed admission before they were
 * stored, so the limits here exceed those of admission.
 */
record StoredChunks() implements Archive.Chunks {

  private static final FormatLimits LIMITS =
      new FormatLimits(1 << 30, 1 << 20, 1 << 20, 1 << 10, 1 << 20);

  @Override
  public List<Bytes> expand(DocumentId document, Bytes snapshot) {
    return switch (DocumentCodec.decode(snapshot, DocumentLimits.STORED)) {
      case Decoding.Decoded<DocumentContents>(var contents) ->
          contents.changes().stream().map(ChangeChunk::plain).toList();
      case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
          throw new IllegalStateException(
              "the snapshot of document " + document + " is malformed: [" + rule + "] " + reason);
    };
  }

  @Override
  public ChangeHash hash(Bytes change) {
    return switch (ChangeCodec.decode(change, LIMITS)) {
      case Decoding.Decoded<ChangeChunk>(var chunk) -> chunk.hash();
      case Decoding.Malformed<ChangeChunk>(var rule, var reason) ->
          throw new IllegalStateException("a stored change is malformed: [" + rule + "] " + reason);
    };
  }
}
