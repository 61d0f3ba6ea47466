package dev.parlor.room.http;

import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.access.RoomRegistry;
import java.util.Map;

/** The endpoint with which a host locks a room, so that only its members may enter. */
final class LockApi {
  private final HostDecisions hosts;
  private final RoomRegistry registry;

  LockApi(HostDecisions hosts, RoomRegistry registry) {
    this.hosts = hosts;
    this.registry = registry;
  }

  /**
   * Locks or unlocks the room. People who are in the room without being members stay until their
   * connection ends.
   */
  Reply setLock(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "locked");
    var host = hosts.requireHost(call);
    if (!fields.has("locked")) {
      throw ProblemDetail.field(400, "locked", "locked is true or false").thrown();
    }
    var locked = fields.optionalFlag("locked");
    var _ = RecordUpdate.await(registry.publish(host.room().withLock(locked)));
    return Reply.json(200, Map.of("locked", locked));
  }
}
