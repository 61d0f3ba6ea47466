package dev.parlor.server.http;

import dev.parlor.crdt.room.RoomLimits;
import dev.parlor.server.access.Identities;
import java.util.Map;

/** Makes identities: who wants to act in a room makes one first and keeps its token. */
final class IdentityApi {
  private final Identities identities;
  private final RequestLimits limits;

  IdentityApi(Identities identities, RequestLimits limits) {
    this.identities = identities;
    this.limits = limits;
  }

  Reply create(Ask ask) {
    var fields = Fields.parse(ask.body(), "name");
    var name = fields.optionalLine("name", RoomLimits.NAME_LENGTH_MAX).orElse("");
    limits.newIdentity(ask);
    var issued = identities.issue(name).join();
    return Reply.json(201, Map.of("identity", issued.identity(), "token", issued.token()))
        .header("Cache-Control", "no-store");
  }
}
