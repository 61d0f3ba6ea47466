package dev.parlor.relay.access;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The permissions in a token: the claim {@code documents}, an object of permissions by document id
 * with {@code "*"} for all other documents, and the claims {@code create} and {@code roles}.
 *
 * @param subject the token's {@code sub}
 * @param byDocument permissions by document
 * @param others the permission in all other documents; empty for none
 * @param mayCreate whether the holder may create documents
 * @param roles the holder's named roles
 */
record TokenClaims(
    String subject,
    Map<DocumentId, Permission> byDocument,
    Optional<Permission> others,
    boolean mayCreate,
    NamedRoles roles) {

  private static final String DOCUMENTS = "documents";
  private static final String CREATE = "create";
  static final String OTHERS = "*";

  /** The prefix of automerge-repo's document URLs, which apps may use in place of the id. */
  private static final String URL_PREFIX = "automerge:";

  TokenClaims {
    byDocument = Map.copyOf(byDocument);
  }

  /** Reads the claims; malformed with a sentence that names the claim. */
  static Decoding<TokenClaims> read(JWTClaimsSet claims) {
    var byDocument = new HashMap<DocumentId, Permission>();
    Optional<Permission> others = Optional.empty();
    var documents = claims.getClaim(DOCUMENTS);
    if (documents != null && !(documents instanceof Map)) {
      return malformed("the claim documents must be an object of permissions by document id");
    }
    for (var entry : documents instanceof Map<?, ?> map ? map.entrySet() : Map.of().entrySet()) {
      var key = String.valueOf(entry.getKey());
      var permission = permission(entry.getValue());
      if (permission.isEmpty()) {
        return malformed("the claim documents must have read, write or own for each document");
      }
      if (key.equals(OTHERS)) {
        others = permission;
        continue;
      }
      switch (document(key)) {
        case Decoding.Decoded<DocumentId>(var document) ->
            byDocument.put(document, permission.get());
        case Decoding.Malformed<DocumentId> _ -> {
          return malformed("the claim documents has a key that is neither a document id nor *");
        }
      }
    }
    var permissionInOthers = others;
    var create = claims.getClaim(CREATE);
    if (create != null && !(create instanceof Boolean)) {
      return malformed("the claim create must be true or false");
    }
    return NamedRoles.read(claims.getClaim(NamedRoles.CLAIM))
        .map(
            roles ->
                new TokenClaims(
                    claims.getSubject(),
                    byDocument,
                    permissionInOthers,
                    Boolean.TRUE.equals(create),
                    roles));
  }

  /** The document of a key of a claim: its id, or its automerge-repo URL. */
  static Decoding<DocumentId> document(String key) {
    return DocumentId.parse(key.startsWith(URL_PREFIX) ? key.substring(URL_PREFIX.length()) : key);
  }

  private static Optional<Permission> permission(Object value) {
    return value instanceof String name ? Permission.named(name) : Optional.empty();
  }

  static <T> Decoding<T> malformed(String reason) {
    return Decoding.malformed(TokenAccess.TOKEN_RULE, reason);
  }
}
