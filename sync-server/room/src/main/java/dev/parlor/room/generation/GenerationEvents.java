package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.Texts;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.model.ModelEvent;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result.Status;
import dev.parlor.room.worker.RoomEvent;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomScope;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the generation of one room: events for subscribers, pieces of the answer for peers,
 * metrics and log lines. Used on the room's thread.
 */
final class GenerationEvents {
  private static final Logger log = LoggerFactory.getLogger(GenerationEvents.class);

  /** Paths in one log line or event; above: only the first paths are named. */
  private static final int PATHS_MAX = 10;

  private final DocumentId document;
  private final RoomScope scope;
  private final RoomMetrics metrics;

  /** The requests of the runs that the metrics count as running. */
  private final Set<String> activeRuns = new HashSet<>();

  GenerationEvents(DocumentId document, RoomScope scope, RoomMetrics metrics) {
    this.document = document;
    this.scope = scope;
    this.metrics = metrics;
  }

  void started(RunRecord record) {
    metrics.generationStarted();
    activeRuns.add(record.request());
    publishStarted(scope, record);
  }

  /** The event of a run that starts on this node or on another. */
  static void publishStarted(RoomScope scope, RunRecord record) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", record.request());
    data.put("epoch", record.epoch());
    data.put("by", record.by());
    data.put("name", nameOf(scope, record.by()));
    data.put("query", record.query());
    data.put("model", record.model());
    data.put("after", record.after());
    data.put("tokensMax", record.tokensMax());
    data.put("omitted", record.omitted());
    scope.publish(RoomEvent.GENERATION_STARTED, data);
  }

  /** Sends the next part of the answer, in pieces of limited length. */
  void text(GenerationEffect.Broadcast next) {
    if (next.index() == 0) {
      long millis = Math.max(0, scope.now() - next.run().startedAt());
      metrics.generationFirstToken(millis * 1_000_000);
    }
    String text = next.text();
    for (int from = 0; from < text.length(); ) {
      int to = Texts.cutAt(text, from + FixedServiceLimits.DELTA_CHARACTERS_MAX);
      piece(next.run(), next.index() + from, text.substring(from, to));
      from = to;
    }
  }

  private void piece(RunRecord run, int index, String text) {
    scope.broadcast(delta(run, index, text));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", run.request());
    data.put("epoch", run.epoch());
    data.put("index", index);
    data.put("text", text);
    scope.publish(RoomEvent.GENERATION_DELTA, data);
  }

  private static Bytes delta(RunRecord run, int index, String text) {
    return new CborWriter()
        .map(5)
        .text("type")
        .text("generation-delta")
        .text("request")
        .text(run.request())
        .text("epoch")
        .integer(run.epoch())
        .text("index")
        .integer(index)
        .text("text")
        .text(text)
        .toBytes();
  }

  /** The call of a run has news: sends them to peers and to subscribers. */
  void callNews(RunRecord run, ModelEvent event) {
    CallNews news = CallNews.of(run, event, scope.now());
    scope.broadcast(news.toCbor());
    scope.publish(news.type(), news.data());
  }

  /** The document has the final record of a request. */
  void ended(RunRecord record) {
    if (record.status() == Status.REFUSED) {
      metrics.generationRefused(record.reason().replaceAll("[^a-z-].*", ""));
    } else if (activeRuns.remove(record.request())) {
      metrics.generationEnded(record.status().wire(), record.totalMs() * 1_000_000);
      metrics.generationTokens(record.usage().promptTokens(), record.usage().completionTokens());
    }
    publishEnded(scope, record);
  }

  /** The event of a request that ended on this node or on another. */
  static void publishEnded(RoomScope scope, RunRecord record) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", record.request());
    data.put("epoch", record.epoch());
    data.put("by", record.by());
    data.put("name", nameOf(scope, record.by()));
    data.put("status", record.status().wire());
    data.put("reason", record.reason());
    data.put("after", record.after());
    data.put("ending", record.ending() == null ? null : record.ending().wire());
    data.put("tokensMax", record.tokensMax());
    data.put("length", record.text().length());
    scope.publish(
        switch (record.status()) {
          case DONE -> RoomEvent.GENERATION_DONE;
          case STOPPED -> RoomEvent.GENERATION_STOPPED;
          case RUNNING, ERROR, REFUSED, INTERRUPTED -> RoomEvent.GENERATION_FAILED;
        },
        data);
  }

  /** A request waits, or its place in the queue has changed. */
  void queued(QueuedRequest queued, int place) {
    publishQueued(scope, queued.shown(), place);
  }

  static void publishQueued(RoomScope scope, Queued queued, int place) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("request", queued.request());
    data.put("by", queued.by());
    data.put("name", nameOf(scope, queued.by()));
    data.put("query", queued.query());
    data.put("after", queued.after());
    data.put("state", queued.state().wire());
    data.put("place", place);
    scope.publish(RoomEvent.GENERATION_QUEUED, data);
  }

  /**
   * The queue is paused or goes on.
   *
   * @param paused null if it goes on
   * @param by empty if the time of the pause is over
   */
  void pauseChanged(@Nullable Paused paused, String by) {
    publishPause(scope, paused, by);
  }

  static void publishPause(RoomScope scope, @Nullable Paused paused, String by) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("by", by);
    data.put("name", nameOf(scope, by));
    if (paused == null) {
      scope.publish(RoomEvent.QUEUE_RESUMED, data);
    } else {
      data.put("until", paused.until());
      scope.publish(RoomEvent.QUEUE_PAUSED, data);
    }
  }

  /** This node no longer runs generation here. Another node, or a later process, ends the run. */
  void abandoned() {
    activeRuns.forEach(_ -> metrics.generationEnded(Status.INTERRUPTED.wire(), 0));
    activeRuns.clear();
  }

  /** A peer wrote values that only the server may write, and the server has restored them. */
  void forged(List<String> paths) {
    paths.forEach(_ -> metrics.forgedWrite());
    log.warn(
        "room {}: restored {} values that only the server may write: {}",
        document,
        paths.size(),
        firstPaths(paths));
    scope.publish(
        RoomEvent.FORGED_WRITE, Map.of("paths", firstPaths(paths), "count", paths.size()));
  }

  /** The document does not keep these values as written. */
  void repairGivenUp(List<String> paths) {
    paths.forEach(_ -> metrics.repairGivenUp());
    log.warn(
        "room {}: the document does not keep {} values as written: {}",
        document,
        paths.size(),
        firstPaths(paths));
  }

  private static List<String> firstPaths(List<String> paths) {
    return paths.subList(0, Math.min(PATHS_MAX, paths.size()));
  }

  private static String nameOf(RoomScope scope, String identity) {
    return scope.reading().view().nameOf(identity);
  }
}
