package dev.parlor.server.relay;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.admission.Caller;
import dev.parlor.server.storage.RecordTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which identity each actor of a room's document belongs to: the one that first delivered a change
 * of it [AD4]. Belongs to the room's writer; durable in a table of records {@code
 * <document>/<actor>}, each written in the same or an earlier commit than the actor's first change.
 *
 * <p>A guest's peer id is its own word, and another one after a reload: all guests count as one
 * here. Documents that are no rooms know no identities, and nothing is kept of them.
 */
final class Authors {

  /** To whom an actor belongs, seen from a peer that brings a change of it. */
  enum Whose {
    /** Nobody's yet. */
    FREE,
    /** The peer's own. */
    OWN,
    /** Somebody else's, whose client has shown all its work to this run of the server. */
    ANOTHERS,
    /**
     * Somebody else's, not heard of in this run: the change may have been lost with an earlier run
     * that passed it on and died before it was on disk. Its author still has it.
     */
    UNHEARD
  }

  private static final String SERVER = "server";
  private static final String GUEST = "guest";
  private static final String IDENTITY = "identity:";

  private final DocumentId document;
  private final RecordTable table;

  /** Other nodes write the table too, and bring changes whose authors have not spoken here. */
  private final boolean shared;

  private final Map<ActorId, String> owners = new HashMap<>();
  private final Set<ActorId> heard = new HashSet<>();

  /** Of a server that is alone. */
  Authors(DocumentId document, RecordTable table) {
    this(document, table, false);
  }

  /**
   * Reads the table; blocks on the disk.
   *
   * @param shared with other nodes
   */
  Authors(DocumentId document, RecordTable table, boolean shared) {
    this.document = document;
    this.table = table;
    this.shared = shared;
    var prefix = document.value() + "/";
    table
        .withPrefix(prefix)
        .forEach(
            (key, owner) ->
                owners.put(
                    new ActorId(Bytes.ofHex(key.substring(prefix.length()))),
                    owner.toUtf8().intern()));
  }

  Whose whose(ActorId actor, Caller caller) {
    var owner = owner(actor);
    if (owner == null) {
      return Whose.FREE;
    }
    if (owner.equals(name(caller))) {
      return Whose.OWN;
    }
    // With other nodes a client may bring what its author told only them, and be honest.
    return heard.contains(actor) && !shared ? Whose.ANOTHERS : Whose.UNHEARD;
  }

  private @Nullable String owner(ActorId actor) {
    var owner = owners.get(actor);
    if (owner == null && shared) {
      var found = table.get(document.value() + "/" + actor);
      if (found.isPresent()) {
        owner = found.get().toUtf8().intern();
        owners.put(new ActorId(Bytes.wrap(actor.bytes().toArray())), owner);
      }
    }
    return owner;
  }

  /** The caller brought a change of this actor, which entered. */
  void delivered(ActorId actor, Caller caller) {
    delivered(actor, name(caller));
  }

  /** The server wrote a change of this actor. */
  void written(ActorId actor) {
    delivered(actor, SERVER);
  }

  private void delivered(ActorId actor, String owner) {
    if (heard.contains(actor)) {
      return;
    }
    var owned = new ActorId(Bytes.wrap(actor.bytes().toArray()));
    heard.add(owned);
    if (owners.putIfAbsent(owned, owner) == null) {
      var key = document.value() + "/" + owned;
      if (!shared) {
        var _ = table.put(key, Bytes.utf8(owner));
      } else if (!table.putIfAbsent(key, Bytes.utf8(owner)).inserted()) {
        owners.remove(owned); // another node was first; the next question finds whose it is
      }
    }
  }

  private static String name(Caller caller) {
    return caller.identity().map(IDENTITY::concat).orElse(GUEST);
  }
}
