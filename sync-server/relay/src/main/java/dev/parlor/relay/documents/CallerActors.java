package dev.parlor.relay.documents;

import dev.parlor.crdt.content.Content;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The Automerge actors of the callers. A caller keeps its actor in a document while this process
 * runs, so that a document does not collect an actor for each change. An actor is used by one
 * change at a time, and never again after a change whose outcome is unknown. Safe from any thread.
 */
final class CallerActors {
  private static final int ACTOR_BYTES = 16;

  /** Actors that are kept; above: the least recently used caller gets a new one. */
  private static final int ACTORS_MAX = 10_000;

  private record Key(DocumentId document, Optional<String> identity) {}

  private record Known(ActorId actor, long changes) {}

  private final RandomGenerator random;
  private final Map<Key, Known> idle =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
          return size() > ACTORS_MAX;
        }
      };

  CallerActors(RandomGenerator random) {
    this.random = random;
  }

  /** Takes an actor for one change to the document with this content. */
  synchronized ActorId take(DocumentId document, Optional<String> identity, Content content) {
    var known = idle.remove(new Key(document, identity));
    if (known != null && content.sequences().getOrDefault(known.actor(), 0L) == known.changes()) {
      return known.actor();
    }
    var bytes = new byte[ACTOR_BYTES];
    random.nextBytes(bytes);
    return new ActorId(Bytes.wrap(bytes));
  }

  /** Gives an actor back after its change is on disk, or was refused. */
  synchronized void giveBack(
      DocumentId document, Optional<String> identity, ActorId actor, long changes) {
    idle.put(new Key(document, identity), new Known(actor, changes));
  }
}
