package dev.parlor.room.http;

import dev.parlor.relay.admission.Role;
import dev.parlor.room.access.RoomAuthorizer;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.access.TokenVerifier;
import io.helidon.http.HeaderNames;
import java.util.Optional;

/** Determines the identity, the room and the role of a request; refuses with 401, 403 or 404. */
final class RequestAuthorizer {
  private static final String BEARER = "Bearer ";

  private final TokenVerifier tokenVerifier;
  private final RoomRegistry rooms;
  private final RoomAuthorizer roomAuthorizer;

  RequestAuthorizer(
      TokenVerifier tokenVerifier, RoomRegistry rooms, RoomAuthorizer roomAuthorizer) {
    this.tokenVerifier = tokenVerifier;
    this.rooms = rooms;
    this.roomAuthorizer = roomAuthorizer;
  }

  /**
   * A caller that may enter a room.
   *
   * @param role the role of the membership, or of the link for an identity that has not joined
   * @param link the name of the valid link whose key the caller sent, or else that the caller used
   *     last; empty if there is none
   */
  record Visitor(RoomInfo room, Role role, Optional<String> link) {}

  /** The key under which rate limits count a request: the proved identity, or else the address. */
  String limitKey(HttpCall call) {
    return validIdentity(call).orElseGet(call::address);
  }

  /**
   * The identity that the request proves; empty without a token.
   *
   * @throws ProblemException 401 if the token is invalid
   */
  Optional<String> identity(HttpCall call) {
    if (call.header(HeaderNames.AUTHORIZATION).isEmpty()) {
      return Optional.empty();
    }
    var token = token(call);
    if (token.isEmpty()) {
      throw ProblemDetail.unauthorized("Authorization must be Bearer followed by a token").thrown();
    }
    return switch (tokenVerifier.verify(token.get())) {
      case TokenVerifier.Verification.Proved(var identity, _) -> Optional.of(identity);
      case TokenVerifier.Verification.Refused(var refusal) ->
          throw ProblemDetail.of(refusal).thrown();
    };
  }

  /** The person's name according to the issuer of the token, if given. */
  Optional<String> issuedName(HttpCall call) {
    return token(call)
        .map(tokenVerifier::verify)
        .flatMap(
            verification ->
                verification instanceof TokenVerifier.Verification.Proved(_, var name)
                    ? name
                    : Optional.empty());
  }

  /** The identity that the request proves; empty without a token or with an invalid token. */
  Optional<String> validIdentity(HttpCall call) {
    return token(call).flatMap(tokenVerifier::identityOf);
  }

  /** The identity that the request proves; refuses with 401 if there is none. */
  String requireIdentity(HttpCall call) {
    return identity(call)
        .orElseThrow(
            () ->
                ProblemDetail.unauthorized(
                        "send a token as Authorization: Bearer; POST /api/identities creates"
                            + " one")
                    .thrown());
  }

  /** The room whose slug is in the path. */
  RoomInfo room(HttpCall call) {
    return rooms
        .findBySlug(call.pathParameter("slug"))
        .orElseThrow(() -> ProblemDetail.notFound("there is no room with this name").thrown());
  }

  /**
   * The room in the path and the caller's role: from the membership, or else from the Parlor-Key.
   */
  Visitor enter(HttpCall call) {
    var room = room(call);
    return visitor(call, room, roomAuthorizer.check(room, sentKey(call), validIdentity(call)));
  }

  /** As {@link #enter}, for an identity that joins and becomes a member. */
  Visitor join(HttpCall call, String identity) {
    var room = room(call);
    return visitor(call, room, roomAuthorizer.join(room, sentKey(call), identity));
  }

  /** As {@link #join}, for a connection of an identity. */
  Visitor connect(HttpCall call, String identity) {
    var room = room(call);
    return visitor(call, room, roomAuthorizer.connect(room, sentKey(call), identity));
  }

  /** The room in the path, for a caller that has a key and wants to prove the room's secret. */
  RoomInfo secretRoom(HttpCall call, String identity) {
    var room = room(call);
    roomAuthorizer
        .refusalToProveSecret(room, requireKey(call), identity)
        .ifPresent(
            refusal -> {
              throw ProblemDetail.of(refusal).thrown();
            });
    return room;
  }

  /** The key that the request sends; refuses with 401 if there is none. */
  private static String requireKey(HttpCall call) {
    return call.header(HttpCall.PARLOR_KEY)
        .orElseThrow(
            () ->
                ProblemDetail.unauthorized("send the key of the room's link as Parlor-Key")
                    .thrown());
  }

  /** The key that the request sends, or an empty text. Members need no key. */
  static String sentKey(HttpCall call) {
    return call.header(HttpCall.PARLOR_KEY).orElse("");
  }

  private static Visitor visitor(HttpCall call, RoomInfo room, RoomAuthorizer.Decision entry) {
    return switch (entry) {
      case RoomAuthorizer.Decision.Allowed(var role, _, var link) -> new Visitor(room, role, link);
      case RoomAuthorizer.Decision.Refused(var refusal) -> {
        if (refusal.equals(RoomAuthorizer.NO_KEY)) {
          var _ = requireKey(call); // throws a problem that names the header
        }
        throw ProblemDetail.of(refusal).thrown();
      }
    };
  }

  private static Optional<String> token(HttpCall call) {
    return call.header(HeaderNames.AUTHORIZATION)
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip());
  }
}
