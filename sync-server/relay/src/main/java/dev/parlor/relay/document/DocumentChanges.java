package dev.parlor.relay.document;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The changes of a document since some earlier heads. All of them are on disk.
 *
 * @param heads the heads of the document with these changes
 * @param chunks the changes, in causal order
 * @param knowsAll whether the document has all of the earlier heads
 */
public record DocumentChanges(List<ChangeHash> heads, List<Bytes> chunks, boolean knowsAll) {

  public DocumentChanges {
    heads = List.copyOf(heads);
    chunks = List.copyOf(chunks);
  }

  /**
   * The authors of the changes, ascending. Reads the chunks, so it is not for a document's worker.
   *
   * @param max the maximum number of actors; further actors are left out
   */
  public SortedSet<ActorId> actors(int max) {
    var actors = new TreeSet<ActorId>();
    for (var chunk : chunks) {
      if (ChangeCodec.decode(chunk, DocumentLoader.STORED)
          instanceof Decoding.Decoded<ChangeChunk>(var change)) {
        actors.add(change.actor());
        if (actors.size() > max) {
          actors.removeLast();
        }
      }
    }
    return actors;
  }
}
