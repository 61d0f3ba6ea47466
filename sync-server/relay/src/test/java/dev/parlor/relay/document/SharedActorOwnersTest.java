package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.document.ActorOwners.Ownership;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The owners of actors on a node of several, and on one machine whose disk fails. */
class SharedActorOwnersTest {

  private static final long SECOND = 1_000_000_000L;

  private final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final ActorId actor = new ActorId(Bytes.utf8("sixteen letters!"));
  private final Caller ada = caller("ada");
  private final Caller mallory = caller("mallory");

  /** What the cluster has stored. */
  private final TreeMap<String, Bytes> stored = new TreeMap<>();

  /** What this node knows of it. */
  private final TreeMap<String, Bytes> known = new TreeMap<>();

  private final Table table = new Table();
  private boolean isAway;
  private int refreshes;
  private long now;

  private Caller caller(String identity) {
    return new Caller(Optional.of(identity), Role.PLAYER, Optional.of(id));
  }

  private String key() {
    return id.value() + "/" + actor;
  }

  private ActorOwners owners(boolean shared) {
    return new ActorOwners(id, table, shared, this::refresh, () -> now);
  }

  private CompletableFuture<Void> refresh() {
    refreshes++;
    if (isAway) {
      return CompletableFuture.failedFuture(new IOException("the cluster is away"));
    }
    known.clear();
    known.putAll(stored);
    return CompletableFuture.completedFuture(null);
  }

  /** A table whose commits happen at once, or fail while the cluster is away. */
  private final class Table implements RecordTable {
    @Override
    public Optional<Bytes> get(String key) {
      return Optional.ofNullable(known.get(key));
    }

    @Override
    public CompletableFuture<Void> put(String key, Bytes value) {
      if (isAway) {
        return CompletableFuture.failedFuture(new IOException("the disk is full"));
      }
      stored.put(key, value);
      known.put(key, value);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public PutIfAbsent putIfAbsent(String key, Bytes value) {
      if (known.containsKey(key)) {
        return new PutIfAbsent(false, known.get(key), CompletableFuture.completedFuture(null));
      }
      if (isAway || stored.containsKey(key)) {
        if (!isAway) {
          known.putAll(stored);
        }
        return new PutIfAbsent(
            true, value, CompletableFuture.failedFuture(new IOException("another was faster")));
      }
      return new PutIfAbsent(true, value, put(key, value));
    }

    @Override
    public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> remove(String key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<String, Bytes> withPrefix(String prefix) {
      return new TreeMap<>(known);
    }
  }

  @Test
  @DisplayName(
      "[AD4] if another node stored an actor's owner first, this node takes that owner over")
  void fasterNodeDecides() {
    var owners = owners(true);
    assertEquals(Ownership.UNOWNED, owners.ownership(actor, mallory, false));
    stored.put(key(), Bytes.utf8("identity:ada"));
    owners.delivered(actor, mallory);
    assertEquals(Ownership.FOREIGN_UNSEEN, owners.ownership(actor, mallory, true));
    assertEquals(Ownership.OWN, owners.ownership(actor, ada, true));
    assertEquals(Bytes.utf8("identity:ada"), stored.get(key()));
  }

  @Test
  @DisplayName(
      "[AD4] an actor whose changes came from another node belongs to the owner that node stored")
  void ownerOfAnotherNodeIsRead() {
    var owners = owners(true);
    stored.put(key(), Bytes.utf8("identity:ada"));
    assertEquals(Ownership.FOREIGN_UNSEEN, owners.ownership(actor, mallory, true));
    assertEquals(Ownership.OWN, owners.ownership(actor, ada, true));
    assertEquals(1, refreshes);
  }

  @Test
  @DisplayName(
      "[AD4] an actor whose changes came from another node waits for its owner, and then has none")
  void actorWithoutOwner() {
    var owners = owners(true);
    assertEquals(Ownership.FOREIGN_UNSEEN, owners.ownership(actor, mallory, true));
    isAway = true;
    now = 20 * SECOND;
    assertEquals(Ownership.FOREIGN_UNSEEN, owners.ownership(actor, mallory, true));
    isAway = false;
    now = 21 * SECOND;
    assertEquals(Ownership.UNOWNED, owners.ownership(actor, mallory, true));
    owners.delivered(actor, mallory);
    assertEquals(Ownership.OWN, owners.ownership(actor, mallory, true));
  }

  @Test
  @DisplayName("[AD4] readings of owners that find nothing are not repeated without a pause")
  void readingsPause() {
    var owners = owners(true);
    for (var i = 0; i < 100; i++) {
      assertEquals(Ownership.FOREIGN_UNSEEN, owners.ownership(actor, mallory, true));
    }
    assertEquals(1, refreshes);
  }

  @Test
  @DisplayName("[AD4] an owner that the store refused is stored with the next changes")
  void refusedOwnerIsStoredAgain() {
    for (var shared : new boolean[] {false, true}) {
      stored.clear();
      known.clear();
      isAway = true;
      var owners = owners(shared);
      owners.delivered(actor, ada);
      owners.repeat();
      assertEquals(Optional.empty(), Optional.ofNullable(stored.get(key())));
      isAway = false;
      owners.repeat();
      assertEquals(Bytes.utf8("identity:ada"), stored.get(key()));
      assertEquals(Ownership.OWN, owners.ownership(actor, ada, true));
    }
  }
}
