package dev.parlor.room.http;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.graph.Offer;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads the Automerge document of an exported room. The file is untrusted, and a crafted document
 * can abort the native library. Therefore plain Java decodes the file first, and every change in it
 * passes the same checks as a change of a peer. Only then the native library receives the changes.
 */
final class AutomergeFile {

  /** The limits of a file. Above: 422. A room with a longer history can be exported as JSON. */
  private static final DocumentLimits LIMITS =
      new DocumentLimits(
          200_000, 2_000_000, 100_000, 100, 64 << 20, 256L << 20, 512L << 20, FormatLimits.DEFAULT);

  private static final ActorId READER = new ActorId(Bytes.wrap(new byte[16]));

  private AutomergeFile() {}

  /**
   * The content of the document.
   *
   * @throws ProblemException 422 if the file is no Automerge document or breaks a rule
   */
  static Value root(Bytes file) {
    return root(changes(file));
  }

  /**
   * The content of the document at earlier heads.
   *
   * @throws ProblemException 422 also if one of the heads is not in the document
   */
  static Value root(Bytes file, List<ChangeHash> heads) {
    var changes = changes(file);
    var byHash = changes.stream().collect(Collectors.toMap(ChangeChunk::hash, Function.identity()));
    var wanted = new HashSet<ChangeHash>();
    var open = new ArrayDeque<>(heads);
    while (!open.isEmpty()) {
      var hash = open.pop();
      var change = byHash.get(hash);
      if (change == null) {
        throw ProblemDetail.field(422, "heads", "the room has no change " + hash).thrown();
      }
      if (wanted.add(hash)) {
        open.addAll(change.deps());
      }
    }
    return root(changes.stream().filter(change -> wanted.contains(change.hash())).toList());
  }

  /**
   * All changes of the document, each after its dependencies.
   *
   * @throws ProblemException 422 if the file is no Automerge document
   */
  static List<ChangeChunk> changes(Bytes file) {
    return switch (DocumentCodec.decode(file, LIMITS)) {
      case Decoding.Decoded<DocumentContents>(var contents) -> contents.changes();
      case Decoding.Malformed<DocumentContents>(var rule, var reason) ->
          throw refusal(rule, reason);
    };
  }

  private static Value root(List<ChangeChunk> changes) {
    var checked = new CheckedGraph(OperationLimits.DEFAULT);
    for (var change : changes) {
      switch (checked.offer(change, null)) {
        case Offer.Added _ -> {}
        case Offer.Rejected(var rule, var reason) -> throw refusal(rule, reason);
        case Offer.Duplicate _, Offer.MissingDependencies _ ->
            throw refusal("AD2", "a change is not in the order of the history");
      }
    }
    return RoomGateway.await(read(changes.stream().map(ChangeChunk::plain).toList()));
  }

  /** Reads on a platform thread: a native call would pin the carrier of a virtual thread. */
  private static CompletableFuture<Value> read(List<Bytes> changes) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (var replica = Replica.load(Optional.empty(), changes, READER)) {
            return replica.root();
          }
        },
        Thread.ofPlatform().name("import").daemon()::start);
  }

  private static ProblemException refusal(String rule, String reason) {
    return ProblemDetail.of(
            422, "not-a-document", "the file is no Automerge document of a room: " + reason)
        .with("rule", rule)
        .thrown();
  }
}
