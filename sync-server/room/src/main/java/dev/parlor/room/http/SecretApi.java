package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomSecret;
import dev.parlor.room.access.RoomSecretVerifier;
import dev.parlor.room.access.Sessions;
import dev.parlor.room.limits.FixedServiceLimits;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The endpoints that prove a room's secret by challenge and response. The server never receives the
 * secret.
 */
final class SecretApi {

  private final RequestAuthorizer authorizer;
  private final RoomSecretVerifier verifier;
  private final RequestLimits limits;

  SecretApi(RequestAuthorizer authorizer, RoomSecretVerifier verifier, RequestLimits limits) {
    this.authorizer = authorizer;
    this.verifier = verifier;
    this.limits = limits;
  }

  /** The values of a new room's secret, if the body contains them. */
  static Optional<RoomSecret> ofBody(RequestFields fields) {
    return fields
        .optionalObject("secret", "salt", "iterations", "storedKey")
        .map(
            secretFields -> {
              var read =
                  RoomSecret.of(
                      secretFields.line("salt", FixedServiceLimits.SECRET_TEXT_LENGTH_MAX),
                      secretFields.optionalInteger("iterations", 1, Integer.MAX_VALUE).orElse(0L),
                      secretFields.line("storedKey", FixedServiceLimits.SECRET_TEXT_LENGTH_MAX));
              return switch (read) {
                case Decoding.Decoded<RoomSecret>(var secret) -> secret;
                case Decoding.Malformed<RoomSecret>(var rule, var reason) ->
                    throw ProblemDetail.field(400, "secret", reason).with("rule", rule).thrown();
              };
            });
  }

  /** Issues a nonce, with the salt and the iterations that a browser needs for its proof. */
  Reply issueNonce(HttpCall call) {
    RequestFields.parse(call.body());
    var identity = authorizer.requireIdentity(call);
    var room = roomWithSecret(call, identity);
    var secret = room.secret().orElseThrow();
    var nonce = verifier.issueNonce(room, identity);
    return Reply.json(
            201,
            Map.of(
                "nonce", nonce.value(),
                "expiresAt", nonce.expiresAt().toEpochMilli(),
                "salt",
                    Base64.getUrlEncoder().withoutPadding().encodeToString(secret.salt().toArray()),
                "iterations", secret.iterations()))
        .header("Cache-Control", "no-store");
  }

  /** Verifies a proof of the room's secret. */
  Reply prove(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "nonce", "proof");
    var nonce = fields.line("nonce", FixedServiceLimits.SECRET_TEXT_LENGTH_MAX);
    var proof =
        Sessions.decodeSignature(fields.line("proof", FixedServiceLimits.SECRET_TEXT_LENGTH_MAX))
            .orElse(Bytes.EMPTY);
    var identity = authorizer.requireIdentity(call);
    var room = roomWithSecret(call, identity);
    limits.countSecretAttempt(call, room.slug());
    verifier
        .verify(room, identity, nonce, proof)
        .ifPresent(
            refusal -> {
              throw ProblemDetail.of(refusal).thrown();
            });
    return Reply.json(200, Map.of("identity", identity)).header("Cache-Control", "no-store");
  }

  /** The room in the path; refuses with 404 if it has no secret. */
  private RoomInfo roomWithSecret(HttpCall call, String identity) {
    var room = authorizer.secretRoom(call, identity);
    if (room.secret().isEmpty()) {
      throw ProblemDetail.notFound("this room has no secret").thrown();
    }
    return room;
  }
}
