package dev.parlor.server.http;

import dev.parlor.server.access.RoomAuthorizer;
import dev.parlor.server.access.RoomInfo;
import dev.parlor.server.access.RoomRegistry;
import dev.parlor.server.access.TokenVerifier;
import dev.parlor.server.admission.Role;
import io.helidon.http.HeaderNames;
import java.util.Optional;

/** Finds out who asks, for which room, and in which role; refuses with 401, 403 or 404. */
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
   * Somebody who may be in a room.
   *
   * @param role of the membership, or of the link for an identity that has not joined
   * @param link the name of the link; empty for a host who shows none that is good
   */
  record Visitor(RoomInfo room, Role role, Optional<String> link) {}

  /** Whose account a request is on: the identity that is proved, or else the address. */
  String who(HttpCall ask) {
    return proved(ask).orElseGet(ask::address);
  }

  /**
   * The identity that the request proves, or empty when it shows no token.
   *
   * @throws ProblemException 401 when it shows one that proves nothing
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

  /** The name that the issuer of the caller's token says, if it does. */
  Optional<String> issuedName(HttpCall ask) {
    return token(ask)
        .map(bearers::judge)
        .flatMap(
            proof ->
                proof instanceof TokenVerifier.Proof.Proved(_, var name) ? name : Optional.empty());
  }

  /** The identity that the request proves, if any; what proves nothing is passed over. */
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

  /** The room of the path, with the role of the caller: by membership, else by the Parlor-Key. */
  Visitor enter(HttpCall ask) {
    var room = room(ask);
    return visitor(ask, room, gate.look(room, shownKey(ask), proved(ask)));
  }

  /** As {@link #enter}, for an identity that joins now and is a member from then on. */
  Visitor join(HttpCall ask, String identity) {
    var room = room(ask);
    return visitor(ask, room, gate.join(room, shownKey(ask), identity));
  }

  /** As {@link #join}, for a connection of an identity. */
  Visitor connect(HttpCall ask, String identity) {
    var room = room(ask);
    return visitor(ask, room, gate.connect(room, shownKey(ask), identity));
  }

  /** The room of the path for somebody who has a key, and still has to show its secret. */
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

  /** Empty where no key is shown, which members need not. */
  static String shownKey(HttpCall ask) {
    return ask.header(HttpCall.PARLOR_KEY).orElse("");
  }

  private static Visitor visitor(HttpCall ask, RoomInfo room, RoomAuthorizer.Entry entry) {
    return switch (entry) {
      case RoomAuthorizer.Entry.Open(var role, _, var link) -> new Visitor(room, role, link);
      case RoomAuthorizer.Entry.Closed(var refusal) -> {
        if (refusal.equals(RoomAuthorizer.NO_KEY)) {
          var _ = key(ask); // answers 401
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
