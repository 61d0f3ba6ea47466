package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.relay.address.Origins;
import dev.parlor.relay.storage.RecordUpdate;
import dev.parlor.room.access.Identities;
import dev.parlor.room.access.ProofKey;
import dev.parlor.room.access.Sessions;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import io.helidon.http.HeaderNames;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Creates identities, which clients need to act in a room. An identity is proved by a key pair or
 * by a token. The server receives only the public key.
 */
final class IdentityApi {

  private final RequestAuthorizer authorizer;
  private final Identities identities;
  private final Sessions sessions;
  private final Origins origins;
  private final RequestLimits limits;

  IdentityApi(
      RequestAuthorizer authorizer,
      Identities identities,
      Sessions sessions,
      Origins origins,
      RequestLimits limits) {
    this.authorizer = authorizer;
    this.identities = identities;
    this.sessions = sessions;
    this.origins = origins;
    this.limits = limits;
  }

  /**
   * Creates an identity. If the request has a public key, the server issues no token that is valid
   * forever, so no such token can be stolen.
   */
  Reply create(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "name", "publicKey");
    var name = fields.optionalLine("name", RoomLimits.NAME_LENGTH_MAX).orElse("");
    var key = fields.optionalTextMap("publicKey").map(IdentityApi::parseKey);
    limits.countNewIdentity(call);
    var json = new LinkedHashMap<String, String>();
    if (key.isPresent()) {
      json.put("identity", RecordUpdate.await(identities.issue(name, key.get())));
    } else {
      var issued = RecordUpdate.await(identities.issue(name));
      json.put("identity", issued.identity());
      json.put("token", issued.token());
    }
    return Reply.json(201, json).header("Cache-Control", "no-store");
  }

  /** Replaces the token of an identity with a key. */
  Reply attachKey(HttpCall call) {
    var identity = call.pathParameter("identity");
    if (!authorizer.requireIdentity(call).equals(identity)) {
      throw ProblemDetail.forbidden("not-allowed", "this token belongs to another identity")
          .thrown();
    }
    var key =
        RequestFields.parse(call.body(), "publicKey")
            .optionalTextMap("publicKey")
            .map(IdentityApi::parseKey)
            .orElseThrow(
                () -> ProblemDetail.field(400, "publicKey", "publicKey is missing").thrown());
    if (!RecordUpdate.await(identities.attachKey(identity, key))) {
      throw ProblemDetail.of(409, "has-key", "this identity already has another key").thrown();
    }
    return Reply.json(200, Map.of("identity", identity)).header("Cache-Control", "no-store");
  }

  private static ProofKey parseKey(Map<String, String> jwk) {
    return switch (ProofKey.ofJwk(jwk)) {
      case Decoding.Decoded<ProofKey>(var key) -> key;
      case Decoding.Malformed<ProofKey>(var rule, var reason) ->
          throw ProblemDetail.field(400, "publicKey", reason).with("rule", rule).thrown();
    };
  }

  /** Issues a nonce to sign. */
  Reply issueNonce(HttpCall call) {
    RequestFields.parse(call.body());
    var identity = call.pathParameter("identity");
    var _ = requireKey(identity); // throws 404 if the identity has no key
    var nonce = sessions.issueNonce(identity);
    return Reply.json(
            201, Map.of("nonce", nonce.value(), "expiresAt", nonce.expiresAt().toEpochMilli()))
        .header("Cache-Control", "no-store");
  }

  /** Exchanges a signed nonce for a session token that is valid for some minutes. */
  Reply openSession(HttpCall call) {
    var fields = RequestFields.parse(call.body(), "nonce", "signature");
    var nonce = fields.line("nonce", FixedServiceLimits.PROOF_LENGTH_MAX);
    var signature =
        Sessions.decodeSignature(fields.line("signature", FixedServiceLimits.PROOF_LENGTH_MAX));
    var identity = call.pathParameter("identity");
    var key = requireKey(identity);
    var origin =
        origins
            .proofOrigin(call.header(HeaderNames.ORIGIN), call.host())
            .orElseThrow(
                () ->
                    ProblemDetail.forbidden(
                            "wrong-origin", "pages of this origin cannot prove identities here")
                        .with("rule", "WS5")
                        .thrown());
    return switch (sessions.open(identity, key, origin, nonce, signature.orElse(Bytes.EMPTY))) {
      case Sessions.Outcome.Opened(var token, var expiresAt) ->
          Reply.json(201, Map.of("token", token, "expiresAt", expiresAt.toEpochMilli()))
              .header("Cache-Control", "no-store");
      case Sessions.Outcome.Refused(var refusal) -> throw ProblemDetail.of(refusal).thrown();
    };
  }

  /** The key of an identity; refuses with 404 if there is none. */
  private ProofKey requireKey(String identity) {
    return identities
        .key(identity)
        .orElseThrow(
            () ->
                ProblemDetail.of(404, "no-key", "there is no identity with this id and a key")
                    .thrown());
  }
}
