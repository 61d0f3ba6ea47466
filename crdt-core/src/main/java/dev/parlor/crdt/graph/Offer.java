package dev.parlor.crdt.graph;

import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/** The outcome of offering a change to a {@link ChangeGraph}. */
public sealed interface Offer {

  /** The change is in the log now, at this position. */
  record Added(int position) implements Offer {}

  /** The change was in the log already. */
  record Duplicate() implements Offer {}

  /**
   * The change was not added: these dependencies are not in the log. {@link PendingChanges} can
   * hold the change.
   */
  record MissingDependencies(List<ChangeHash> hashes) implements Offer {
    public MissingDependencies {
      hashes = List.copyOf(hashes);
    }
  }

  /**
   * The change was not added, and it can never be part of this document.
   *
   * @param rule the id in {@code docs/protocol.md}
   * @param reason one sentence for a person
   */
  record Rejected(String rule, String reason) implements Offer {}
}
