package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads document chunks.
 *
 * <h2>Layout</h2>
 *
 * After the header that all chunks have, a document has its actors, its heads, the table of the
 * change columns, the table of the operation columns, the columns of both, and for each head the
 * index of its change. Columns may be deflated.
 *
 * <p>Source: Automerge binary document format, "Document chunks".
 */
public final class DocumentCodec {

  private static final String CHUNK_RULE = "SY4";

  private DocumentCodec() {}

  /** Reads exactly one document chunk; bytes after it are a failure. */
  public static Decoding<DocumentContents> decode(Bytes chunk, DocumentLimits limits) {
    return ChangeCodec.documentContents(chunk).flatMap(contents -> read(contents, limits));
  }

  private static Decoding<DocumentContents> read(Bytes contents, DocumentLimits limits) {
    try {
      return readContents(contents, limits);
    } catch (MalformedDocumentException e) {
      return Decoding.malformed(e.rule(), e.reason());
    }
  }

  private static Decoding<DocumentContents> readContents(Bytes contents, DocumentLimits limits)
      throws MalformedDocumentException {
    var reader = new ByteReader(contents);
    var actors = actors(reader, limits);
    var heads = reader.hashes("the heads", limits.changesMax());
    var changeColumns = DocumentColumns.readTable(reader);
    var operationColumns = DocumentColumns.readTable(reader);
    checkReader(reader);
    var remaining = changeColumns.readBytes(reader, limits.inflatedBytesMax());
    operationColumns.readBytes(reader, remaining);
    checkReader(reader);
    var itemsMax = limits.operationsMaxOf(contents.length());
    var changes = ChangeTable.read(changeColumns, actors.size(), itemsMax, limits);
    changes.checkMessages(limits.change());
    var operations = OperationTable.read(operationColumns, actors.size(), itemsMax);
    var links = OperationLinks.of(changes, operations, actors.size());
    return encode(changes, new ChangeEncoder(actors, changes, operations, links), heads, limits);
  }

  private static List<ActorId> actors(ByteReader reader, DocumentLimits limits)
      throws MalformedDocumentException {
    var count = reader.count("the number of actors", limits.changesMax());
    var actors = new ArrayList<ActorId>();
    for (var i = 0; i < count && !reader.failed(); i++) {
      var actor = new ActorId(reader.prefixed("an actor", limits.change().actorBytesMax()));
      if (i > 0 && actors.getLast().compareTo(actor) >= 0 && !reader.failed()) {
        throw MalformedDocumentException.structure("the actors are not strictly ascending");
      }
      actors.add(actor);
    }
    checkReader(reader);
    return actors;
  }

  private static void checkReader(ByteReader reader) throws MalformedDocumentException {
    if (reader.failed()) {
      throw MalformedDocumentException.structure(reader.failure());
    }
  }

  /** Encodes the changes. Their hashes are right if and only if they lead to the heads. */
  private static Decoding<DocumentContents> encode(
      ChangeTable table, ChangeEncoder encoder, List<ChangeHash> heads, DocumentLimits limits) {
    var changes = new ArrayList<ChangeChunk>(table.size());
    Set<ChangeHash> expectedHeads = new HashSet<>();
    for (var i = 0; i < table.size(); i++) {
      var dependencies = new ArrayList<ChangeHash>(1);
      for (var dependency : table.dependencies(i)) {
        dependencies.add(changes.get(dependency).hash());
      }
      dependencies.sort(null);
      switch (ChangeCodec.decode(encoder.encode(i, dependencies), limits.change())) {
        case Decoding.Decoded<ChangeChunk>(var change) -> {
          changes.add(change);
          change.deps().forEach(expectedHeads::remove);
          expectedHeads.add(change.hash());
        }
        case Decoding.Malformed<ChangeChunk> malformed -> {
          return malformed.cast();
        }
      }
    }
    if (expectedHeads.size() != heads.size() || !expectedHeads.containsAll(heads)) {
      return Decoding.malformed(CHUNK_RULE, "the changes of the document do not lead to its heads");
    }
    return Decoding.of(new DocumentContents(changes, heads.stream().sorted().toList()));
  }
}
