package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.Result.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Endpoints that are missing, fail or answer nonsense: the result reports it, and the lock is free.
 */
@Timeout(120)
class ModelTroubleIT {

  private interface Trouble {
    void make(StubModel.Call call) throws Exception;
  }

  private static RunRecord ask(GenerationFixture house, DocumentId room) throws Exception {
    var asked = house.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
    if (!(asked instanceof Generations.RequestOutcome.Started(String request))) {
      throw new AssertionError(asked);
    }
    return result(house, room, request);
  }

  private static RunRecord result(GenerationFixture house, DocumentId room, String request)
      throws Exception {
    Optional<RunRecord> record =
        house.generations.result(room, request, 20_000).get(30, TimeUnit.SECONDS);
    return record.orElseThrow();
  }

  private static RunRecord with(Trouble trouble) throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann"));
      var asked = house.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
      if (!(asked instanceof Generations.RequestOutcome.Started(String request))) {
        throw new AssertionError(asked);
      }
      trouble.make(stub.next());
      RunRecord record = result(house, room, request);
      assertTrue(record.isFinal(), record.toString());
      var view = house.rooms.of(room).view().get(20, TimeUnit.SECONDS);
      assertNull(view.generation().lock());
      assertNull(view.generation().grant());
      assertEquals(record.text(), view.result(request).orElseThrow().text());
      assertEquals(record.status(), view.result(request).orElseThrow().status());
      return record;
    }
  }

  @DisplayName("if no endpoint listens, the result is an error and the lock is free")
  @Test
  void noEndpointListens() throws Exception {
    StubModel stub = new StubModel();
    try (GenerationFixture house = new GenerationFixture(stub::client)) {
      stub.close();
      RunRecord record = ask(house, house.newRoom(List.of("ann")));
      assertEquals(Status.ERROR, record.status());
      assertEquals("the model endpoint refused the connection", record.reason());
    }
  }

  @DisplayName("if the endpoint refuses before the first text, the result says so")
  @Test
  void endpointRefusesBeforeTheFirstText() throws Exception {
    RunRecord record = with(call -> call.raw("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"));
    assertEquals(Status.ERROR, record.status());
    assertEquals("the model endpoint answered 401", record.reason());
  }

  @DisplayName("[GE7] if the connection breaks during the answer, the result says so")
  @Test
  void connectionBreaksDuringTheAnswer() throws Exception {
    RunRecord record = with(call -> call.begin().say("half an ans").hangUp());
    assertEquals(Status.ERROR, record.status());
    assertEquals("half an ans", record.text());
    assertTrue(record.usage().estimated());
  }

  @Test
  void endpointAnswersNonsense() throws Exception {
    RunRecord record = with(call -> call.begin().say("well, ").raw("data: {{{\n\n"));
    assertEquals(Status.ERROR, record.status());
    assertEquals("the model sent something that is not JSON", record.reason());
    assertEquals("well, ", record.text());
  }

  @Test
  void endpointSendsAWebPage() throws Exception {
    RunRecord record =
        with(
            call ->
                call.raw(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"));
    assertEquals("the model endpoint answered with text/html, not a stream", record.reason());
  }

  @Test
  void endpointSendsALargeAnswerAtOnce() throws Exception {
    String much = "漢字😀 ".repeat(2_000);
    RunRecord record = with(call -> call.begin().say(much).say("end").done(1, 2));
    assertEquals(Status.DONE, record.status());
    assertEquals(much + "end", record.text());
  }

  @DisplayName(
      "a request during a run learns which person holds the room, and a stop frees the room")
  @Test
  void concurrentRequestIsToldWhoHoldsTheRoomAndStopFreesIt() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture house = new GenerationFixture(stub::client)) {
      DocumentId room = house.newRoom(List.of("ann", "bob"));
      var first = house.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
      var second = house.generations.generate(room, "bob", "How?").get(20, TimeUnit.SECONDS);
      String request = ((Generations.RequestOutcome.Started) first).request();
      assertEquals(new Generations.RequestOutcome.Busy(request, "ann", "ann"), second);
      assertEquals(
          new Generations.RequestOutcome.Refused("not-allowed"),
          afterStop(house, room, stub.next().begin(), request));
    }
  }

  private static Generations.RequestOutcome afterStop(
      GenerationFixture house, DocumentId room, StubModel.Call call, String request)
      throws Exception {
    assertEquals(
        new Generations.StopOutcome.NotAllowed(),
        house.generations.stop(room, "nobody").get(20, TimeUnit.SECONDS));
    assertEquals(
        new Generations.StopOutcome.Stopping(request),
        house.generations.stop(room, "bob").get(20, TimeUnit.SECONDS));
    call.awaitClose();
    assertEquals(Status.STOPPED, result(house, room, request).status());
    return house.generations.generate(room, "nobody", "Why?").get(20, TimeUnit.SECONDS);
  }
}
