package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.nodes.MemoryNodes;
import dev.parlor.relay.nodes.SimStore;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two whole relays with rooms, generation, real sockets and replicas, and one endpoint that counts
 * calls. The bus between them duplicates and reorders messages. Each relay has its own log; both
 * share the tables.
 */
@Timeout(120)
class NodesGenerationIT {
  private static final List<String> PLAYERS = List.of("ada", "bob");

  private static final ServiceLimits LIMITS =
      ServiceLimits.defaults()
          .with(new Limits.Nodes(1 << 20, 50, 500))
          .with(new ServiceLimits.Nodes(2_500));

  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));
  private final ExecutorService deliverer = Executors.newSingleThreadExecutor();
  private final MemoryNodes bus =
      new MemoryNodes(MemoryNodes.Manners.BAD, new Random(3), deliverer);
  private final PartitionableStore leftWay = new PartitionableStore(tables);
  private StubModel stub;
  private GenerationFixture left;
  private GenerationFixture right;
  private DocumentId room;
  private TestPeer ada;
  private TestPeer bob;

  @BeforeEach
  void start() throws Exception {
    stub = new StubModel();
    left = node(0, "left", leftWay);
    right = node(1, "right", new PartitionableStore(tables));
    room = left.newRoom(PLAYERS);
    var _ = right.rooms.of(room);
    ada = left.peer("ada", room);
    bob = right.peer("bob", room);
  }

  private GenerationFixture node(int number, String name, PartitionableStore ledger) {
    var log = new MemoryChangeStore(new StorageId(name));
    var setup = new RelayFixture.Setup().store(new SimStore(log, tables)).bus(bus.node(number));
    return new GenerationFixture(setup, ledger, stub::client, LIMITS, name);
  }

  @AfterEach
  void stop() throws Exception {
    ada.close();
    bob.close();
    left.close();
    right.close();
    stub.close();
    deliverer.shutdownNow();
  }

  private void part() {
    bus.part(1, 1);
  }

  private static boolean settled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  /** Checks that both sides have the same results, one per request. */
  private List<Result> agreed(List<String> requests) throws Exception {
    var here = ada.await("all is settled", view -> settled(view, requests)).results();
    var there =
        bob.await(
                "both sides agree", view -> settled(view, requests) && view.results().equals(here))
            .results();
    assertEquals(requests.size(), there.size());
    for (var result : here) {
      var kept = new Ledger(tables).record(room, result.request()).orElseThrow();
      assertEquals(kept.status(), result.status());
      assertEquals(kept.text(), result.text());
    }
    return here;
  }

  @Test
  @DisplayName("[RM10] a note created on both sides of a partition keeps both texts, each once")
  void hiddenTextsAreJoinedByOneNode() throws Exception {
    part();
    ada.edit(_ -> RoomEdits.note(new Note("plan", "Ada began.")));
    bob.edit(_ -> RoomEdits.note(new Note("plan", "Bob began.")));
    bus.heal();
    Predicate<RoomView> both =
        view ->
            Set.of("Ada began.\n\nBob began.", "Bob began.\n\nAda began.")
                .contains(view.note("plan").map(Note::text).orElse(""));
    ada.await("both texts are there once", both);
    bob.await("both texts are there once", both);
    // Both nodes leave values unchanged that they have already checked.
    var request = GenerationFixture.press(ada, "ada");
    stub.next().begin().say("One answer.").done(1, 2);
    agreed(List.of(request));
    ada.await("both texts are still there once", both);
    bob.await("both texts are still there once", both);
  }

  @DisplayName("locks on both sides of a partition make one call")
  @Test
  void locksOnBothSidesOfAPartitionMakeOneCall() throws Exception {
    part();
    var first = GenerationFixture.press(ada, "ada");
    var second = GenerationFixture.press(bob, "bob");
    var call = stub.next();
    call.begin().say("One answer.").done(1, 2);
    ada.await("the run is over", view -> settled(view, List.of(first)));
    bus.heal();
    var results = agreed(List.of(first, second));
    assertEquals(1, stub.calls());
    for (var result : results) {
      if (result.request().equals(first)) {
        assertEquals(Status.DONE, result.status());
        assertEquals("One answer.", result.text());
      } else {
        assertEquals(Status.REFUSED, result.status());
        assertEquals("stale", result.reason());
      }
    }
  }

  @DisplayName("a node takes over from a disconnected node without a second call")
  @Test
  void nodeTakesOverFromADisconnectedOneWithoutASecondCall() throws Exception {
    var first = GenerationFixture.press(ada, "ada");
    var call = stub.next();
    call.begin().say("A part");
    bob.await(
        "the part is there",
        view -> view.result(first).filter(r -> r.text().equals("A part")).isPresent());

    leftWay.cut(true);
    part();
    var second = GenerationFixture.press(bob, "bob");
    var next = stub.next(); // once the left node's lease has expired
    next.begin().say("Another answer.").done(3, 4);
    var seen = bob.await("right has gone on", view -> settled(view, List.of(first, second)));
    assertEquals(Status.INTERRUPTED, seen.result(first).orElseThrow().status());

    leftWay.cut(false);
    bus.heal();
    var results = agreed(List.of(first, second));
    assertEquals(2, stub.calls(), "one for each lock");
    for (var result : results) {
      var isFirst = result.request().equals(first);
      assertEquals(isFirst ? Status.INTERRUPTED : Status.DONE, result.status());
      assertEquals(isFirst ? "A part" : "Another answer.", result.text());
      assertEquals(isFirst ? 1 : 2, result.epoch(), "epochs grow across nodes");
    }
  }

  @DisplayName("a node without the lease answers its callers through the other node")
  @Test
  void nodeWithoutTheLeaseAnswersItsCallers() throws Exception {
    var asked = right.generations.generate(room, "bob", "Why?").get(20, TimeUnit.SECONDS);
    var request = assertInstanceOf(Generations.RequestOutcome.Started.class, asked).request();
    var result = right.generations.result(room, request, 60_000);
    var call = stub.next();
    call.begin().say("Because.");
    bob.await("it runs", view -> view.generation().grant() != null);
    assertInstanceOf(
        Generations.RequestOutcome.Busy.class,
        right.generations.generate(room, "bob", "And?").get(20, TimeUnit.SECONDS));
    call.done(1, 1);
    var record = result.get(60, TimeUnit.SECONDS).orElseThrow();
    assertEquals(Status.DONE, record.status());
    assertEquals("Because.", record.text());
    agreed(List.of(request));

    var stopped = right.generations.generate(room, "bob", "Again?").get(20, TimeUnit.SECONDS);
    var second = assertInstanceOf(Generations.RequestOutcome.Started.class, stopped).request();
    stub.next().begin().say("Well");
    bob.await("it runs", view -> view.generation().grant() != null);
    assertInstanceOf(
        Generations.StopOutcome.Stopping.class,
        right.generations.stop(room, "bob").get(20, TimeUnit.SECONDS));
    bob.await("it stops", view -> settled(view, List.of(second)));
    assertEquals(Status.STOPPED, agreed(List.of(request, second)).getLast().status());
    assertEquals(2, stub.calls());
  }

  @DisplayName("over repeated partitions every request has one result and every call its own epoch")
  @Test
  void repeatedPartitionsKeepOneResultPerRequestAndOneEpochPerCall() throws Exception {
    var requests = new ArrayList<String>();
    var calls = 0;
    for (var round = 0; round < 4; round++) {
      part();
      requests.add(GenerationFixture.press(ada, "ada"));
      requests.add(GenerationFixture.press(bob, "bob"));
      stub.next().begin().say("Round " + round).done(1, 1);
      calls++;
      var pressed = requests.get(2 * round);
      ada.await("left has answered", view -> settled(view, List.of(pressed)));
      bus.heal();
      var results = agreed(requests);
      assertEquals(calls, stub.calls());
      var done = results.stream().filter(result -> result.status() == Status.DONE).toList();
      assertEquals(calls, done.size());
      assertEquals(calls, done.stream().map(Result::epoch).distinct().count());
      assertTrue(
          results.stream()
              .allMatch(r -> r.status() == Status.DONE || r.status() == Status.REFUSED));
    }
  }
}
