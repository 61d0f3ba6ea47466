package dev.parlor.room.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Result.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Model endpoints that do not listen, fail or send malformed answers. The result reports the fault,
 * and the lock is free afterwards.
 */
@Timeout(120)
class ModelTroubleIT {

  /** Answers a call of the model. */
  private interface Answer {
    void send(StubModel.Call call) throws Exception;
  }

  private static RunRecord generate(GenerationFixture fixture, DocumentId room) throws Exception {
    var outcome = fixture.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
    if (!(outcome instanceof Generations.RequestOutcome.Accepted(String request, int _))) {
      throw new AssertionError(outcome);
    }
    return result(fixture, room, request);
  }

  private static RunRecord result(GenerationFixture fixture, DocumentId room, String request)
      throws Exception {
    Optional<RunRecord> record =
        fixture.generations.result(room, request, 20_000).get(30, TimeUnit.SECONDS);
    return record.orElseThrow();
  }

  private static RunRecord resultOf(Answer answer) throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann"));
      var outcome = fixture.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
      if (!(outcome instanceof Generations.RequestOutcome.Accepted(String request, int _))) {
        throw new AssertionError(outcome);
      }
      answer.send(stub.next());
      RunRecord record = result(fixture, room, request);
      assertTrue(record.isFinal(), record.toString());
      var view = fixture.rooms.of(room).view().get(20, TimeUnit.SECONDS);
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
    try (GenerationFixture fixture = new GenerationFixture(stub::client)) {
      stub.close();
      RunRecord record = generate(fixture, fixture.newRoom(List.of("ann")));
      assertEquals(Status.ERROR, record.status());
      assertEquals("the model endpoint refused the connection", record.reason());
    }
  }

  @DisplayName(
      "if the endpoint answers with an error status, the result has this status as its reason")
  @Test
  void endpointAnswersWithAnErrorStatus() throws Exception {
    RunRecord record =
        resultOf(call -> call.sendRaw("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"));
    assertEquals(Status.ERROR, record.status());
    assertEquals("the model endpoint answered 401", record.reason());
  }

  @DisplayName(
      "[GE7] if the connection breaks during the answer, the result is an error with the partial text")
  @Test
  void connectionBreaksDuringTheAnswer() throws Exception {
    RunRecord record = resultOf(call -> call.startStream().sendText("half an ans").disconnect());
    assertEquals(Status.ERROR, record.status());
    assertEquals("half an ans", record.text());
    assertTrue(record.usage().estimated());
  }

  @DisplayName("an endpoint that sends malformed JSON gives an error with the partial text")
  @Test
  void endpointSendsMalformedJson() throws Exception {
    RunRecord record =
        resultOf(call -> call.startStream().sendText("well, ").sendRaw("data: {{{\n\n"));
    assertEquals(Status.ERROR, record.status());
    assertEquals("the model sent something that is not JSON", record.reason());
    assertEquals("well, ", record.text());
  }

  @DisplayName("an endpoint that sends HTML gives an error that says so")
  @Test
  void endpointSendsAWebPage() throws Exception {
    RunRecord record =
        resultOf(
            call ->
                call.sendRaw(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"));
    assertEquals(
        "the model endpoint answered with a web page; its URL may be wrong", record.reason());
  }

  @DisplayName("a long answer in one piece is kept completely")
  @Test
  void endpointSendsALongAnswerInOnePiece() throws Exception {
    String longText = "漢字😀 ".repeat(2_000);
    RunRecord record =
        resultOf(call -> call.startStream().sendText(longText).sendText("end").done(1, 2));
    assertEquals(Status.DONE, record.status());
    assertEquals(longText + "end", record.text());
  }

  @DisplayName(
      "during a run, a request waits; a stop ends the run and pauses the queue, and a player resumes it")
  @Test
  void requestDuringARunWaitsAndAStopPausesTheQueue() throws Exception {
    try (StubModel stub = new StubModel();
        GenerationFixture fixture = new GenerationFixture(stub::client)) {
      DocumentId room = fixture.newRoom(List.of("ann", "bob"));
      var first = fixture.generations.generate(room, "ann", "Why?").get(20, TimeUnit.SECONDS);
      var second = fixture.generations.generate(room, "bob", "How?").get(20, TimeUnit.SECONDS);
      String request = ((Generations.RequestOutcome.Accepted) first).request();
      String waiting = ((Generations.RequestOutcome.Accepted) second).request();
      assertEquals(new Generations.RequestOutcome.Accepted(waiting, 1), second);
      assertEquals(
          new Generations.RequestOutcome.Refused("not-allowed"),
          afterStop(fixture, room, stub.next().startStream(), request));
      assertEquals(1, stub.calls(), "the queue is paused");
      assertEquals(
          new Generations.CommandOutcome.Refused("not-allowed"), resume(fixture, room, "nobody"));
      assertEquals(new Generations.CommandOutcome.Done(0, true), resume(fixture, room, "ann"));
      stub.next().startStream().sendText("So.").done(1, 1);
      assertEquals("So.", result(fixture, room, waiting).text());
    }
  }

  private static Generations.CommandOutcome resume(
      GenerationFixture fixture, DocumentId room, String identity) throws Exception {
    return fixture
        .generations
        .command(room, QueueCommand.Action.RESUME, "", "", identity)
        .get(20, TimeUnit.SECONDS);
  }

  private static Generations.RequestOutcome afterStop(
      GenerationFixture fixture, DocumentId room, StubModel.Call call, String request)
      throws Exception {
    assertEquals(
        new Generations.StopOutcome.NotAllowed(),
        fixture.generations.stop(room, "nobody").get(20, TimeUnit.SECONDS));
    assertEquals(
        new Generations.StopOutcome.Stopping(request),
        fixture.generations.stop(room, "bob").get(20, TimeUnit.SECONDS));
    call.awaitClose();
    assertEquals(Status.STOPPED, result(fixture, room, request).status());
    return fixture.generations.generate(room, "nobody", "Why?").get(20, TimeUnit.SECONDS);
  }
}
