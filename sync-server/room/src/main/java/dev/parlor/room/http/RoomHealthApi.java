package dev.parlor.room.http;

import dev.parlor.room.worker.RoomStatus;
import dev.parlor.room.worker.RoomWorkers;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows whether a room can be used. The request opens the room: a closed room that cannot be opened
 * again is not healthy.
 */
final class RoomHealthApi {
  private final RequestAuthorizer authorizer;
  private final RoomWorkers rooms;

  RoomHealthApi(RequestAuthorizer authorizer, RoomWorkers rooms) {
    this.authorizer = authorizer;
    this.rooms = rooms;
  }

  Reply show(HttpCall call) {
    var room = authorizer.enter(call).room();
    var before = rooms.status(room.documentId());
    var json = Json.object();
    json.put("slug", room.slug());
    json.put("documentId", room.documentId().value());
    json.put("was", before.state().name().toLowerCase(Locale.ROOT));
    var status = 200;
    try {
      var reading = RoomGateway.await(new RoomGateway(rooms).worker(room).read());
      json.put("state", "open");
      json.set("heads", RoomJson.heads(reading.heads()));
      json.put("people", reading.view().participants().size());
      json.put("problems", reading.view().problems().size());
    } catch (ProblemException problem) {
      status = 503;
      json.put(
          "state",
          before.state() == RoomStatus.State.OPEN
              ? "busy"
              : before.state().name().toLowerCase(Locale.ROOT));
      json.put("detail", problem.problem().detail());
    }
    var reply = Reply.json(status, json).header("Cache-Control", "no-store");
    var wait = TimeUnit.MILLISECONDS.toSeconds(before.retryMillis() + 999);
    return wait > 0 ? reply.header("Retry-After", Long.toString(wait)) : reply;
  }
}
