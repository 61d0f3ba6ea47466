package dev.parlor.relay.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.operations.CheckedGraph;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.sync.BloomFilter;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.storage.MemoryChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which peers may deliver an actor's changes to a document. */
class ActorOwnersTest {

  private final DocumentId id = DocumentId.of(Bytes.ofHex("000102030405060708090a0b0c0d0e0f"));
  private final MemoryChangeStore store = new MemoryChangeStore(new StorageId("memory"));
  private CheckedGraph checked = new CheckedGraph(OperationLimits.DEFAULT);
  private DocumentState document = start();

  private final FakePeer ada = peer("tab-1", Optional.of("ada"), Role.PLAYER);
  private final FakePeer mallory = peer("tab-2", Optional.of("mallory"), Role.PLAYER);
  private final List<ChangeChunk> adas = titles(1, 3);

  /** Restarts the server: uncommitted changes are lost, the table of authors is kept. */
  private DocumentState start() {
    checked = new CheckedGraph(OperationLimits.DEFAULT);
    var limits = Limits.defaults();
    return new DocumentState(
        id,
        DocumentFixture.services(limits, new Metrics(), () -> 0L),
        new DocumentLoader.Loaded(
            checked,
            new ReservedKeyPolicy(checked.index()),
            new ActorOwners(id, store.table("authors")),
            null),
        (_, _) -> {});
  }

  private FakePeer peer(String name, Optional<String> identity, Role role) {
    return new FakePeer(name, new Caller(identity, role, Optional.of(id)));
  }

  private static List<ChangeChunk> titles(int actor, int count) {
    var bytes = new byte[16];
    bytes[0] = (byte) actor;
    var changes = new ArrayList<ChangeChunk>();
    try (var replica = Replica.create(new ActorId(Bytes.wrap(bytes)))) {
      for (var i = 0; i < count; i++) {
        var edit = new Edit.Put(Path.of("title"), Value.text("title " + i));
        changes.add(
            ChangeCodec.decode(replica.transact(List.of(edit)).orElseThrow(), FormatLimits.DEFAULT)
                .orElseThrow());
      }
    }
    return changes;
  }

  private void deliver(FakePeer from, ChangeChunk... changes) {
    var have = new SyncMessage.Have(List.of(), BloomFilter.of(List.of(), 0));
    var message =
        new SyncMessage(
            SyncMessage.Kind.CHANGES,
            List.of(changes[changes.length - 1].hash()),
            List.of(),
            List.of(have),
            List.of(),
            null);
    document.receive(from, new InboundMessage(message, List.of(changes), 100, 100), 0);
    document.settle(0);
  }

  /** The number of changes in the document. */
  private int size() {
    return checked.graph().size();
  }

  @Test
  @DisplayName(
      "[AD4] an actor belongs to the identity that first delivered it; other identities are refused")
  void actorBelongsToItsFirstIdentity() {
    deliver(ada, adas.get(0));
    deliver(mallory, adas.get(1));
    assertEquals(List.of("AD4"), mallory.refusals);
    assertEquals(1, size());
    deliver(peer("tab-3", Optional.of("ada"), Role.PLAYER), adas.get(1));
    assertEquals(2, size());
  }

  @Test
  @DisplayName("[AD4] any peer may send changes that the document already has")
  void storedChangesAreAcceptedFromAnyPeer() {
    deliver(ada, adas.get(0));
    deliver(mallory, adas.get(0));
    var spectator = peer("tab-4", Optional.of("eve"), Role.SPECTATOR);
    deliver(spectator, adas.get(0));
    assertEquals(0, mallory.closedWith);
    assertEquals(0, spectator.closedWith);
  }

  @Test
  @DisplayName("[AD4] a change lost in a crash is admitted only when its author sends it again")
  void changeLostInACrashWaitsForItsAuthor() {
    deliver(ada, adas.get(0));
    document = start();
    deliver(ada, adas.get(0), adas.get(1));
    document = start();
    // Mallory received both changes before the crash, and sends the first one.
    deliver(mallory, adas.get(0));
    assertEquals(0, mallory.closedWith, mallory.closeRule);
    assertEquals(0, size());
    deliver(ada, adas.get(0), adas.get(1));
    assertEquals(2, size());
    deliver(mallory, adas.get(2));
    assertEquals(List.of("AD4"), mallory.refusals);
  }

  @Test
  @DisplayName("[AD4] a peer's change by the server's actor is refused")
  void serversActorIsRefused() {
    document.submit(List.of(adas.get(0)), new CompletableFuture<>());
    deliver(ada, adas.get(1));
    assertEquals(List.of("AD4"), ada.refusals);
    assertEquals(1, size());
  }

  @Test
  @DisplayName("[AD4] all guests count as one identity, because their peer ids prove nothing")
  void guestsShareOneIdentity() {
    deliver(peer("guest-1", Optional.empty(), Role.PLAYER), adas.get(0));
    deliver(peer("guest-2", Optional.empty(), Role.PLAYER), adas.get(1));
    assertEquals(2, size());
    deliver(mallory, adas.get(2));
    assertEquals(List.of("AD4"), mallory.refusals);
  }

  @Test
  @DisplayName(
      "[AD6] a waiting change is checked by the rules for its sender; if refused, changes that depend on it are dropped")
  void waitingChangeIsCheckedByTheRulesForItsSender() {
    var forged = new ArrayList<ChangeChunk>();
    var bytes = new byte[16];
    bytes[0] = 9;
    try (var replica = Replica.create(new ActorId(Bytes.wrap(bytes)))) {
      adas.forEach(change -> replica.apply(List.of(change.plain())));
      for (var edit :
          List.of(
              new Edit.Put(Path.of(ReservedKeyPolicy.RESERVED), Value.of(2)),
              new Edit.Put(Path.of("title"), Value.text("mine")))) {
        forged.add(
            ChangeCodec.decode(replica.transact(List.of(edit)).orElseThrow(), FormatLimits.DEFAULT)
                .orElseThrow());
      }
    }
    deliver(mallory, forged.get(0), forged.get(1));
    assertEquals(0, mallory.closedWith);
    deliver(ada, adas.get(0), adas.get(1), adas.get(2));
    assertEquals(List.of("AD6"), mallory.refusals);
    assertEquals(0, mallory.closedWith, "the connection stays open");
    assertEquals(3, size());
    assertEquals(0, ada.closedWith);
  }
}
