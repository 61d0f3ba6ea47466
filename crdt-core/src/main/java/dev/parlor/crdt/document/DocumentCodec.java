package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads document chunks.
 *
 * <h2>Layout</h2>
 *
 * After the header that all chunks have, a document has its actors, its heads, the table of the
 * change columns, the table of the operation columns, the columns of both, and for each head the
 * index of its change. Columns may be deflated.
 *
 * <p>A document with a column that is unknown here is refused, if one of its changes has that
 * column: the encoded change then has another hash, and the changes do not lead to the heads.
 *
 * <p>Source: Automerge binary document format, "Document chunks".
 */
public final class DocumentCodec {

  private DocumentCodec() {}

  /** Reads exactly one document chunk; bytes after it are a failure. */
  public static Decoding<DocumentContents> decode(Bytes chunk, DocumentLimits limits) {
    return open(chunk, limits).flatMap(UnreadDocument::read);
  }

  /**
   * Checks the chunk's checksum, inflates its columns and counts what is in them. The time depends
   * on the inflated bytes, which {@link DocumentLimits#inflatedBytesMaxOf} bounds.
   */
  public static Decoding<UnreadDocument> open(Bytes chunk, DocumentLimits limits) {
    return ChangeCodec.documentContents(chunk).flatMap(contents -> openContents(contents, limits));
  }

  private static Decoding<UnreadDocument> openContents(Bytes contents, DocumentLimits limits) {
    try {
      var reader = new ByteReader(contents);
      var actors = actors(reader, limits);
      var heads = reader.hashes("the heads", limits.changesMax());
      var changeColumns = DocumentColumns.readTable(reader);
      var operationColumns = DocumentColumns.readTable(reader);
      checkReader(reader);
      var remaining = changeColumns.readBytes(reader, limits.inflatedBytesMaxOf(contents.length()));
      operationColumns.readBytes(reader, remaining);
      checkReader(reader);
      var headChanges = headChanges(reader, heads.size(), limits);
      return Decoding.of(
          new UnreadDocument(
              actors,
              heads,
              headChanges,
              changeColumns,
              operationColumns,
              contents.length(),
              limits));
    } catch (MalformedDocumentException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  private static List<ActorId> actors(ByteReader reader, DocumentLimits limits)
      throws MalformedDocumentException {
    var count = reader.count("the number of actors", limits.changesMax());
    var actors = new ArrayList<ActorId>();
    for (var i = 0; i < count && !reader.failed(); i++) {
      // A copy: the changes keep their actors, but not the chunk.
      var bytes = reader.prefixed("an actor", limits.change().actorBytesMax()).toArray();
      var actor = new ActorId(Bytes.wrap(bytes));
      if (i > 0 && actors.getLast().compareTo(actor) >= 0 && !reader.failed()) {
        throw MalformedDocumentException.structure("the actors are not strictly ascending");
      }
      actors.add(actor);
    }
    checkReader(reader);
    return actors;
  }

  /** The position of the change of each head; empty if the chunk does not tell them. */
  private static int[] headChanges(ByteReader reader, int heads, DocumentLimits limits) {
    var positions = new int[heads];
    for (var i = 0; i < heads; i++) {
      positions[i] = reader.count("the change of a head", limits.changesMax());
    }
    return reader.failed() ? new int[0] : positions;
  }

  private static void checkReader(ByteReader reader) throws MalformedDocumentException {
    if (reader.failed()) {
      throw MalformedDocumentException.structure(reader.failure());
    }
  }
}
