package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelTimer;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.NativeCallGuard;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.GenesisOptions;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.Participant;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.schema.Uuid7;
import dev.parlor.room.worker.EditPlan;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomTimer;
import dev.parlor.room.worker.RoomWorker;
import dev.parlor.room.worker.RoomWorkers;
import dev.parlor.room.worker.TestPeer;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A relay with rooms and generation, whose model the test provides. */
final class GenerationFixture implements AutoCloseable {
  final Metrics metrics = new Metrics();
  private final RoomMetrics roomMetrics = new RoomMetrics(metrics);
  final RelayFixture relay;
  final RoomTimer timer = RoomTimer.onThread("test-rooms");
  final ModelTimer modelTimer = ModelTimer.onThread("test-model");
  final RoomWorkers rooms;
  final Generations generations;
  final ModelClient model;

  GenerationFixture(Function<ModelTimer, ModelClient> model) {
    this(new MemoryChangeStore(new StorageId(UUID.randomUUID().toString())), model);
  }

  GenerationFixture(Function<ModelTimer, ModelClient> model, ServiceLimits.Generation limits) {
    this(
        new MemoryChangeStore(new StorageId(UUID.randomUUID().toString())),
        model,
        ServiceLimits.defaults().with(limits));
  }

  private GenerationFixture(
      ChangeStore store, Function<ModelTimer, ModelClient> model, ServiceLimits limits) {
    this(new RelayFixture.Setup().store(store), store, model, limits, null);
  }

  GenerationFixture(ChangeStore store, Function<ModelTimer, ModelClient> model) {
    this(new RelayFixture.Setup().store(store), store, model, ServiceLimits.defaults(), null);
  }

  /**
   * @param ledger the store of the generation records
   * @param nodes this node among others; null without other nodes
   */
  GenerationFixture(
      RelayFixture.Setup setup,
      ChangeStore ledger,
      Function<ModelTimer, ModelClient> model,
      ServiceLimits limits,
      @Nullable LiveNodes nodes) {
    this.relay = RelayFixture.start(setup.limits(limits.relay()));
    this.model = model.apply(modelTimer);
    Random random = nodes == null ? new Random(7) : new Random(nodes.self().hashCode());
    rooms =
        new RoomWorkers(
            relay.documents(),
            NativeCallGuard.unguarded(),
            relay.store().table(RoomWorkers.ACTOR_TABLE),
            limits,
            roomMetrics,
            timer,
            random);
    generations =
        new Generations(rooms, ledger, this.model, Set.of(), limits, roomMetrics, random, nodes);
  }

  /** The edits that make a room with these players. */
  static List<Edit> genesis(List<String> players) {
    var edits =
        new java.util.ArrayList<>(
            RoomSchema.genesis(
                GenesisOptions.standard("Test"),
                Uuid7.source(InstantSource.system(), new Random(1)),
                System.currentTimeMillis()));
    RoomView empty = RoomView.read(dev.parlor.crdt.replica.Value.map());
    int joinedAt = 0;
    for (String player : players) {
      edits.addAll(
          RoomEdits.join(
              empty,
              new Participant(player, player, null, null, Participant.Role.PLAYER, ++joinedAt)));
    }
    return edits;
  }

  DocumentId newRoom(List<String> players) throws Exception {
    byte[] id = new byte[16];
    new Random().nextBytes(id);
    DocumentId document = DocumentId.of(Bytes.wrap(id));
    RoomWorker worker = rooms.of(document);
    worker
        .edit(_ -> new EditPlan<>(withSeats(genesis(players), players.size()), true))
        .get(20, TimeUnit.SECONDS);
    return document;
  }

  private static List<Edit> withSeats(List<Edit> edits, int seats) {
    var all = new java.util.ArrayList<>(edits);
    all.add(
        new Edit.Put(
            dev.parlor.crdt.replica.Path.of("settings", "maxPlayers"),
            dev.parlor.crdt.replica.Value.of(seats)));
    return all;
  }

  TestPeer peer(String name, DocumentId document) throws Exception {
    TestPeer peer = new TestPeer(name, document).connect(relay.url());
    peer.await("the room is synced", view -> !view.participants().isEmpty());
    return peer;
  }

  /** Writes a request into the lock, as the page does. Returns the id of the request. */
  static String requestGeneration(TestPeer peer, String identity) {
    String request = UUID.randomUUID().toString();
    peer.edit(view -> lock(view, request, identity));
    return request;
  }

  static List<Edit> lock(RoomView view, String request, String identity) {
    return RoomEdits.lock(
        new Lock(
            request,
            identity,
            System.currentTimeMillis(),
            "What is a lease?",
            view.stack().stream().map(card -> card.id()).toList(),
            view.generation().epoch()));
  }

  @Override
  public void close() {
    rooms.close();
    model.close();
    timer.close();
    modelTimer.close();
    relay.close();
  }
}
