package dev.parlor.relay.documents;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an uploaded {@code .automerge} file. Every change passes the same checks as a change of a
 * peer before the document is created, so that a refused file leaves no part of itself. Pure.
 */
final class UploadedFile {

  private UploadedFile() {}

  /**
   * The history in the file.
   *
   * @param limits bounds the work and the memory for hostile bytes
   */
  static History read(Bytes file, DocumentLimits limits) {
    var changes = new ArrayList<ChangeChunk>();
    switch (ChangeCodec.splitWithDocuments(file, FormatLimits.DEFAULT)) {
      case Decoding.Decoded<List<Bytes>>(var chunks) -> {
        for (var chunk : chunks) {
          changes.addAll(changes(chunk, limits));
        }
      }
      case Decoding.Malformed<List<Bytes>>(var rule, var reason) -> throw refusal(rule, reason);
    }
    return History.of(checked(changes));
  }

  private static List<ChangeChunk> changes(Bytes chunk, DocumentLimits limits) {
    var decoded =
        ChangeCodec.isDocument(chunk)
            ? DocumentCodec.decode(chunk, limits).map(contents -> contents.changes())
            : ChangeCodec.decode(chunk, limits.change()).map(List::of);
    return switch (decoded) {
      case Decoding.Decoded<List<ChangeChunk>>(var changes) -> changes;
      case Decoding.Malformed<List<ChangeChunk>>(var rule, var reason) ->
          throw refusal(rule, reason);
    };
  }

  private static List<ChangeChunk> checked(List<ChangeChunk> changes) {
    var graph = new CheckedGraph(OperationLimits.DEFAULT);
    var added = new ArrayList<ChangeChunk>(changes.size());
    for (var change : changes) {
      switch (graph.offer(change, null)) {
        case Offer.Added _ -> added.add(change);
        case Offer.Duplicate _ -> {}
        case Offer.MissingDependencies _ ->
            throw refusal("SY7", "a change stands before a change that it depends on");
        case Offer.Rejected(var rule, var reason) -> throw refusal(rule, reason);
      }
    }
    if (added.isEmpty()) {
      throw refusal("AD1", "it has no changes");
    }
    return added;
  }

  private static DocumentFault refusal(String rule, String reason) {
    return DocumentFault.rule(
        Kind.UNACCEPTABLE, rule, "the body is no Automerge document that can be taken: " + reason);
  }
}
