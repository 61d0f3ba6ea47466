package dev.parlor.relay.document;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.storage.RecordTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The owners of the actors of a document whose changes have authors. The owner of an actor is the
 * identity that first delivered a change of that actor [AD4]. Belongs to the document's worker.
 * Owners are stored in a table with the keys {@code <document>/<actor>}. Each entry is written in
 * the same commit as the actor's first change, or in an earlier one.
 *
 * <p>A guest chooses its own peer id and has another one after a reload, so all guests count as one
 * identity here. For other documents no owners are stored.
 */
final class ActorOwners {

  /** The relation between an actor's owner and the peer that delivers a change of the actor. */
  enum Ownership {
    /** No identity owns the actor yet. */
    UNOWNED,
    /** The peer's identity owns the actor. */
    OWN,
    /**
     * Another identity owns the actor, and a change of the actor was delivered since the document
     * was opened. Its client has then delivered the earlier changes too, so no other peer needs to.
     */
    FOREIGN,
    /**
     * Another identity owns the actor, and no change of the actor was delivered since the document
     * was opened. An earlier run of the server may have sent the change to peers and crashed before
     * the commit. The author still has the change.
     */
    FOREIGN_UNSEEN
  }

  private static final String SERVER = "server";
  private static final String GUEST = "guest";
  private static final String IDENTITY = "identity:";

  private final DocumentId document;
  private final RecordTable table;

  /**
   * Whether other nodes write the table too. They also pass on changes whose authors are not
   * connected to this node.
   */
  private final boolean shared;

  private final Map<ActorId, String> owners = new HashMap<>();

  /** The owners that the store did not take; any thread adds to them. */
  private final Map<ActorId, String> unstored = new ConcurrentHashMap<>();

  /** The actors of which a change was delivered since the document was opened. */
  private final Set<ActorId> deliveredActors = new HashSet<>();

  /** For a server without other nodes. */
  ActorOwners(DocumentId document, RecordTable table) {
    this(document, table, false);
  }

  /**
   * Reads the table; blocks on the disk.
   *
   * @param shared whether other nodes write the table too
   */
  ActorOwners(DocumentId document, RecordTable table, boolean shared) {
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
    if (owner.equals(ownerName(caller))) {
      return Ownership.OWN;
    }
    // With several nodes an honest client may deliver a change that its author sent to another node
    // only.
    return deliveredActors.contains(actor) && !shared
        ? Ownership.FOREIGN
        : Ownership.FOREIGN_UNSEEN;
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

  /** A change of this actor, delivered by this caller, was admitted. */
  void delivered(ActorId actor, Caller caller) {
    delivered(actor, ownerName(caller));
  }

  /** A change of this actor, made by the server, was admitted. */
  void written(ActorId actor) {
    delivered(actor, SERVER);
  }

  private void delivered(ActorId actor, String owner) {
    if (deliveredActors.contains(actor)) {
      return;
    }
    var owned = new ActorId(Bytes.wrap(actor.bytes().toArray()));
    deliveredActors.add(owned);
    if (owners.putIfAbsent(owned, owner) == null) {
      store(owned, owner);
    }
  }

  private void store(ActorId actor, String owner) {
    var key = document.value() + "/" + actor;
    CompletableFuture<Void> committed;
    if (!shared) {
      committed = table.put(key, Bytes.utf8(owner));
    } else {
      var put = table.putIfAbsent(key, Bytes.utf8(owner));
      committed = put.committed();
      if (!put.inserted()) {
        owners.remove(actor); // another node was first; the next lookup reads its entry
        return;
      }
    }
    var _ =
        committed.exceptionally(
            _ -> {
              unstored.put(actor, owner);
              return null;
            });
  }

  /**
   * Stores the owners again that the store refused. Call it before changes are handed to the store,
   * so that no change is stored without the owner of its actor.
   */
  void repeat() {
    if (!unstored.isEmpty()) {
      for (var actor : List.copyOf(unstored.keySet())) {
        var owner = unstored.remove(actor);
        if (owner != null && owner.equals(owners.get(actor))) {
          store(actor, owner);
        }
      }
    }
  }

  private static String ownerName(Caller caller) {
    return caller.identity().map(IDENTITY::concat).orElse(GUEST);
  }
}
