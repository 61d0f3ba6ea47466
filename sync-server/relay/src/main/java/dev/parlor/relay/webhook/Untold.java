package dev.parlor.relay.webhook;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The part of a document's story that the receiver was not told. Its stored text has the flags, and
 * then the heads, separated by spaces.
 *
 * @param since the heads that the receiver knows, before the changes that it was not told; empty if
 *     it was told all changes
 * @param lifecycle whether the document may have been deleted or restored
 */
record Untold(Optional<List<ChangeHash>> since, boolean lifecycle) {

  /** Nothing is untold. */
  static final Untold NOTHING = new Untold(Optional.empty(), false);

  Untold {
    since = since.map(List::copyOf);
  }

  boolean isNothing() {
    return since.isEmpty() && !lifecycle;
  }

  /** Whether the document is new to the receiver. */
  boolean isCreation() {
    return since.isPresent() && since.get().isEmpty();
  }

  /** This and further changes. */
  Untold withChanges(List<ChangeHash> headsBefore) {
    return since.isPresent() ? this : new Untold(Optional.of(headsBefore), lifecycle);
  }

  /** This and a deletion or restoration. */
  Untold withLifecycle() {
    return new Untold(since, true);
  }

  Bytes encode() {
    var text = new StringBuilder();
    text.append(lifecycle ? "lifecycle" : "-").append(since.isPresent() ? " changes" : " -");
    since.ifPresent(heads -> heads.forEach(head -> text.append(' ').append(head)));
    return Bytes.utf8(text.toString());
  }

  static Untold decode(Bytes stored) {
    var parts = List.of(stored.toUtf8().split(" ", -1));
    var heads = new ArrayList<ChangeHash>();
    for (var part : parts.subList(Math.min(2, parts.size()), parts.size())) {
      heads.add(ChangeHash.parse(part).orElseThrow());
    }
    return new Untold(
        parts.size() > 1 && parts.get(1).equals("changes") ? Optional.of(heads) : Optional.empty(),
        parts.getFirst().equals("lifecycle"));
  }
}
