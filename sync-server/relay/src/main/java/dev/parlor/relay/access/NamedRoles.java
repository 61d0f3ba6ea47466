package dev.parlor.relay.access;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.RoleName;
import dev.parlor.relay.config.FixedLimits;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The named roles in a token: the claim {@code roles}. It is a list of names, which counts in every
 * document, or an object of such lists by document id, with {@code "*"} for all other documents. A
 * policy of documents says what the holder of a role may do.
 *
 * @param byDocument roles by document
 * @param others roles in all other documents
 */
record NamedRoles(Map<DocumentId, Set<String>> byDocument, Set<String> others) {

  static final String CLAIM = "roles";
  static final NamedRoles NONE = new NamedRoles(Map.of(), Set.of());

  NamedRoles {
    byDocument = Map.copyOf(byDocument);
    others = Set.copyOf(others);
  }

  /** The roles in a document: its own entry counts, or else the entry for all other documents. */
  Set<String> in(DocumentId document) {
    return byDocument.getOrDefault(document, others);
  }

  /** Reads the claim; malformed with a sentence that names it. */
  static Decoding<NamedRoles> read(@Nullable Object claim) {
    if (claim == null) {
      return Decoding.of(NONE);
    }
    if (!(claim instanceof Map<?, ?> map)) {
      return names(claim).map(names -> new NamedRoles(Map.of(), names));
    }
    var byDocument = new HashMap<DocumentId, Set<String>>();
    var others = Set.<String>of();
    for (var entry : map.entrySet()) {
      var key = String.valueOf(entry.getKey());
      switch (names(entry.getValue())) {
        case Decoding.Malformed<Set<String>> malformed -> {
          return malformed.cast();
        }
        case Decoding.Decoded<Set<String>>(var names) when key.equals(TokenClaims.OTHERS) ->
            others = names;
        case Decoding.Decoded<Set<String>>(var names) -> {
          if (!(TokenClaims.document(key) instanceof Decoding.Decoded<DocumentId>(var document))) {
            return TokenClaims.malformed(
                "the claim roles has a key that is neither a document id nor *");
          }
          byDocument.put(document, names);
        }
      }
    }
    return Decoding.of(new NamedRoles(byDocument, others));
  }

  private static Decoding<Set<String>> names(@Nullable Object value) {
    if (!(value instanceof List<?> list) || list.size() > FixedLimits.ROLES_MAX) {
      return TokenClaims.malformed(
          "the claim roles must be a list of at most "
              + FixedLimits.ROLES_MAX
              + " names, or an object of such lists by document id");
    }
    var names = new HashSet<String>();
    for (var item : list) {
      if (!(item instanceof String name) || !RoleName.isValid(name)) {
        return TokenClaims.malformed("the claim roles must have names of " + RoleName.RULE);
      }
      names.add(name);
    }
    return Decoding.of(names);
  }
}
