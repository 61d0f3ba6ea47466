package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.generation.Generations.Preview;
import dev.parlor.room.generation.Generations.PreviewOutcome;
import dev.parlor.room.generation.Generations.Question;
import dev.parlor.room.generation.Generations.RequestOutcome;
import dev.parlor.room.generation.Generations.StopOutcome;
import dev.parlor.room.generation.RunRecord;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.schema.RoomSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands that ask for generations and stop runs, and the endpoint of results. */
final class GenerationApi {
  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final Generations generations;
  private final RequestLimits rates;
  private final ServiceLimits limits;

  GenerationApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      Generations generations,
      RequestLimits rates,
      ServiceLimits limits) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.generations = generations;
    this.rates = rates;
    this.limits = limits;
  }

  /** The commands of this class. */
  List<Command> commands() {
    var question =
        List.of(
            CommandField.text("query", RoomLimits.QUERY_LENGTH_MAX, "the question").needed(),
            CommandField.text(
                "after",
                RoomLimits.SHORT_LENGTH_MAX,
                "the request whose answer this question follows; empty for a fresh start"),
            CommandField.list(
                "attach", RoomLimits.ATTACHMENTS_MAX, "notes and texts that the model gets too"));
    return List.of(
        new Command("generate", "Asks the model.", question, this::generate),
        new Command("preview", "Shows what the model would get.", question, this::preview),
        new Command(
            "stop",
            "Stops a run.",
            List.of(
                CommandField.line(
                    "request", RoomLimits.SHORT_LENGTH_MAX, "the run; without it the oldest")),
            this::stop));
  }

  /** The endpoint of questions: with {@code dryRun} a preview, otherwise a generation. */
  static Endpoint endpoint(RoomCommands commands) {
    var generate = commands.endpoint("generate");
    var preview = commands.endpoint("preview");
    return call -> call.query("dryRun").isPresent() ? preview.handle(call) : generate.handle(call);
  }

  private static Question question(CommandCall call, String identity) {
    var fields = call.fields();
    var query = fields.text("query", RoomLimits.QUERY_LENGTH_MAX);
    var after = fields.optionalText("after", RoomLimits.SHORT_LENGTH_MAX).orElse("");
    return new Question(identity, query, after, attachments(fields), null);
  }

  private Reply preview(CommandCall call) {
    var question = question(call, "");
    return switch (RoomGateway.await(generations.preview(call.room().documentId(), question))) {
      case PreviewOutcome.Shown(var preview) -> Reply.json(200, json(preview));
      case PreviewOutcome.Refused(var reason) -> throw refused(reason).thrown();
    };
  }

  /** Asks for a generation, which runs or waits in the queue. */
  private Reply generate(CommandCall call) {
    var visitor = call.visitor();
    var question = question(call, call.identity());
    RoomGateway.requireWriter(visitor, question.identity(), gateway.read(visitor.room()).view());
    var accepted = ask(visitor.room(), question, List.of());
    return Reply.json(
            202,
            Map.of(
                "request",
                accepted.request(),
                "state",
                accepted.place() == 0 ? "running" : "waiting",
                "place",
                accepted.place()))
        .header(
            "Location", "/api/rooms/" + visitor.room().slug() + "/results/" + accepted.request());
  }

  /**
   * Asks a question on behalf of a participant.
   *
   * @param alongside further edits of the same change
   */
  RequestOutcome.Accepted ask(RoomInfo room, Question question, List<Edit> alongside) {
    var document = room.documentId();
    // The room's own limits come first: the wait of the HTTP limit may be too short.
    RoomGateway.await(generations.tooMany(document, question.identity()))
        .ifPresent(
            excess -> {
              throw tooMany(excess).thrown();
            });
    rates.countGeneration(question.identity());
    return switch (RoomGateway.await(generations.generate(document, question, alongside))) {
      case RequestOutcome.Accepted accepted -> accepted;
      case RequestOutcome.Refused(var reason) -> throw refused(reason).thrown();
      case RequestOutcome.TooMany excess -> throw tooMany(excess).thrown();
    };
  }

  private static List<Attachment> attachments(RequestFields fields) {
    return fields
        .optionalObjects("attach", RoomLimits.ATTACHMENTS_MAX, "kind", "id", "text", "from")
        .stream()
        .map(GenerationApi::attachment)
        .toList();
  }

  private static Attachment attachment(RequestFields fields) {
    return switch (fields.line("kind", RoomLimits.SHORT_LENGTH_MAX)) {
      case "note" -> Attachment.note(fields.line("id", RoomLimits.SHORT_LENGTH_MAX));
      case "image" ->
          Attachment.image(
              fields.line("id", RoomLimits.SHORT_LENGTH_MAX),
              fields.optionalText("text", RoomLimits.ALT_LENGTH_MAX).orElse(""));
      case "text" ->
          Attachment.text(
              fields.text("text", RoomLimits.QUOTE_LENGTH_MAX),
              fields.optionalLine("from", RoomLimits.SHORT_LENGTH_MAX).orElse(null));
      default ->
          throw ProblemDetail.field(400, "attach", "kind in attach must be note, text or image")
              .thrown();
    };
  }

  private static ProblemDetail tooMany(RequestOutcome.TooMany excess) {
    return ProblemDetail.tooMany(excess.limit(), Duration.ofMillis(excess.waitMillis()));
  }

  private static ProblemDetail refused(String reason) {
    return reason.equals("not-allowed")
        ? ProblemDetail.forbidden("not-allowed", "you may not generate in this room")
        : ProblemDetail.of(422, "not-generated", reason);
  }

  private static ObjectNode json(Preview preview) {
    var json = Json.object();
    json.set("messages", Json.tree(preview.shownMessages()));
    json.put("model", preview.model());
    json.put("text", preview.text());
    json.put("tokensMax", preview.tokensMax());
    json.put("limitedBy", preview.limitedBy());
    json.set("cards", Json.tree(preview.cards()));
    json.set("problems", Json.tree(preview.problems()));
    json.put("omitted", preview.omitted());
    json.put("body", preview.body());
    json.set("estimate", Json.tree(preview.estimate()));
    return json;
  }

  /** Stops the named run, or without a name the oldest. */
  private Reply stop(CommandCall call) {
    var visitor = call.visitor();
    var identity = call.identity();
    var run = call.fields().optionalLine("request", RoomLimits.SHORT_LENGTH_MAX).orElse("");
    RoomGateway.requireWriter(visitor, identity, gateway.read(visitor.room()).view());
    var document = visitor.room().documentId();
    return switch (RoomGateway.await(generations.stop(document, identity, run))) {
      case StopOutcome.Stopping(var request) -> Reply.json(202, Map.of("request", request));
      case StopOutcome.NothingRuns() ->
          throw ProblemDetail.of(409, "nothing-runs", "nothing is being generated").thrown();
      case StopOutcome.NotAllowed() ->
          throw ProblemDetail.forbidden("not-allowed", "you may not stop this").thrown();
    };
  }

  /**
   * The result of a generation request. With {@code wait}, waits for its end for at most that many
   * seconds.
   */
  Reply result(HttpCall call) {
    var room = authorizer.enter(call).room();
    var seconds = waitSeconds(call);
    var request = call.pathParameter("request");
    var found =
        request.length() > RoomLimits.SHORT_LENGTH_MAX
            ? java.util.Optional.<RunRecord>empty()
            : RoomGateway.await(
                generations.result(room.documentId(), request, seconds * 1_000L), seconds);
    return found
        .map(record -> withPlace(json(record), room, record))
        .map(json -> Reply.json(200, json).header("Cache-Control", "no-store"))
        .orElseThrow(
            () ->
                ProblemDetail.notFound("there is no generation request with this id in this room")
                    .thrown());
  }

  private ObjectNode withPlace(ObjectNode json, RoomInfo room, RunRecord record) {
    if (record.isWaiting()) {
      json.put("status", "waiting");
      json.put(
          "place", RoomGateway.await(generations.placeOf(room.documentId(), record.request())));
    }
    return json;
  }

  private int waitSeconds(HttpCall call) {
    var text = call.query("wait").orElse("0");
    if (!text.matches("[0-9]{1,6}")) {
      throw ProblemDetail.field(400, "wait", "wait must be a whole number of seconds").thrown();
    }
    return Math.min(Integer.parseInt(text), limits.http().resultWaitSecondsMax());
  }

  private static ObjectNode json(RunRecord record) {
    var json = Json.object();
    json.put("request", record.request());
    json.put("status", record.status().wire());
    json.put("ending", record.ending() == null ? null : record.ending().wire());
    json.put("reason", record.reason());
    json.put("after", record.after());
    json.put("by", record.by());
    json.put("query", record.query());
    json.put("prompt", record.prompt());
    json.put("model", record.model());
    json.set("cards", Json.tree(record.cards()));
    json.put("text", record.text());
    json.put("tokensMax", record.tokensMax());
    json.put("omitted", record.omitted());
    if (record.isFinal()) {
      json.set("usage", RoomJson.plain(RoomSchema.usage(record.usage())));
    } else {
      json.putNull("usage");
    }
    json.set("attach", attachments(record));
    json.put("chat", record.chat());
    json.put("epoch", record.epoch());
    json.put("startedAt", nullIfNone(record.startedAt()));
    json.put("endedAt", nullIfNone(record.endedAt()));
    json.put("ttftMs", nullIfNone(record.ttftMs()));
    json.put("totalMs", nullIfNone(record.totalMs()));
    return json;
  }

  private static ArrayNode attachments(RunRecord record) {
    var json = Json.object().putArray("attach");
    var attach = record.attach();
    for (var each : attach == null ? List.<Attachment>of() : attach) {
      var entry = json.addObject().put("kind", each.kind().wire());
      switch (each.kind()) {
        case NOTE -> entry.put("id", each.id()).put("title", each.title()).put("text", each.text());
        case IMAGE -> entry.put("id", each.id()).put("text", each.text());
        case TEXT -> entry.put("text", each.text()).put("from", each.from());
      }
    }
    return json;
  }

  private static @Nullable Long nullIfNone(long number) {
    return number == RunRecord.NONE ? null : number;
  }
}
