package dev.parlor.room.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomView;
import java.util.concurrent.Semaphore;

/**
 * Lists the earlier stacks of a room, newest first, each with the heads at which it can be forked.
 * Any person who may read the room may read the list, because that person could also export the
 * history.
 */
final class HistoryApi {
  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final Semaphore permits = new Semaphore(FixedServiceLimits.HISTORIES_READ_MAX);

  HistoryApi(RequestAuthorizer authorizer, RoomGateway gateway) {
    this.authorizer = authorizer;
    this.gateway = gateway;
  }

  Reply show(HttpCall call) {
    var room = authorizer.enter(call).room();
    if (!permits.tryAcquire()) {
      throw ProblemDetail.of(503, "busy", "other histories are being read; try again")
          .retryAfter(2)
          .thrown();
    }
    try {
      var view = gateway.read(room).view();
      var changes = AutomergeFile.changes(RoomGateway.await(gateway.worker(room).save()));
      var states = StackHistory.of(changes).reversed();
      var json = Json.object();
      json.put("changes", changes.size());
      json.put("states", states.size());
      var list = json.putArray("history");
      states.stream()
          .filter(state -> state.heads().size() <= FixedServiceLimits.FORK_HEADS_MAX)
          .limit(FixedServiceLimits.HISTORY_STATES_MAX)
          .forEach(state -> list.add(json(state, view)));
      return Reply.json(200, json).header("Cache-Control", "private, no-store");
    } finally {
      permits.release();
    }
  }

  private static ObjectNode json(StackHistory.State state, RoomView view) {
    var json = Json.object();
    json.set("heads", RoomJson.heads(state.heads()));
    var cards = json.putArray("cards");
    state
        .cards()
        .forEach(
            (id, isPlayed) -> {
              var entry = cards.addObject().put("id", id);
              entry.put("change", isPlayed ? "played" : "changed");
              view.card(id)
                  .ifPresent(
                      card ->
                          entry
                              .put("type", card.type().wire())
                              .put("text", card.text())
                              .put("by", card.by())
                              .put("name", view.nameOf(card.by()))
                              .put("at", card.at()));
            });
    return json;
  }
}
