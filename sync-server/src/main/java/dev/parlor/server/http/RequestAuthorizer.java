package dev.parlor.server.http;

import dev.parlor.server.access.RoomAuthorizer;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomRegistry;
import dev.parlor.server.access.TokenVerifier;
import dev.parlor.server.admission.Role;
import io.helidon.http.HeaderNames;
import java.util.Optional;

/** Finds the identity, the room and the role of a request; refuses with 401, 403 or 404. */
final class RequestAuthorizer {
  private static final String BEARER = "Bearer ";

  private final TokenVerifier bearers;
  private final RoomRegistry rooms;
  private final RoomAuthorizer gate;

  RequestAuthorizer(TokenVerifier bearers, RoomRegistry rooms, RoomAuthorizer gate) {
    this.bearers = bearers;
    this.rooms = rooms;
    this.gate = gate;
  }

  /**
   * A caller that may enter a room.
   *
   * @param role the role of the membership, or of the link for an identity that has not joined
   * @param link the name of the link; empty for a host without a valid link
   */
  record Visitor(RoomInfo room, Role role, Optional<String> link) {}

  /** The key under which rate limits count a request: the proved identity, or else the address. */
  String who(HttpCall ask) {
    return proved(ask).orElseGet(ask::address);
  }

  /**
   * The identity that the request proves; empty without a token.
   *
   * @throws ProblemException 401 if the token is invalid
   */
  Optional<String> identity(HttpCall ask) {
    var shown = ask.header(HeaderNames.AUTHORIZATION);
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    var token = token(ask);
    if (token.isEmpty()) {
      throw ProblemDetail.unauthorized("Authorization must be Bearer and a token").thrown();
    }
    return switch (bearers.judge(token.get())) {
      case TokenVerifier.Proof.Proved(var identity, _) -> Optional.of(identity);
      case TokenVerifier.Proof.Refused(var refusal) -> throw ProblemDetail.of(refusal).thrown();
    };
  }

  /** The person's name according to the issuer of the token, if given. */
  Optional<String> issuedName(HttpCall ask) {
    return token(ask)
        .map(bearers::judge)
        .flatMap(
            proof ->
                proof instanceof TokenVerifier.Proof.Proved(_, var name) ? name : Optional.empty());
  }

  /** The identity that the request proves, if any. An invalid token counts as none. */
  Optional<String> proved(HttpCall ask) {
    return token(ask).flatMap(bearers::proved);
  }

  String requireIdentity(HttpCall ask) {
    return identity(ask)
        .orElseThrow(
            () ->
                ProblemDetail.unauthorized(
                        "this needs a token, as Authorization: Bearer; POST /api/identities makes"
                            + " one")
                    .thrown());
  }

  /** The room of the path's slug. */
  RoomInfo room(HttpCall ask) {
    return rooms
        .bySlug(ask.part("slug"))
        .orElseThrow(() -> ProblemDetail.notFound("there is no room of this name").thrown());
  }

  /**
   * The room of the path and the caller's role: from the membership, or else from the Parlor-Key.
   */
  Visitor enter(HttpCall ask) {
    var room = room(ask);
    return visitor(ask, room, gate.look(room, shownKey(ask), proved(ask)));
  }

  /** As {@link #enter}, for an identity that joins and becomes a member. */
  Visitor join(HttpCall ask, String identity) {
    var room = room(ask);
    return visitor(ask, room, gate.join(room, shownKey(ask), identity));
  }

  /** As {@link #join}, for a connection of an identity. */
  Visitor connect(HttpCall ask, String identity) {
    var room = room(ask);
    return visitor(ask, room, gate.connect(room, shownKey(ask), identity));
  }

  /** The room of the path, for a caller that has a key and is about to prove the room's secret. */
  RoomInfo secretRoom(HttpCall ask, String identity) {
    var room = room(ask);
    gate.mayAnswer(room, key(ask), identity)
        .ifPresent(
            refusal -> {
              throw ProblemDetail.of(refusal).thrown();
            });
    return room;
  }

  private static String key(HttpCall ask) {
    return ask.header(HttpCall.PARLOR_KEY)
        .orElseThrow(
            () ->
                ProblemDetail.unauthorized("this needs the key of the room's link, as Parlor-Key")
                    .thrown());
  }

  /** The key of the request, or an empty text. Members need no key. */
  static String shownKey(HttpCall ask) {
    return ask.header(HttpCall.PARLOR_KEY).orElse("");
  }

  private static Visitor visitor(HttpCall ask, RoomInfo room, RoomAuthorizer.Entry entry) {
    return switch (entry) {
      case RoomAuthorizer.Entry.Open(var role, _, var link) -> new Visitor(room, role, link);
      case RoomAuthorizer.Entry.Closed(var refusal) -> {
        if (refusal.equals(RoomAuthorizer.NO_KEY)) {
          var _ = key(ask); // throws the 401 problem
        }
        throw ProblemDetail.of(refusal).thrown();
      }
    };
  }

  private static Optional<String> token(HttpCall ask) {
    return ask.header(HeaderNames.AUTHORIZATION)
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip());
  }
}
