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

/**
 * Generation over real sockets with the real relay and real replicas, and an endpoint that counts
 * calls.
 */
@Timeout(120)
class GenerationIT {

  private static boolean settled(RoomView view, List<String> requests) {
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
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(names);
      List<TestPeer> peers = new ArrayList<>();
      for (String name : names) {
        peers.add(house.peer(name, room));
      }
      List<TestPeer> offline = peers.subList(15, 20);
      offline.forEach(TestPeer::disconnect);
      peers.forEach(TestPeer::hold);
      List<String> requests = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        requests.add(GenerationFixture.press(peers.get(i), names.get(i)));
      }
      peers.forEach(TestPeer::release);
      StubModel.Call call = stub.next();
      call.begin().say("One ").say("answer.");
      for (TestPeer peer : offline.subList(0, 2)) {
        peer.connect(house.relay.url()); // reconnects while it runs
      }
      offline
          .getFirst()
          .await("text arrives", v -> v.results().stream().anyMatch(r -> !r.text().isEmpty()));
      call.done(123, 45);
      for (TestPeer peer : offline.subList(2, 5)) {
        peer.connect(house.relay.url()); // reconnects after it
      }
      RoomView seen = peers.getFirst().await("all is settled", v -> settled(v, requests));
      assertEquals(1, stub.calls());
      assertEquals(20, seen.results().size());
      List<Result> done = seen.results().stream().filter(r -> r.status() == Status.DONE).toList();
      assertEquals(1, done.size());
      assertEquals("One answer.", done.getFirst().text());
      assertEquals(new Result.Usage(123, 45, false), done.getFirst().usage());
      for (Result result : seen.results()) {
        if (result.status() != Status.DONE) {
          assertEquals(Status.REFUSED, result.status());
          String reason = String.valueOf(result.reason());
          assertTrue(reason.startsWith("lost-to ") || reason.equals("stale"), reason);
        }
      }
      for (TestPeer peer : peers) {
        RoomView same = peer.await("everyone sees the same", v -> settled(v, requests));
        assertEquals(seen.results(), same.results());
        assertNull(same.generation().grant());
        peer.close();
      }
      assertEquals(1, stub.calls());
    }
  }

  @DisplayName("a request that overwrites a lock and the overwritten request both get a result")
  @Test
  void overwrittenAndOverwritingLocksBothGetAResult() throws Exception {
    List<String> names = IntStream.range(0, 6).mapToObj(i -> "player-" + i).toList();
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(names);
      TestPeer rude = house.peer("rude", room);
      rude.hold();
      List<String> requests = new ArrayList<>();
      for (String name : names) {
        requests.add(GenerationFixture.press(rude, name));
      }
      rude.release();
      stub.next().begin().say("x").done(1, 1);
      RoomView seen = rude.await("all is settled", v -> settled(v, requests));
      assertEquals(6, seen.results().size());
      assertEquals(1, stub.calls());
      rude.close();
    }
  }

  @DisplayName("tokens arrive as ephemeral messages, and a late joiner has the partial answer")
  @Test
  void tokensAreEphemeralAndALateJoinerHasThePart() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann"));
      TestPeer ann = house.peer("ann", room);
      String request = GenerationFixture.press(ann, "ann");
      StubModel.Call call = stub.next();
      call.begin().say("Hello ");
      ann.awaitEphemeral(1);
      assertTrue(
          ann.ephemeral().getFirst().toUtf8().contains("generation-delta"),
          ann.ephemeral().getFirst().toHex());
      TestPeer late = house.peer("late", room);
      late.await(
          "the part so far",
          v -> v.result(request).filter(r -> r.text().equals("Hello ")).isPresent());
      call.say("world").done(1, 2);
      RoomView view = late.await("the end", v -> settled(v, List.of(request)));
      assertEquals("Hello world", view.result(request).orElseThrow().text());
      ann.close();
      late.close();
    }
  }

  @DisplayName("a stop closes the connection to the provider and keeps the partial answer")
  @Test
  void stopClosesTheProviderConnectionAndKeepsThePart() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann", "bob"));
      TestPeer ann = house.peer("ann", room);
      TestPeer bob = house.peer("bob", room);
      String request = GenerationFixture.press(ann, "ann");
      StubModel.Call call = stub.next();
      call.begin().say("a part");
      bob.await("text", v -> v.result(request).filter(r -> !r.text().isEmpty()).isPresent());
      bob.edit(
          _ ->
              dev.parlor.room.schema.RoomEdits.stop(
                  new dev.parlor.room.schema.Stop(request, "bob", 1)));
      call.awaitClose();
      RoomView view = ann.await("the end", v -> settled(v, List.of(request)));
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
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann"));
      TestPeer ann = house.peer("ann", room);
      String request = GenerationFixture.press(ann, "ann");
      StubModel.Call call = stub.next();
      ann.edit(
          v ->
              dev.parlor.room.schema.RoomEdits.play(
                  FakeRoom.card("later", dev.parlor.room.schema.CardType.CUSTOM, "TOO LATE")));
      call.begin().say("x").done(1, 1);
      RoomView view = ann.await("the end", v -> settled(v, List.of(request)));
      assertFalse(view.result(request).orElseThrow().prompt().contains("TOO LATE"));
      assertFalse(call.body.contains("TOO LATE"));
      ann.close();
    }
  }

  @DisplayName("a forged grant, epoch or result is ignored, reported and repaired")
  @Test
  void forgedGrantEpochAndResultAreReportedAndRepaired() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann", "eve"));
      TestPeer eve = house.peer("eve", room);
      TestPeer ann = house.peer("ann", room);
      String request = GenerationFixture.press(ann, "ann");
      stub.next().begin().say("true").done(1, 1);
      ann.await("the end", v -> settled(v, List.of(request)));
      eve.await("the end", v -> settled(v, List.of(request)));
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
              "it is put right",
              v ->
                  v.generation().epoch() == 1
                      && v.generation().grant() == null
                      && v.result(request).isPresent());
      assertEquals("true", view.result(request).orElseThrow().text());
      assertTrue(house.metrics.scrape().contains("parlor_forged_writes_total 3.0"));
      String again = GenerationFixture.press(eve, "eve");
      stub.next().begin().say("second").done(1, 1);
      eve.await("the end", v -> settled(v, List.of(again)));
      assertEquals(2, stub.calls());
      ann.close();
      eve.close();
    }
  }
}
