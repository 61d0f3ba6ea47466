package dev.parlor.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.socket.SyncPeer;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TokenClaimsTest {
  private static final DocumentId FIRST = SyncPeer.document(1);
  private static final DocumentId SECOND = SyncPeer.document(2);

  private static Decoding<TokenClaims> read(String claims) throws ParseException {
    return TokenClaims.read(JWTClaimsSet.parse("{\"sub\":\"ada\"" + claims + "}"));
  }

  @Test
  @DisplayName(
      "[TK2] a token's claims name documents by id or URL, all other documents by *, and creation")
  void validClaims() throws ParseException {
    var documents =
        "\"%s\":\"read\",\"automerge:%s\":\"own\",\"*\":\"write\""
            .formatted(FIRST.value(), SECOND.value());
    var claims = read(",\"documents\":{" + documents + "},\"create\":true");
    assertEquals(
        Decoding.of(
            new TokenClaims(
                "ada",
                Map.of(FIRST, Permission.READ, SECOND, Permission.OWN),
                Optional.of(Permission.WRITE),
                true,
                NamedRoles.NONE)),
        claims);
    assertEquals(
        Decoding.of(new TokenClaims("ada", Map.of(), Optional.empty(), false, NamedRoles.NONE)),
        read(""));
  }

  @Test
  @DisplayName(
      "[TK1] the claim roles has names for all documents, or for a document by id or URL and for the others by *")
  void roles() throws ParseException {
    var everywhere = read(",\"roles\":[\"editor\",\"x:1\"]").orElseThrow().roles();
    assertEquals(Set.of("editor", "x:1"), everywhere.in(FIRST));
    var byDocument =
        "{\"%s\":[\"editor\"],\"automerge:%s\":[],\"*\":[\"tester\"]}"
            .formatted(FIRST.value(), SECOND.value());
    var roles = read(",\"roles\":" + byDocument).orElseThrow().roles();
    assertEquals(Set.of("editor"), roles.in(FIRST));
    assertEquals(Set.of(), roles.in(SECOND));
    assertEquals(Set.of("tester"), roles.in(SyncPeer.document(3)));
  }

  @Test
  @DisplayName(
      "[TK1] a token with malformed claims is refused with a sentence that names the claim")
  void malformedClaims() throws ParseException {
    var sentences = new LinkedHashMap<String, String>();
    sentences.put("\"documents\":[]", "documents must be an object of permissions by document id");
    sentences.put(
        "\"documents\":\"*\"", "documents must be an object of permissions by document id");
    sentences.put(
        "\"documents\":{\"*\":\"all\"}",
        "documents must have read, write or own for each document");
    sentences.put(
        "\"documents\":{\"*\":true}", "documents must have read, write or own for each document");
    sentences.put(
        "\"documents\":{\"*\":null}", "documents must have read, write or own for each document");
    sentences.put(
        "\"documents\":{\"x\":\"read\"}",
        "documents has a key that is neither a document id nor *");
    sentences.put(
        "\"documents\":{\"\":\"read\"}", "documents has a key that is neither a document id nor *");
    sentences.put("\"create\":\"true\"", "create must be true or false");
    var lists =
        "roles must be a list of at most 50 names, or an object of such lists by document id";
    sentences.put("\"roles\":\"editor\"", lists);
    sentences.put("\"roles\":{\"*\":\"editor\"}", lists);
    sentences.put("\"roles\":[" + "\"a\",".repeat(50) + "\"a\"]", lists);
    var names =
        "roles must have names of 1 to 60 letters, digits and _.:-, other than read, write and own";
    sentences.put("\"roles\":[1]", names);
    sentences.put("\"roles\":[\"\"]", names);
    sentences.put("\"roles\":[\"own\"]", names);
    sentences.put("\"roles\":[\"" + "a".repeat(61) + "\"]", names);
    sentences.put(
        "\"roles\":{\"x\":[\"editor\"]}", "roles has a key that is neither a document id nor *");
    for (var entry : sentences.entrySet()) {
      var malformed = assertInstanceOf(Decoding.Malformed.class, read("," + entry.getKey()));
      assertEquals("the claim " + entry.getValue(), malformed.reason(), entry.getKey());
    }
  }
}
