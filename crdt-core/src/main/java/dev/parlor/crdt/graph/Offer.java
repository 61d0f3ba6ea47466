package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/** What became of a change that was offered to a {@link ChangeGraph}. */
public sealed interface Offer {

  /** It is in the log now, at this position. */
  record Added(int position) implements Offer {}

  /** It was in the log already; nothing changed. */
  record Duplicate() implements Offer {}

  /** Nothing changed: these dependencies are not in the log. Hold it in {@link PendingChanges}. */
  record MissingDependencies(List<ChangeHash> hashes) implements Offer {
    public MissingDependencies {
      hashes = List.copyOf(hashes);
    }
  }

  /**
   * It can never be part of this document; nothing changed.
   *
   * @param rule the id in {@code docs/protocol.md}
   * @param reason one sentence for a person
   */
  record Rejected(String rule, String reason) implements Offer {}
}
