package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.generation.Generations;
import dev.parlor.room.generation.Generations.Preview;
import dev.parlor.room.generation.Generations.PreviewOutcome;
import dev.parlor.room.generation.Generations.RequestOutcome;
import dev.parlor.room.generation.Generations.StopOutcome;
import dev.parlor.room.generation.RunRecord;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Starts and stops generations and returns their results. */
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

  /**
   * With {@code dryRun}, returns the request that the model would get. Otherwise starts a
   * generation. If a generation already runs, replies 409 with the identity that holds the lock.
   */
  Reply generate(HttpCall call) {
    var visitor = authorizer.enter(call);
    var dryRun = call.query("dryRun").isPresent();
    var fields = RequestFields.parse(call.body(), "query", "after");
    var query = fields.text("query", RoomLimits.QUERY_LENGTH_MAX);
    var after = fields.optionalText("after", RoomLimits.SHORT_LENGTH_MAX).orElse("");
    var document = visitor.room().documentId();
    if (dryRun) {
      return switch (RoomGateway.await(generations.preview(document, query, after))) {
        case PreviewOutcome.Shown(var preview) -> Reply.json(200, json(preview));
        case PreviewOutcome.Refused(var reason) -> throw refused(reason).thrown();
      };
    }
    var identity = authorizer.requireIdentity(call);
    RoomGateway.requireWriter(visitor, identity, gateway.read(visitor.room()).view());
    requireNoWait(RoomGateway.await(generations.waitMillis(document, identity)));
    rates.countGeneration(identity);
    return switch (RoomGateway.await(generations.generate(document, identity, query, after))) {
      case RequestOutcome.Started(var request) ->
          Reply.json(202, Map.of("request", request))
              .header("Location", "/api/rooms/" + visitor.room().slug() + "/results/" + request);
      case RequestOutcome.Busy(var request, var holder, var name) ->
          throw ProblemDetail.of(409, "generating", name + " is generating already")
              .with("holder", holder)
              .with("holderName", name)
              .with("request", request)
              .thrown();
      case RequestOutcome.Refused(var reason) -> throw refused(reason).thrown();
      case RequestOutcome.TooMany(var wait, _) -> throw tooMany(wait).thrown();
    };
  }

  /**
   * Refuses if the room's own limit is exceeded. This check comes before the HTTP rate limit, whose
   * time to wait may be too short.
   */
  private void requireNoWait(long waitMillis) {
    if (waitMillis > 0) {
      throw tooMany(waitMillis).thrown();
    }
  }

  private ProblemDetail tooMany(long waitMillis) {
    var detail = RequestLimits.generationLimit(limits.generation().perMinuteMax());
    return ProblemDetail.tooMany(detail, Duration.ofMillis(waitMillis));
  }

  private static ProblemDetail refused(String reason) {
    return switch (reason) {
      case "not-allowed" ->
          ProblemDetail.forbidden("not-allowed", "you may not generate in this room");
      case "busy" -> ProblemDetail.of(409, "generating", "another answer is being generated");
      default -> ProblemDetail.of(422, "not-generated", reason);
    };
  }

  private static ObjectNode json(Preview preview) {
    var json = Json.object();
    json.set("messages", Json.tree(preview.messages()));
    json.put("model", preview.model());
    json.put("text", preview.text());
    json.put("tokensMax", preview.tokensMax());
    json.put("limitedBy", preview.limitedBy());
    json.set("cards", Json.tree(preview.cards()));
    json.set("problems", Json.tree(preview.problems()));
    json.put("omitted", preview.omitted());
    json.put("body", preview.body());
    return json;
  }

  /** Stops the running generation. */
  Reply stop(HttpCall call) {
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    RequestFields.parse(call.body());
    RoomGateway.requireWriter(visitor, identity, gateway.read(visitor.room()).view());
    return switch (RoomGateway.await(generations.stop(visitor.room().documentId(), identity))) {
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
        .map(record -> Reply.json(200, json(record)).header("Cache-Control", "no-store"))
        .orElseThrow(
            () ->
                ProblemDetail.notFound("there is no generation request with this id in this room")
                    .thrown());
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
      json.set("usage", Json.tree(record.usage()));
    } else {
      json.putNull("usage");
    }
    json.put("epoch", record.epoch());
    json.put("startedAt", record.startedAt());
    json.put("endedAt", nullIfNone(record.endedAt()));
    json.put("ttftMs", nullIfNone(record.ttftMs()));
    json.put("totalMs", nullIfNone(record.totalMs()));
    return json;
  }

  private static @Nullable Long nullIfNone(long number) {
    return number == RunRecord.NONE ? null : number;
  }
}
