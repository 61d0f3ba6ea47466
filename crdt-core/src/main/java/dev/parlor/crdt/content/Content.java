package dev.parlor.crdt.content;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import java.util.Map;

/**
 * A document as it is after some changes.
 *
 * @param root the root map
 * @param heads the heads of the changes, ascending
 * @param lastCounter the highest counter of an operation; 0 for an empty document
 * @param sequences the number of changes of each actor
 */
public record Content(
    ContentValue.MapOf root,
    List<ChangeHash> heads,
    long lastCounter,
    Map<ActorId, Long> sequences) {

  public Content {
    heads = List.copyOf(heads);
    sequences = Map.copyOf(sequences);
  }
}
