package dev.parlor.room.http;

import dev.parlor.relay.health.Health;
import dev.parlor.relay.health.Metrics;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The state of the server, for monitoring and for the page. */
final class StatusApi {

  private final About about;
  private final ServiceLimits limits;
  private final Health health;
  private final Metrics metrics;

  StatusApi(About about, ServiceLimits limits, Health health, Metrics metrics) {
    this.about = about;
    this.limits = limits;
    this.health = health;
    this.metrics = metrics;
  }

  Reply live(HttpCall call) {
    return health
        .fatalReason()
        .map(reason -> ProblemDetail.of(503, "not-live", reason).reply())
        .orElseGet(() -> Reply.json(200, Map.of("live", true)))
        .header("Cache-Control", "no-store");
  }

  Reply ready(HttpCall call) {
    var report = health.report();
    return Reply.json(report.ready() ? 200 : 503, report).header("Cache-Control", "no-store");
  }

  /** The health of every part of the server. The status is 200 even if a part fails. */
  Reply health(HttpCall call) {
    var report = health.report();
    var json = new LinkedHashMap<String, Object>();
    json.put("status", report.ready() ? "up" : "degraded");
    json.put("version", about.version());
    json.put("live", health.live());
    json.put("ready", report.ready());
    about.saved().ifPresent(saved -> json.put("saved", saved));
    json.put("parts", report.parts());
    return Reply.json(200, json).header("Cache-Control", "no-store");
  }

  Reply metrics(HttpCall call) {
    return Reply.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape())
        .header("Cache-Control", "no-store");
  }

  private static Map<String, Object> json(About.Model model) {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", model.name());
    json.put("endpoint", model.endpoint());
    json.put("contextTokens", number(model.contextTokens()));
    json.put("tokensMax", number(model.tokensMax()));
    json.put("images", model.takesImages());
    json.put("price", model.price().orElse(null));
    json.put("waits", model.waits());
    return json;
  }

  private static @Nullable Integer number(OptionalInt number) {
    return number.isPresent() ? (Integer) number.getAsInt() : null;
  }

  Reply config(HttpCall call) {
    var json = new LinkedHashMap<String, Object>();
    json.put("version", about.version());
    json.put("syncPath", "/sync");
    json.put("storageId", about.storageId());
    json.put("peerId", about.peerId());
    about.saved().ifPresent(saved -> json.put("saved", saved));
    json.put(
        "model",
        Map.of(
            "name", about.models().getFirst().name(),
            "further", about.models().stream().skip(1).map(About.Model::name).toList(),
            "rehearsal", about.rehearsal(),
            "models", about.models().stream().map(StatusApi::json).toList()));
    json.put("apps", Map.of("address", about.appsAddress().get()));
    json.put(
        "limits",
        Map.of(
            "nameLengthMax", RoomLimits.NAME_LENGTH_MAX,
            "titleLengthMax", RoomLimits.TITLE_LENGTH_MAX,
            "cardLengthMax", RoomLimits.CARD_LENGTH_MAX,
            "chatLengthMax", RoomLimits.CHAT_LENGTH_MAX,
            "queryLengthMax", RoomLimits.QUERY_LENGTH_MAX,
            "bodyBytesMax", limits.http().bodyBytesMax(),
            "generationsPerMinuteMax", limits.generation().perMinuteMax()));
    return Reply.json(200, json).header("Cache-Control", "no-cache");
  }
}
