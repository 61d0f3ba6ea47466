package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.generation.Generations.CommandOutcome;
import dev.parlor.room.generation.Generations.QueueState;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomLimits;
import java.util.List;
import java.util.Map;

/** Shows the queue of a room's requests and carries out commands for it (rule GE12). */
final class QueueApi {
  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final Generations generations;

  QueueApi(RequestAuthorizer authorizer, RoomGateway gateway, Generations generations) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.generations = generations;
  }

  Reply show(HttpCall call) {
    var room = authorizer.enter(call).room();
    var state = RoomGateway.await(generations.queue(room.documentId()));
    return Reply.json(200, json(state)).header("Cache-Control", "no-store");
  }

  /** The commands of this class. */
  List<Command> commands() {
    var request =
        CommandField.line("request", RoomLimits.SHORT_LENGTH_MAX, "a waiting request").needed();
    return List.of(
        new Command(
            "queue_cancel", "Takes a request out of the queue.", List.of(request), this::cancel),
        new Command(
            "queue_move",
            "Moves a request in the queue.",
            List.of(
                request,
                CommandField.line(
                    "before",
                    RoomLimits.SHORT_LENGTH_MAX,
                    "the request that follows it then; without it the end")),
            this::move),
        new Command(
            "queue_confirm",
            "Lets an old request run that waits for its author.",
            List.of(request),
            this::confirm),
        new Command("queue_resume", "Ends the pause of the queue.", List.of(), this::resume));
  }

  private static String request(CommandCall call) {
    return call.fields().line("request", RoomLimits.SHORT_LENGTH_MAX);
  }

  private Reply cancel(CommandCall call) {
    var request = request(call);
    var _ = command(call, QueueCommand.Action.CANCEL, request, "");
    return Reply.json(200, Map.of("request", request));
  }

  private Reply move(CommandCall call) {
    var before = call.fields().optionalLine("before", RoomLimits.SHORT_LENGTH_MAX).orElse("");
    return placed(call, QueueCommand.Action.MOVE, before);
  }

  private Reply confirm(CommandCall call) {
    return placed(call, QueueCommand.Action.CONFIRM, "");
  }

  private Reply resume(CommandCall call) {
    var done = command(call, QueueCommand.Action.RESUME, "", "");
    return Reply.json(200, Map.of("resumed", done.wasPaused()));
  }

  private Reply placed(CommandCall call, QueueCommand.Action action, String before) {
    var request = request(call);
    var done = command(call, action, request, before);
    return Reply.json(200, Map.of("request", request, "place", done.place()));
  }

  private CommandOutcome.Done command(
      CommandCall call, QueueCommand.Action action, String request, String before) {
    var visitor = call.visitor();
    var identity = call.identity();
    RoomGateway.requireWriter(visitor, identity, gateway.read(visitor.room()).view());
    var document = visitor.room().documentId();
    return switch (RoomGateway.await(
        generations.command(document, action, request, before, identity))) {
      case CommandOutcome.Done done -> done;
      case CommandOutcome.Refused(var reason) -> throw refused(reason).thrown();
    };
  }

  private static ProblemDetail refused(String reason) {
    return reason.equals("not-waiting")
        ? ProblemDetail.of(404, "not-waiting", "this request does not wait in the queue")
        : ProblemDetail.forbidden(
            "not-allowed",
            "only the author of a request or a host may do this; an author may not overtake others");
  }

  private static ObjectNode json(QueueState state) {
    var json = Json.object();
    var room = state.room();
    json.put("slots", room.settings().slots());
    var paused = state.paused();
    if (paused == null) {
      json.putNull("paused");
    } else {
      json.putObject("paused")
          .put("by", paused.by())
          .put("name", room.nameOf(paused.by()))
          .put("at", paused.at())
          .put("until", paused.until());
    }
    var running = json.putArray("running");
    for (var request : state.running()) {
      var entry = running.addObject().put("request", request);
      room.result(request).ifPresent(result -> describe(entry, state, result));
    }
    var queue = json.putArray("queue");
    for (var i = 0; i < state.queue().size(); i++) {
      describe(queue.addObject(), state, state.queue().get(i), i + 1);
    }
    return json;
  }

  private static void describe(ObjectNode entry, QueueState state, Result result) {
    entry.put("by", result.by());
    entry.put("name", state.room().nameOf(result.by()));
    entry.put("query", result.query());
  }

  private static void describe(ObjectNode entry, QueueState state, Queued queued, int place) {
    entry.put("request", queued.request());
    entry.put("by", queued.by());
    entry.put("name", state.room().nameOf(queued.by()));
    entry.put("query", queued.query());
    entry.put("after", queued.after());
    entry.put("state", queued.state().wire());
    entry.put("place", place);
    entry.put("at", queued.at());
  }
}
