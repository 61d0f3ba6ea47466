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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The owners of the actors of a document whose changes have authors. The owner of an actor is the
 * identity that first delivered a change of that actor [AD4]. Belongs to the document's worker.
 * Owners are stored in a table with the keys {@code <document>/<actor>}. Each entry is written in
 * the same commit as the actor's first change, or in an earlier one.
 *
 * <p>Several nodes may store an owner of the same actor at once. The store decides which one was
 * first, and the other node then takes over its entry. Before a node lets an identity own an actor
 * whose changes came from another node, it reads what that node stored.
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
     * the commit. The author still has the change. With several nodes also: the document has
     * changes of the actor, and another node may store its owner at this moment.
     */
    FOREIGN_UNSEEN
  }

  private static final String SERVER = "server";
  private static final String GUEST = "guest";
  private static final String IDENTITY = "identity:";

  /**
   * Time in which another node that admitted an actor's first change stores its owner, also while
   * the cluster changes a leader. After that time an actor without an entry has no owner.
   */
  private static final long STORING_NANOS = 10_000_000_000L;

  /** Pause between two readings of what other nodes stored. */
  private static final long READING_PAUSE_NANOS = 100_000_000L;

  /** What the store answered; its threads make it, and the worker handles it. */
  private sealed interface Answer {}

  /** The table has this owner. */
  private record Found(ActorId actor, String owner) implements Answer {}

  /** The entry was not stored. */
  private record NotStored(ActorId actor, String owner) implements Answer {}

  /** A reading of what other nodes stored has ended. */
  private record HasRead(long startedAt, boolean succeeded) implements Answer {}

  private final DocumentId document;
  private final RecordTable table;

  /**
   * Whether other nodes write the table too. They also pass on changes whose authors are not
   * connected to this node.
   */
  private final boolean shared;

  private final Supplier<CompletableFuture<Void>> refresh;
  private final LongSupplier nanoTime;
  private final Map<ActorId, String> owners = new HashMap<>();

  /** The actors of which a change was delivered since the document was opened. */
  private final Set<ActorId> deliveredActors = new HashSet<>();

  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();

  /** The owners whose entries the store refused; they are stored with the next changes. */
  private final Map<ActorId, String> unstored = new HashMap<>();

  /** The actors of other nodes without a known owner, with the time of the first question. */
  private final Map<ActorId, Long> unknown = new HashMap<>();

  /** The actors of other nodes that have no owner. */
  private final Set<ActorId> ownerless = new HashSet<>();

  private boolean reading;
  private long readAgainAt;

  /** For a server without other nodes. */
  ActorOwners(DocumentId document, RecordTable table) {
    this(document, table, false, () -> CompletableFuture.completedFuture(null), () -> 0);
  }

  /**
   * Reads the table; blocks on the disk.
   *
   * @param shared whether other nodes write the table too
   * @param refresh reads what they wrote, after which the table shows it
   * @param nanoTime a monotonic clock
   */
  ActorOwners(
      DocumentId document,
      RecordTable table,
      boolean shared,
      Supplier<CompletableFuture<Void>> refresh,
      LongSupplier nanoTime) {
    this.document = document;
    this.table = table;
    this.shared = shared;
    this.refresh = refresh;
    this.nanoTime = nanoTime;
    this.readAgainAt = nanoTime.getAsLong();
    var prefix = document.value() + "/";
    table
        .withPrefix(prefix)
        .forEach(
            (key, owner) ->
                owners.put(
                    new ActorId(Bytes.ofHex(key.substring(prefix.length()))),
                    owner.toUtf8().intern()));
  }

  /**
   * The relation of an actor to a caller.
   *
   * @param hasChanges whether the document has changes of the actor
   */
  Ownership ownership(ActorId actor, Caller caller, boolean hasChanges) {
    takeAnswers();
    if (shared && owners.get(actor) == null) {
      if (!find(copy(actor)) && hasChanges && !ownerless.contains(actor)) {
        unknown.putIfAbsent(copy(actor), nanoTime.getAsLong());
        read();
      }
      takeAnswers();
    }
    var owner = owners.get(actor);
    if (owner == null) {
      return unknown.containsKey(actor) ? Ownership.FOREIGN_UNSEEN : Ownership.UNOWNED;
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

  /** Reads the owners of the unknown actors that other nodes stored. */
  private void read() {
    var now = nanoTime.getAsLong();
    if (reading || now - readAgainAt < 0) {
      return;
    }
    reading = true;
    readAgainAt = now + READING_PAUSE_NANOS;
    var actors = List.copyOf(unknown.keySet());
    var _ =
        refresh
            .get()
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    actors.forEach(this::find);
                  }
                  answers.add(new HasRead(now, failure == null));
                });
  }

  /** Tells the worker the owner that the table has; returns whether it has one. */
  private boolean find(ActorId actor) {
    var found = table.get(key(actor));
    found.ifPresent(owner -> answers.add(new Found(actor, owner.toUtf8().intern())));
    return found.isPresent();
  }

  private void takeAnswers() {
    for (var answer = answers.poll(); answer != null; answer = answers.poll()) {
      switch (answer) {
        case Found(var actor, var owner) -> {
          owners.put(actor, owner);
          unknown.remove(actor);
          unstored.remove(actor);
        }
        case NotStored(var actor, var owner) -> unstored.put(actor, owner);
        case HasRead(var startedAt, var succeeded) -> {
          reading = false;
          if (succeeded) {
            unknown
                .entrySet()
                .removeIf(
                    asked ->
                        startedAt - asked.getValue() >= STORING_NANOS
                            && ownerless.add(asked.getKey()));
          }
        }
      }
    }
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
    var owned = copy(actor);
    deliveredActors.add(owned);
    unknown.remove(owned);
    if (owners.putIfAbsent(owned, owner) == null) {
      store(owned, owner);
    }
  }

  /** Changes are handed to the store: the entries that it refused are stored before them. */
  void repeat() {
    takeAnswers();
    if (!unstored.isEmpty()) {
      var entries = Map.copyOf(unstored);
      unstored.clear();
      entries.forEach(this::store);
    }
  }

  private void store(ActorId actor, String owner) {
    CompletableFuture<Void> committed;
    if (shared) {
      var put = table.putIfAbsent(key(actor), Bytes.utf8(owner));
      owners.put(actor, put.value().toUtf8().intern()); // another node may have been first
      committed = put.committed();
    } else {
      committed = table.put(key(actor), Bytes.utf8(owner));
    }
    var _ =
        committed.whenComplete(
            (_, failure) -> {
              // The commit fails also if another node was faster; then the table has its entry.
              if (failure != null && !(shared && find(actor))) {
                answers.add(new NotStored(actor, owner));
              }
            });
  }

  private String key(ActorId actor) {
    return document.value() + "/" + actor;
  }

  /** The actor without the message from which it was read. */
  private static ActorId copy(ActorId actor) {
    return new ActorId(Bytes.wrap(actor.bytes().toArray()));
  }

  private static String ownerName(Caller caller) {
    return caller.identity().map(IDENTITY::concat).orElse(GUEST);
  }
}
