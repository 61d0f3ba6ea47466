package dev.parlor.relay.access;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Caller;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.socket.Authenticator.Outcome;
import dev.parlor.relay.socket.Authenticator.TokenSession;
import dev.parlor.relay.socket.DocumentAccess;
import dev.parlor.relay.token.JwtVerifier;
import dev.parlor.relay.token.JwtVerifier.Verification;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Connections with JSON Web Tokens of one issuer. Safe from any thread. */
public final class TokenAccess {

  /** The rule for tokens and their claims. */
  static final String TOKEN_RULE = "TK1";

  private static final DocumentAccess.Decision NO_ACCESS =
      new DocumentAccess.Decision.Denied(
          "TK2", "the token gives no access to this document, or there is no such document");

  private final JwtVerifier verifier;
  private final DocumentOwners owners;
  private final @Nullable Authorizer authorizer;
  private final InstantSource clock;

  /**
   * @param authorizer decides about the documents that a token does not name; empty if the claims
   *     alone decide
   */
  TokenAccess(
      JwtVerifier verifier,
      DocumentOwners owners,
      Optional<Authorizer> authorizer,
      InstantSource clock) {
    this.verifier = verifier;
    this.owners = owners;
    this.authorizer = authorizer.orElse(null);
    this.clock = clock;
  }

  /** The identity of the connections of a token's subject. */
  static String identity(String subject) {
    return Caller.TOKEN + subject;
  }

  /** Decides about the connection of a client with this token; may fetch the issuer's keys. */
  Outcome authenticate(String token) {
    return switch (verifier.verify(token)) {
      case Verification.Valid(var claims, var until) ->
          switch (TokenClaims.read(claims)) {
            case Decoding.Decoded<TokenClaims>(var read) ->
                accepted(read, Duration.between(clock.instant(), until));
            case Decoding.Malformed<TokenClaims>(_, var reason) -> refused(401, reason);
          };
      case Verification.Expired(var claims) ->
          switch (TokenClaims.read(claims)) {
            case Decoding.Decoded<TokenClaims>(var read) -> accepted(read, Duration.ZERO);
            case Decoding.Malformed<TokenClaims>(_, var reason) -> refused(401, reason);
          };
      case Verification.Invalid(var reason) -> refused(401, reason);
      case Verification.Unavailable(var reason) -> refused(503, reason);
    };
  }

  private Outcome accepted(TokenClaims claims, Duration validFor) {
    var caller =
        new Caller(Optional.of(identity(claims.subject())), Role.SPECTATOR, Optional.empty());
    return new Outcome.Accepted(caller, Optional.of(new TokenSession(accessOf(claims), validFor)));
  }

  private DocumentAccess accessOf(TokenClaims claims) {
    return new DocumentAccess() {
      @Override
      public Decision decide(DocumentId document, boolean hasContent) {
        return TokenAccess.this.decide(claims, document, hasContent);
      }

      @Override
      public Set<String> namedRoles(DocumentId document) {
        return claims.roles().in(document);
      }
    };
  }

  private static Outcome refused(int status, String reason) {
    return new Outcome.Refused(status, "[" + TOKEN_RULE + "] " + reason);
  }

  /** Decides about a document: by the token's claims, or by the app's backend. */
  private DocumentAccess.Decision decide(
      TokenClaims claims, DocumentId document, boolean hasContent) {
    var backend = authorizer;
    return backend == null || claims.byDocument().containsKey(document)
        ? decideByClaims(claims, document, hasContent)
        : ask(backend, claims.subject(), document, hasContent);
  }

  private DocumentAccess.Decision ask(
      Authorizer backend, String subject, DocumentId document, boolean hasContent) {
    var exists = owners.exists(document) || owners.of(document).isPresent();
    try {
      var answer = backend.ask(subject, document, hasContent ? "write" : "read", exists);
      var permission = answer.permission();
      if (permission.isEmpty()) {
        return NO_ACCESS;
      }
      if (hasContent && !exists && permission.get().role().mayWrite()) {
        owners.claim(document, subject);
      }
      var validFor = Duration.between(clock.instant(), answer.until());
      return new DocumentAccess.Decision.Allowed(permission.get(), Optional.of(validFor));
    } catch (IOException _) {
      return new DocumentAccess.Decision.Unavailable(
          "TK5", "the app's backend does not answer; connect again later");
    }
  }

  /**
   * The permission of the token's holder in a document. An entry for the document counts first,
   * then that the subject created it, then the entry for all other documents. A document that does
   * not exist is created by the first content of a peer that may create it; its subject owns it
   * from then on.
   */
  private DocumentAccess.Decision decideByClaims(
      TokenClaims claims, DocumentId document, boolean hasContent) {
    var owner = owners.of(document);
    var isOwner = owner.filter(claims.subject()::equals).isPresent();
    var permission =
        Optional.ofNullable(claims.byDocument().get(document))
            .or(() -> isOwner ? Optional.of(Permission.OWN) : claims.others());
    var mayWrite = permission.filter(granted -> granted.role().mayWrite()).isPresent();
    var creates =
        hasContent
            && owner.isEmpty()
            && !owners.exists(document)
            && (mayWrite || (permission.isEmpty() && claims.mayCreate()));
    if (creates && owners.claim(document, claims.subject()).equals(claims.subject())) {
      permission = permission.or(() -> Optional.of(Permission.OWN));
    }
    return permission
        .<DocumentAccess.Decision>map(DocumentAccess.Decision.Allowed::new)
        .orElse(NO_ACCESS);
  }
}
