package dev.parlor.server.http;

import dev.parlor.server.access.Bearers;
import dev.parlor.server.access.LinkKeys;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomRegistry;
import dev.parlor.server.admission.Role;
import io.helidon.http.HeaderNames;
import java.util.Optional;

/** Finds out who asks, for which room, and in which role; refuses with 401, 403 or 404. */
final class Door {
  private static final String BEARER = "Bearer ";

  private final Bearers bearers;
  private final RoomRegistry rooms;
  private final LinkKeys keys;

  Door(Bearers bearers, RoomRegistry rooms, LinkKeys keys) {
    this.bearers = bearers;
    this.rooms = rooms;
    this.keys = keys;
  }

  /** Somebody at a room's door with a key that fits. */
  record Visitor(RoomInfo room, Role role) {}

  /** Whose account a request is on: the identity that is proved, or else the address. */
  String who(Ask ask) {
    return token(ask).flatMap(bearers::proved).orElseGet(ask::address);
  }

  /**
   * The identity that the request proves, or empty when it shows no token.
   *
   * @throws ProblemException 401 when it shows one that proves nothing
   */
  Optional<String> identity(Ask ask) {
    var shown = ask.header(HeaderNames.AUTHORIZATION);
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    var proved = token(ask).flatMap(bearers::proved);
    if (proved.isEmpty()) {
      throw Problem.unauthorized(
              "the token in Authorization is unknown here or has run out; POST /api/identities makes"
                  + " a new identity")
          .thrown();
    }
    return proved;
  }

  String requireIdentity(Ask ask) {
    return identity(ask)
        .orElseThrow(
            () ->
                Problem.unauthorized(
                        "this needs a token, as Authorization: Bearer; POST /api/identities makes"
                            + " one")
                    .thrown());
  }

  /** The room of the path's slug. */
  RoomInfo room(Ask ask) {
    return rooms
        .bySlug(ask.part("slug"))
        .orElseThrow(() -> Problem.notFound("there is no room of this name").thrown());
  }

  /** The room of the path, with the role that the Parlor-Key proves. */
  Visitor enter(Ask ask) {
    var room = room(ask);
    var key =
        ask.header(Ask.PARLOR_KEY)
            .orElseThrow(
                () ->
                    Problem.unauthorized("this needs the key of the room's link, as Parlor-Key")
                        .thrown());
    var role =
        keys.role(room.slug(), key)
            .orElseThrow(
                () ->
                    Problem.forbidden("wrong-key", "this Parlor-Key does not open this room")
                        .thrown());
    return new Visitor(room, role);
  }

  private static Optional<String> token(Ask ask) {
    return ask.header(HeaderNames.AUTHORIZATION)
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip());
  }
}
