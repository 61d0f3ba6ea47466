package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.StorageId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.nodes.MemoryNodeBus;
import dev.parlor.relay.nodes.SimStore;
import dev.parlor.relay.socket.RelayFixture;
import dev.parlor.relay.storage.MemoryChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Note;
import dev.parlor.room.schema.QueueCommand;
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
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Generation on two nodes with real sockets and replicas, and one model endpoint that counts calls.
 * The bus between the nodes duplicates and reorders messages. Each node has its own log. Both share
 * the tables of generation.
 */
@Timeout(120)
class NodesGenerationIT {
  private static final List<String> PLAYERS = List.of("ada", "bob");

  private static final int LEASE_MILLIS = 2_500;

  private static final ServiceLimits LIMITS =
      ServiceLimits.defaults().with(new Limits.Nodes(1 << 20, 50, 500, LEASE_MILLIS));

  private final MemoryChangeStore tables = new MemoryChangeStore(new StorageId("tables"));
  private final ExecutorService deliverer = Executors.newSingleThreadExecutor();
  private final MemoryNodeBus bus =
      new MemoryNodeBus(MemoryNodeBus.Reliability.UNRELIABLE, new Random(3), deliverer);
  private final PartitionableStore leftStore = new PartitionableStore(tables);
  private final MemoryNodes nodes = new MemoryNodes();
  private final MemoryNodes.Member leftNode = member("left");
  private final MemoryNodes.Member rightNode = member("right");
  private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
  private StubModel stub;
  private GenerationFixture left;
  private GenerationFixture right;
  private DocumentId room;
  private TestPeer ada;
  private TestPeer bob;

  @BeforeEach
  void start() throws Exception {
    stub = new StubModel();
    for (var each : List.of(leftNode, rightNode)) {
      var _ = heart.scheduleAtFixedRate(each::beat, 0, LEASE_MILLIS / 8, TimeUnit.MILLISECONDS);
    }
    left = node(0, leftNode, leftStore);
    right = node(1, rightNode, new PartitionableStore(tables));
    room = left.newRoom(PLAYERS);
    var _ = right.rooms.of(room);
    ada = left.peer("ada", room);
    bob = right.peer("bob", room);
  }

  private MemoryNodes.Member member(String name) {
    return nodes.member(name, LEASE_MILLIS, () -> System.nanoTime() / 1_000_000);
  }

  private GenerationFixture node(int number, MemoryNodes.Member member, PartitionableStore ledger) {
    var log = new MemoryChangeStore(new StorageId(member.self()));
    var setup = new RelayFixture.Setup().store(new SimStore(log, tables)).bus(bus.node(number));
    return new GenerationFixture(setup, ledger, stub::client, LIMITS, member);
  }

  @AfterEach
  void stop() throws Exception {
    ada.close();
    bob.close();
    left.close();
    right.close();
    stub.close();
    deliverer.shutdownNow();
    heart.shutdownNow();
  }

  private void partition() {
    bus.separate(1, 1);
  }

  private static boolean isSettled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  /** Waits until both nodes have the same results, and checks that each request has one. */
  private List<Result> awaitSameResults(List<String> requests) throws Exception {
    var leftResults =
        ada.await("all requests have results", view -> isSettled(view, requests)).results();
    var rightResults =
        bob.await(
                "both nodes have the same results",
                view -> isSettled(view, requests) && view.results().equals(leftResults))
            .results();
    assertEquals(requests.size(), rightResults.size());
    for (var result : leftResults) {
      var stored = new Ledger(tables).record(room, result.request()).orElseThrow();
      assertEquals(stored.status(), result.status());
      assertEquals(stored.text(), result.text());
    }
    return leftResults;
  }

  @Test
  @DisplayName("[RM10] a note created on both sides of a partition keeps both texts, each once")
  void noteCreatedOnBothSidesKeepsBothTexts() throws Exception {
    partition();
    ada.edit(_ -> RoomEdits.note(new Note("plan", "Ada began.")));
    bob.edit(_ -> RoomEdits.note(new Note("plan", "Bob began.")));
    bus.heal();
    Predicate<RoomView> hasBothTextsOnce =
        view ->
            Set.of("Ada began.\n\nBob began.", "Bob began.\n\nAda began.")
                .contains(view.note("plan").map(Note::text).orElse(""));
    ada.await("both texts are there once", hasBothTextsOnce);
    bob.await("both texts are there once", hasBothTextsOnce);
    // A later generation does not merge the texts again.
    var request = GenerationFixture.requestGeneration(ada, "ada");
    stub.next().startStream().sendText("One answer.").done(1, 2);
    awaitSameResults(List.of(request));
    ada.await("both texts are still there once", hasBothTextsOnce);
    bob.await("both texts are still there once", hasBothTextsOnce);
  }

  @DisplayName("requests on both sides of a partition are answered one after the other")
  @Test
  void requestsOnBothSidesOfAPartitionAreAnsweredInTurn() throws Exception {
    partition();
    var first = GenerationFixture.requestGeneration(ada, "ada");
    var second = GenerationFixture.requestGeneration(bob, "bob");
    var call = stub.next();
    call.startStream().sendText("One answer.").done(1, 2);
    ada.await("the run is over", view -> isSettled(view, List.of(first)));
    bus.heal();
    stub.next().startStream().sendText("Another answer.").done(1, 2);
    var results = awaitSameResults(List.of(first, second));
    assertEquals(2, stub.calls());
    assertEquals(
        List.of("One answer.", "Another answer."), results.stream().map(Result::text).toList());
  }

  @DisplayName("a node that takes over from a disconnected node does not repeat its call")
  @Test
  void takeoverDoesNotRepeatTheCall() throws Exception {
    var first = GenerationFixture.requestGeneration(ada, "ada");
    var call = stub.next();
    call.startStream().sendText("A part");
    bob.await(
        "the part is there",
        view -> view.result(first).filter(r -> r.text().equals("A part")).isPresent());

    leftStore.cut(true);
    leftNode.cut(true);
    partition();
    var second = GenerationFixture.requestGeneration(bob, "bob");
    var next = stub.next(); // once the left node's lease has expired
    next.startStream().sendText("Another answer.").done(3, 4);
    var view = bob.await("the right node has answered", v -> isSettled(v, List.of(first, second)));
    assertEquals(Status.INTERRUPTED, view.result(first).orElseThrow().status());

    leftStore.cut(false);
    leftNode.cut(false);
    bus.heal();
    var results = awaitSameResults(List.of(first, second));
    assertEquals(2, stub.calls(), "one call for each request");
    for (var result : results) {
      var isFirst = result.request().equals(first);
      assertEquals(isFirst ? Status.INTERRUPTED : Status.DONE, result.status());
      assertEquals(isFirst ? "A part" : "Another answer.", result.text());
      assertEquals(isFirst ? 1 : 2, result.epoch(), "epochs grow across nodes");
    }
  }

  @DisplayName("a node without the lease starts and stops generations through the lease holder")
  @Test
  void nodeWithoutTheLeaseStartsAndStopsGenerations() throws Exception {
    var started = right.generations.generate(room, "bob", "Why?").get(20, TimeUnit.SECONDS);
    var request = assertInstanceOf(Generations.RequestOutcome.Accepted.class, started).request();
    var result = right.generations.result(room, request, 60_000);
    var call = stub.next();
    call.startStream().sendText("Because.");
    bob.await("it runs", view -> view.generation().grant() != null);
    var next = right.generations.generate(room, "bob", "And?").get(20, TimeUnit.SECONDS);
    var waiting = assertInstanceOf(Generations.RequestOutcome.Accepted.class, next);
    assertEquals(1, waiting.place());
    bob.await("it waits", view -> view.generation().queue().size() == 1);
    var cancelled =
        right.generations.command(room, QueueCommand.Action.CANCEL, waiting.request(), "", "bob");
    assertInstanceOf(Generations.CommandOutcome.Done.class, cancelled.get(20, TimeUnit.SECONDS));
    bob.await(
        "it is cancelled",
        view ->
            view.result(waiting.request())
                .filter(each -> "cancelled bob".equals(each.reason()))
                .isPresent());
    call.done(1, 1);
    var record = result.get(60, TimeUnit.SECONDS).orElseThrow();
    assertEquals(Status.DONE, record.status());
    assertEquals("Because.", record.text());
    awaitSameResults(List.of(request, waiting.request()));

    var restarted = right.generations.generate(room, "bob", "Again?").get(20, TimeUnit.SECONDS);
    var second = assertInstanceOf(Generations.RequestOutcome.Accepted.class, restarted).request();
    stub.next().startStream().sendText("Well");
    bob.await("it runs", view -> view.generation().grant() != null);
    assertInstanceOf(
        Generations.StopOutcome.Stopping.class,
        right.generations.stop(room, "bob").get(20, TimeUnit.SECONDS));
    bob.await("it stops", view -> isSettled(view, List.of(second)));
    var all = awaitSameResults(List.of(request, waiting.request(), second));
    assertEquals(Status.STOPPED, all.getLast().status());
    assertEquals(2, stub.calls());
  }

  @DisplayName(
      "a node without the lease answers a cancellation when the lease holder has stored the refusal,"
          + " and then tells the caller that the request is refused")
  @Test
  void cancellationIsAnsweredWhenTheRefusalIsStored() throws Exception {
    var started = right.generations.generate(room, "bob", "Why?").get(20, TimeUnit.SECONDS);
    var running = assertInstanceOf(Generations.RequestOutcome.Accepted.class, started).request();
    var call = stub.next();
    call.startStream().sendText("Because.");
    var next = right.generations.generate(room, "bob", "And?").get(20, TimeUnit.SECONDS);
    var waiting = assertInstanceOf(Generations.RequestOutcome.Accepted.class, next).request();
    bob.await("it waits", view -> view.generation().queue().size() == 1);

    var refused = left.generations.command(room, QueueCommand.Action.CANCEL, waiting, "", "ada");
    var _ = left.generations.queue(room).get(20, TimeUnit.SECONDS);
    assertTrue(refused.isDone(), "a refused command is answered at once");
    assertInstanceOf(Generations.CommandOutcome.Refused.class, refused.get());

    var release = leftStore.holdAnswers();
    var cancelled = right.generations.command(room, QueueCommand.Action.CANCEL, waiting, "", "bob");
    leftStore.awaitHeldAnswer();
    ada.edit(_ -> RoomEdits.note(new Note("later", "Later")));
    bob.await("what the left node has is here", view -> view.note("later").isPresent());
    var _ = right.generations.queue(room).get(20, TimeUnit.SECONDS);
    assertFalse(cancelled.isDone(), "the refusal is not stored");
    release.run();
    assertInstanceOf(Generations.CommandOutcome.Done.class, cancelled.get(20, TimeUnit.SECONDS));
    var record = right.generations.result(room, waiting, 0).get(20, TimeUnit.SECONDS);
    assertEquals(Status.REFUSED, record.orElseThrow().status());
    call.done(1, 1);
    awaitSameResults(List.of(running, waiting));
  }

  @DisplayName(
      "two questions that a node without the lease accepts one after the other are both answered when it takes over,"
          + " although the second replaces the first in the document")
  @Test
  void questionsOfANodeThatTakesOverAreAllAnswered() throws Exception {
    leftStore.cut(true);
    leftNode.cut(true);
    partition();
    var first = right.generations.generate(room, "bob", "First?");
    var second = right.generations.generate(room, "bob", "Second?");
    stub.next().startStream().sendText("One.").done(1, 1); // once the left node's lease has expired
    stub.next().startStream().sendText("Two.").done(1, 1);
    var requests = new ArrayList<String>();
    for (var outcome : List.of(first, second)) {
      var accepted = outcome.get(20, TimeUnit.SECONDS);
      requests.add(assertInstanceOf(Generations.RequestOutcome.Accepted.class, accepted).request());
    }
    var view = bob.await("both are answered", v -> isSettled(v, requests));
    assertEquals(List.of("First?", "Second?"), view.results().stream().map(Result::query).toList());

    leftStore.cut(false);
    leftNode.cut(false);
    bus.heal();
    awaitSameResults(requests);
    assertEquals(2, stub.calls());
  }

  @DisplayName(
      "two questions that a node accepts while it cannot store them are both answered when it can again,"
          + " although the second replaces the first in the document")
  @Test
  void questionsThatCannotBeStoredAreAnsweredLater() throws Exception {
    leftStore.cut(true);
    var first = left.generations.generate(room, "ada", "First?");
    ada.await("the first question is in the document", view -> isQuestion(view, "First?"));
    // The grant cannot be stored, and neither can the error that ends the question.
    leftStore.awaitRefusedWrites(2);
    var second = left.generations.generate(room, "ada", "Second?");
    ada.await("the second question replaces it", view -> isQuestion(view, "Second?"));
    leftStore.cut(false);
    stub.next().startStream().sendText("One.").done(1, 1);
    stub.next().startStream().sendText("Two.").done(1, 1);
    var requests = new ArrayList<String>();
    for (var outcome : List.of(first, second)) {
      var accepted = outcome.get(20, TimeUnit.SECONDS);
      requests.add(assertInstanceOf(Generations.RequestOutcome.Accepted.class, accepted).request());
    }
    var results = awaitSameResults(requests);
    assertTrue(results.stream().allMatch(result -> result.status() == Status.DONE));
    assertEquals(2, stub.calls());
  }

  private static boolean isQuestion(RoomView view, String query) {
    var lock = view.generation().lock();
    return lock != null && lock.query().equals(query);
  }

  @DisplayName("over repeated partitions every request has one answer and every call its own epoch")
  @Test
  void repeatedPartitionsKeepOneResultPerRequestAndOneEpochPerCall() throws Exception {
    var requests = new ArrayList<String>();
    for (var round = 0; round < 4; round++) {
      partition();
      requests.add(GenerationFixture.requestGeneration(ada, "ada"));
      requests.add(GenerationFixture.requestGeneration(bob, "bob"));
      stub.next().startStream().sendText("Round " + round).done(1, 1);
      var leftRequest = requests.get(2 * round);
      ada.await("the left node has answered", view -> isSettled(view, List.of(leftRequest)));
      bus.heal();
      stub.next().startStream().sendText("Also round " + round).done(1, 1);
      var results = awaitSameResults(requests);
      assertEquals(requests.size(), stub.calls());
      assertTrue(results.stream().allMatch(result -> result.status() == Status.DONE));
      assertEquals(requests.size(), results.stream().map(Result::epoch).distinct().count());
    }
  }
}
