package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.TestPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generation with real sockets, relay and replicas, and a model endpoint that counts calls. */
@Timeout(120)
class GenerationIT {

  private static boolean isSettled(RoomView view, List<String> requests) {
    return view.generation().lock() == null
        && requests.stream()
            .allMatch(
                request ->
                    view.result(request).filter(r -> r.status() != Status.RUNNING).isPresent());
  }

  @DisplayName("twenty concurrent requests, five of them from offline peers, make one call")
  @Test
  void twentyConcurrentRequestsMakeOneCall() throws Exception {
    List<String> names = IntStream.range(0, 20).mapToObj(i -> "player-" + i).toList();
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(names);
      List<TestPeer> peers = new ArrayList<>();
      for (String name : names) {
        peers.add(fixture.peer(name, room));
      }
      List<TestPeer> offline = peers.subList(15, 20);
      offline.forEach(TestPeer::disconnect);
      peers.forEach(TestPeer::pauseReading);
      List<String> requests = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        requests.add(GenerationFixture.requestGeneration(peers.get(i), names.get(i)));
      }
      peers.forEach(TestPeer::resumeReading);
      StubModel.Call call = stub.next();
      call.startStream().sendText("One ").sendText("answer.");
      for (TestPeer peer : offline.subList(0, 2)) {
        peer.connect(fixture.relay.url()); // reconnects during the run
      }
      offline
          .getFirst()
          .await("text arrives", v -> v.results().stream().anyMatch(r -> !r.text().isEmpty()));
      call.done(123, 45);
      for (TestPeer peer : offline.subList(2, 5)) {
        peer.connect(fixture.relay.url()); // reconnects after the run
      }
      RoomView view =
          peers.getFirst().await("all requests have results", v -> isSettled(v, requests));
      assertEquals(1, stub.calls());
      assertEquals(20, view.results().size());
      List<Result> done = view.results().stream().filter(r -> r.status() == Status.DONE).toList();
      assertEquals(1, done.size());
      assertEquals("One answer.", done.getFirst().text());
      assertEquals(new Result.Usage(123, 45, false), done.getFirst().usage());
      for (Result result : view.results()) {
        if (result.status() != Status.DONE) {
          assertEquals(Status.REFUSED, result.status());
          String reason = String.valueOf(result.reason());
          assertTrue(reason.startsWith("lost-to ") || reason.equals("stale"), reason);
        }
      }
      for (TestPeer peer : peers) {
        RoomView other = peer.await("every peer has the same results", v -> isSettled(v, requests));
        assertEquals(view.results(), other.results());
        assertNull(other.generation().grant());
        peer.close();
      }
      assertEquals(1, stub.calls());
    }
  }

  @DisplayName("requests that overwrite each other in the lock all get a result")
  @Test
  void requestsThatOverwriteEachOtherAllGetAResult() throws Exception {
    List<String> names = IntStream.range(0, 6).mapToObj(i -> "player-" + i).toList();
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(names);
      TestPeer peer = fixture.peer("peer", room);
      peer.pauseReading();
      List<String> requests = new ArrayList<>();
      for (String name : names) {
        requests.add(GenerationFixture.requestGeneration(peer, name));
      }
      peer.resumeReading();
      stub.next().startStream().sendText("x").done(1, 1);
      RoomView view = peer.await("all requests have results", v -> isSettled(v, requests));
      assertEquals(6, view.results().size());
      assertEquals(1, stub.calls());
      peer.close();
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
      ann.awaitEphemeral(1);
      assertTrue(
          ann.ephemeral().getFirst().toUtf8().contains("generation-delta"),
          ann.ephemeral().getFirst().toHex());
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
