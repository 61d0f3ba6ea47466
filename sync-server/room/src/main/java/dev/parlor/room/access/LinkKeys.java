package dev.parlor.room.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.admission.Role;
import dev.parlor.relay.storage.RecordTable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys in a room's links. Each key is derived: 132 bits of HMAC-SHA256 of the link's name under
 * the server's secret. So no key is stored, and a host can see every key again. {@link RoomLinks}
 * knows which links are valid.
 */
public final class LinkKeys {

  /** Length of a key in characters. */
  static final int LENGTH = 22;

  private static final String RECORD = "link-keys";

  private final SecretKeySpec secret;

  LinkKeys(byte[] secret) {
    this.secret = new SecretKeySpec(secret, "HmacSHA256");
  }

  /** Reads the server's secret. The first start creates it; blocks until it is on disk. */
  public static LinkKeys open(RecordTable secrets, RandomIds ids) {
    var put = secrets.putIfAbsent(RECORD, Bytes.wrap(ids.bytes(32)));
    put.committed().join();
    return new LinkKeys(put.value().toArray());
  }

  /**
   * The key of a role's link in a room.
   *
   * @param generation how often the role's link was replaced, from 0
   */
  String role(String slug, Role role, int generation) {
    var first = slug + "/" + role.name().toLowerCase(Locale.ROOT);
    return key(generation == 0 ? first : first + "/" + generation);
  }

  /** The secret part of an invitation's key. */
  String invitation(String slug, String id) {
    return key(slug + "/invitation/" + id);
  }

  private String key(String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      var digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, LENGTH);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Compares in constant time. */
  static boolean same(String ours, String shown) {
    return MessageDigest.isEqual(
        ours.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
  }
}
