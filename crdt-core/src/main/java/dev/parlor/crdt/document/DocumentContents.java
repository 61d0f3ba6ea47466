package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;

/**
 * What a document chunk stands for.
 *
 * @param changes all changes, each after its dependencies
 * @param heads the hashes of the changes that no other change depends on, ascending
 */
public record DocumentContents(List<ChangeChunk> changes, List<ChangeHash> heads) {

  public DocumentContents {
    changes = List.copyOf(changes);
    heads = List.copyOf(heads);
  }
}
