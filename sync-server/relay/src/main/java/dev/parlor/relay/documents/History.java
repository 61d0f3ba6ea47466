package dev.parlor.relay.documents;

import dev.parlor.crdt.content.Content;
import dev.parlor.crdt.content.ContentReader;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.relay.documents.DocumentFault.Kind;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * The changes of a document, each after its dependencies.
 *
 * @param heads the heads of the changes, ascending
 */
record History(List<ChangeChunk> changes, List<ChangeHash> heads) {

  History {
    changes = List.copyOf(changes);
    heads = List.copyOf(heads);
  }

  static History of(List<ChangeChunk> changes) {
    var heads = new HashSet<ChangeHash>();
    for (var change : changes) {
      change.deps().forEach(heads::remove);
      heads.add(change.hash());
    }
    return new History(changes, heads.stream().sorted().toList());
  }

  /** The changes up to earlier heads. */
  History at(List<ChangeHash> earlier) {
    if (earlier.equals(heads)) {
      return this;
    }
    var byHash = new HashMap<ChangeHash, ChangeChunk>();
    changes.forEach(change -> byHash.put(change.hash(), change));
    var wanted = new HashSet<ChangeHash>();
    var open = new ArrayDeque<>(earlier);
    while (!open.isEmpty()) {
      var hash = open.pop();
      var change = byHash.get(hash);
      if (change == null) {
        throw DocumentFault.field(Kind.UNACCEPTABLE, "heads", "the document has no change " + hash);
      }
      if (wanted.add(hash)) {
        open.addAll(change.deps());
      }
    }
    return of(changes.stream().filter(change -> wanted.contains(change.hash())).toList());
  }

  /** The document after these changes. */
  Content content(int operationsMax) {
    return switch (ContentReader.read(changes, operationsMax)) {
      case Decoding.Decoded<Content>(var content) -> content;
      case Decoding.Malformed<Content>(var rule, var reason) ->
          throw rule.equals("AD3")
              ? DocumentFault.of(
                  Kind.TOO_LARGE,
                  "document-too-large",
                  reason + "; it is available as an .automerge file only")
              : DocumentFault.unavailable("unreadable", "the document cannot be read: " + reason);
    };
  }
}
