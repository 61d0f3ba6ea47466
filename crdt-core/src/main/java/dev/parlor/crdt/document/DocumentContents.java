package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.List;
import java.util.Optional;

/**
 * What a document chunk stands for.
 *
 * @param changes all changes, each after its dependencies
 * @param heads the hashes of the changes that no other change depends on, ascending
 * @param rewritten a document chunk of the same changes, written anew; empty if it was not asked
 *     for, or if the operations of the received chunk are not in Automerge's order
 */
public record DocumentContents(
    List<ChangeChunk> changes, List<ChangeHash> heads, Optional<Bytes> rewritten) {

  public DocumentContents {
    changes = List.copyOf(changes);
    heads = List.copyOf(heads);
  }
}
