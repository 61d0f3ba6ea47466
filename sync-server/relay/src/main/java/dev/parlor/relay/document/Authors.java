package dev.parlor.relay.document;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.storage.RecordTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The identity that owns each actor of a document with a scope: the identity that first delivered a
 * change of that actor [AD4]. Belongs to the document's worker. Stored in a table of records {@code
 * <document>/<actor>}; each record is written in the same commit as the actor's first change, or in
 * an earlier one.
 *
 * <p>A guest chooses its own peer id and has another one after a reload, so all guests count as one
 * identity here. Documents without a scope have no identities, and no owners are stored for them.
 */
final class Authors {

  /** The owner of an actor, seen from a peer that brings a change of that actor. */
  enum Ownership {
    /** No identity owns the actor yet. */
    UNOWNED,
    /** The peer's identity owns the actor. */
    OWN,
    /**
     * Another identity owns the actor, and its client has sent all its changes to this run of the
     * server.
     */
    FOREIGN,
    /**
     * Another identity owns the actor, and no change of the actor came in this run of the server.
     * An earlier run may have passed the change on and crashed before the change was on disk. The
     * author still has it.
     */
    FOREIGN_UNSEEN
  }

  private static final String SERVER = "server";
  private static final String GUEST = "guest";
  private static final String IDENTITY = "identity:";

  private final DocumentId document;
  private final RecordTable table;

  /**
   * Other nodes write the table too, and pass on changes whose authors are not connected to this
   * node.
   */
  private final boolean shared;

  private final Map<ActorId, String> owners = new HashMap<>();
  private final Set<ActorId> seen = new HashSet<>();

  /** For a server without other nodes. */
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

  Ownership ownership(ActorId actor, Caller caller) {
    var owner = owner(actor);
    if (owner == null) {
      return Ownership.UNOWNED;
    }
    if (owner.equals(name(caller))) {
      return Ownership.OWN;
    }
    // With several nodes an honest client may bring a change that its author sent to another node
    // only.
    return seen.contains(actor) && !shared ? Ownership.FOREIGN : Ownership.FOREIGN_UNSEEN;
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

  /** The caller brought a change of this actor, and the change was admitted. */
  void delivered(ActorId actor, Caller caller) {
    delivered(actor, name(caller));
  }

  /** The server wrote a change of this actor. */
  void written(ActorId actor) {
    delivered(actor, SERVER);
  }

  private void delivered(ActorId actor, String owner) {
    if (seen.contains(actor)) {
      return;
    }
    var owned = new ActorId(Bytes.wrap(actor.bytes().toArray()));
    seen.add(owned);
    if (owners.putIfAbsent(owned, owner) == null) {
      var key = document.value() + "/" + owned;
      if (!shared) {
        var _ = table.put(key, Bytes.utf8(owner));
      } else if (!table.putIfAbsent(key, Bytes.utf8(owner)).inserted()) {
        owners.remove(owned); // another node was first; the next lookup reads its entry
      }
    }
  }

  private static String name(Caller caller) {
    return caller.identity().map(IDENTITY::concat).orElse(GUEST);
  }
}
