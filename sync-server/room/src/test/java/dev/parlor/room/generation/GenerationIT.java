package dev.parlor.room.generation;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomEdits;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generation with real sockets, relay and replicas, and a model endpoint that counts calls. */
@Timeout(120)
class GenerationIT {

  private static boolean isSettled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && view.generation().grant() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  @DisplayName(
      "twenty requests at one tick are twenty answers in the order of admission, one call at a time")
  @Test
  void twentyRequestsAtOneTickAreTwentyAnswersInOrder() throws Exception {
    List<String> names = IntStream.range(0, 20).mapToObj(i -> "player-" + i).toList();
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(names);
      List<TestPeer> peers = new ArrayList<>();
      for (String name : names) {
        peers.add(fixture.peer(name, room));
      }
      peers.forEach(TestPeer::pauseReading);
      List<String> requests = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        requests.add(GenerationFixture.requestGeneration(peers.get(i), names.get(i)));
      }
      peers.forEach(TestPeer::resumeReading);
      StubModel.Call call = stub.next();
      RoomView full =
          peers
              .getFirst()
              .await(
                  "nineteen requests wait, and the lock is free",
                  v -> v.generation().queue().size() == 19 && v.generation().lock() == null);
      List<String> order = new ArrayList<>();
      order.add(full.generation().grants().getFirst().request());
      full.generation().queue().forEach(queued -> order.add(queued.request()));
      assertEquals(Set.copyOf(requests), Set.copyOf(order));
      for (int i = 0; i < 20; i++) {
        assertEquals(i + 1, stub.calls(), "one call at a time");
        call.startStream().sendText("Answer " + i).done(123, 45);
        if (i < 19) {
          call = stub.next();
        }
      }
      RoomView view = peers.getFirst().await("all have results", v -> isSettled(v, requests));
      assertEquals(20, stub.calls());
      assertEquals(20, view.results().size());
      for (int i = 0; i < 20; i++) {
        Result result = view.result(order.get(i)).orElseThrow();
        assertEquals(Status.DONE, result.status());
        assertEquals("Answer " + i, result.text());
        assertEquals(
            new Result.Usage(123, 45, false), requireNonNull(result.usage()).withCall(null));
        assertEquals(i + 1, result.epoch());
      }
      for (TestPeer peer : peers) {
        RoomView other = peer.await("every peer has the same results", v -> isSettled(v, requests));
        assertEquals(view.results(), other.results());
        assertTrue(other.generation().queue().isEmpty());
        assertNull(other.generation().grant());
        peer.close();
      }
    }
  }

  @DisplayName("requests that overwrite each other in the lock are all answered")
  @Test
  void requestsThatOverwriteEachOtherAreAllAnswered() throws Exception {
    // More changes than the server applies one at a time.
    List<String> names = IntStream.range(0, 100).mapToObj(i -> "player-" + i).toList();
    try (StubModel stub = new StubModel();
        GenerationFixture fixture =
            new GenerationFixture(
                stub::client,
                new ServiceLimits.Generation(10, 180, 500, 1024, 30, 10_000, 200, 10, 200))) {
      DocumentId room = fixture.newRoom(names);
      TestPeer peer = fixture.peer("peer", room);
      peer.pauseReading();
      List<String> requests = new ArrayList<>();
      for (String name : names) {
        requests.add(GenerationFixture.requestGeneration(peer, name));
      }
      peer.resumeReading();
      for (int i = 0; i < names.size(); i++) {
        stub.next().startStream().sendText("x").done(1, 1);
      }
      RoomView view = peer.await("all requests have results", v -> isSettled(v, requests));
      assertEquals(names.size(), stub.calls());
      assertEquals(requests, view.results().stream().map(Result::request).toList());
      assertTrue(view.results().stream().allMatch(result -> result.status() == Status.DONE));
      peer.close();
    }
  }

  @DisplayName(
      "[GE14] a request that a person wrote offline waits until its author confirms it, if others have"
          + " asked meanwhile; without them it runs")
  @Test
  void requestOfAnOfflinePersonAsksItsAuthor() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "bob"));
      TestPeer ann = fixture.peer("ann", room);
      TestPeer bob = fixture.peer("bob", room);
      bob.disconnect();
      String first = GenerationFixture.requestGeneration(bob, "bob");
      bob.connect(fixture.relay.url());
      stub.next().startStream().sendText("first").done(1, 1);
      bob.await("the offline request ran", v -> isSettled(v, List.of(first)));
      bob.disconnect();
      String old = GenerationFixture.requestGeneration(bob, "bob");
      String live = GenerationFixture.requestGeneration(ann, "ann");
      stub.next().startStream().sendText("live").done(1, 1);
      ann.await("the live request ran", v -> isSettled(v, List.of(live)));
      bob.connect(fixture.relay.url());
      RoomView asked = ann.await("the old request waits", v -> v.generation().queue().size() == 1);
      assertEquals(old, asked.generation().queue().getFirst().request());
      assertEquals(Queued.State.OLD, asked.generation().queue().getFirst().state());
      String other = GenerationFixture.requestGeneration(ann, "ann");
      stub.next().startStream().sendText("other").done(1, 1);
      ann.await("it holds up no other request", v -> isSettled(v, List.of(other)));
      bob.edit(
          _ ->
              RoomEdits.command(
                  new QueueCommand("k", QueueCommand.Action.CONFIRM, old, "", "bob", 1)));
      stub.next().startStream().sendText("old").done(1, 1);
      RoomView view = ann.await("the confirmed request ran", v -> isSettled(v, List.of(old)));
      assertEquals("old", view.result(old).orElseThrow().text());
      assertEquals(4, stub.calls());
      ann.close();
      bob.close();
    }
  }

  @DisplayName(
      "[GE5, GE13] a stop pauses the queue; a command of a client resumes it, and a host changes its"
          + " order")
  @Test
  void stopPausesTheQueueAndCommandsChangeIt() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "bob", "cleo"));
      TestPeer ann = fixture.peer("ann", room);
      String running = GenerationFixture.requestGeneration(ann, "ann");
      StubModel.Call call = stub.next();
      call.startStream().sendText("part");
      String second = GenerationFixture.requestGeneration(ann, "bob");
      String third = GenerationFixture.requestGeneration(ann, "cleo");
      ann.await("two requests wait", v -> v.generation().queue().size() == 2);
      ann.edit(_ -> RoomEdits.stop(new dev.parlor.room.schema.Stop(running, "bob", 1)));
      call.awaitClose();
      RoomView paused = ann.await("the queue is paused", v -> v.generation().paused() != null);
      assertEquals("bob", java.util.Objects.requireNonNull(paused.generation().paused()).by());
      ann.await("the run is over", v -> v.generation().grants().isEmpty());
      assertEquals(1, stub.calls());
      ann.edit(
          _ ->
              RoomEdits.command(
                  new QueueCommand("k1", QueueCommand.Action.CANCEL, second, "", "bob", 1)));
      ann.await(
          "the cancelled request has its result",
          v ->
              v.result(second)
                  .filter(result -> "cancelled bob".equals(result.reason()))
                  .isPresent());
      ann.edit(
          _ ->
              RoomEdits.command(
                  new QueueCommand("k2", QueueCommand.Action.RESUME, "", "", "cleo", 1)));
      stub.next().startStream().sendText("third").done(1, 1);
      RoomView view = ann.await("the end", v -> isSettled(v, List.of(running, second, third)));
      assertEquals("third", view.result(third).orElseThrow().text());
      assertNull(view.generation().paused());
      assertEquals(2, stub.calls());
      ann.close();
    }
  }

  @DisplayName("tokens arrive as ephemeral messages, and a late joiner has the partial answer")
  @Test
  void tokensAreEphemeralAndALateJoinerHasThePartialAnswer() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann"));
      TestPeer ann = fixture.peer("ann", room);
      String request = GenerationFixture.requestGeneration(ann, "ann");
      StubModel.Call call = stub.next();
      call.startStream().sendText("Hello ");
      ann.awaitEphemeral(2);
      var types = ann.ephemeral().stream().map(Bytes::toUtf8).toList();
      assertTrue(types.getFirst().contains("generation-waiting"), types::toString);
      assertTrue(types.getLast().contains("generation-delta"), types::toString);
      TestPeer late = fixture.peer("late", room);
      late.await(
          "the partial answer",
          v -> v.result(request).filter(r -> r.text().equals("Hello ")).isPresent());
      call.sendText("world").done(1, 2);
      RoomView view = late.await("the end", v -> isSettled(v, List.of(request)));
      assertEquals("Hello world", view.result(request).orElseThrow().text());
      ann.close();
      late.close();
    }
  }

  @DisplayName("a stop closes the connection to the provider and keeps the partial answer")
  @Test
  void stopClosesTheConnectionAndKeepsThePartialAnswer() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "bob"));
      TestPeer ann = fixture.peer("ann", room);
      TestPeer bob = fixture.peer("bob", room);
      String request = GenerationFixture.requestGeneration(ann, "ann");
      StubModel.Call call = stub.next();
      call.startStream().sendText("a part");
      bob.await("text", v -> v.result(request).filter(r -> !r.text().isEmpty()).isPresent());
      bob.edit(
          _ ->
              dev.parlor.room.schema.RoomEdits.stop(
                  new dev.parlor.room.schema.Stop(request, "bob", 1)));
      call.awaitClose();
      RoomView view = ann.await("the end", v -> isSettled(v, List.of(request)));
      Result result = view.result(request).orElseThrow();
      assertEquals(Status.STOPPED, result.status());
      assertEquals("a part", result.text());
      assertNull(view.generation().stop());
      ann.close();
      bob.close();
    }
  }

  @DisplayName("cards that are played or edited after the request are not in its prompt")
  @Test
  void laterCardsAreNotInThePrompt() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann"));
      TestPeer ann = fixture.peer("ann", room);
      String request = GenerationFixture.requestGeneration(ann, "ann");
      StubModel.Call call = stub.next();
      ann.edit(
          v ->
              dev.parlor.room.schema.RoomEdits.play(
                  FakeRoom.card("later", dev.parlor.room.schema.CardType.CUSTOM, "TOO LATE")));
      call.startStream().sendText("x").done(1, 1);
      RoomView view = ann.await("the end", v -> isSettled(v, List.of(request)));
      assertFalse(view.result(request).orElseThrow().prompt().contains("TOO LATE"));
      assertFalse(call.body.contains("TOO LATE"));
      ann.close();
    }
  }

  @DisplayName("a forged grant, epoch or result is ignored, reported and repaired")
  @Test
  void forgedGrantEpochAndResultAreReportedAndRepaired() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "eve"));
      TestPeer eve = fixture.peer("eve", room);
      TestPeer ann = fixture.peer("ann", room);
      String request = GenerationFixture.requestGeneration(ann, "ann");
      stub.next().startStream().sendText("true").done(1, 1);
      ann.await("the end", v -> isSettled(v, List.of(request)));
      eve.await("the end", v -> isSettled(v, List.of(request)));
      eve.edit(
          v -> {
            var edits = new ArrayList<dev.parlor.crdt.replica.Edit>();
            edits.addAll(dev.parlor.room.schema.RoomEdits.epoch(7));
            edits.addAll(
                dev.parlor.room.schema.RoomEdits.grant(
                    new dev.parlor.room.schema.Grant("mine", 9, 1, 2)));
            edits.addAll(dev.parlor.room.schema.RoomEdits.removeResult(request));
            return edits;
          });
      RoomView view =
          eve.await(
              "the values are restored",
              v ->
                  v.generation().epoch() == 1
                      && v.generation().grant() == null
                      && v.result(request).isPresent());
      assertEquals("true", view.result(request).orElseThrow().text());
      assertTrue(fixture.metrics.scrape().contains("parlor_forged_writes_total 3.0"));
      String again = GenerationFixture.requestGeneration(eve, "eve");
      stub.next().startStream().sendText("second").done(1, 1);
      eve.await("the end", v -> isSettled(v, List.of(again)));
      assertEquals(2, stub.calls());
      ann.close();
      eve.close();
    }
  }
}
