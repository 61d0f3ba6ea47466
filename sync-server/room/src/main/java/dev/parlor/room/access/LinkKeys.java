package dev.parlor.room.access;

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
 * Derives the keys in the links of rooms. A key is 132 bits of the HMAC-SHA256 of the link's name
 * under the server's secret. So no key is stored, and the server can show a host every key again.
 * {@link RoomLinks} decides which links are valid.
 */
public final class LinkKeys {

  /** Length of a key in characters. */
  static final int LENGTH = 22;

  private static final String RECORD = "link-keys";

  private final SecretKeySpec secret;

  LinkKeys(byte[] secret) {
    this.secret = new SecretKeySpec(secret, "HmacSHA256");
  }

  /** Reads the server's secret, see {@link SharedSecrets}. */
  public static LinkKeys open(RecordTable secrets, RandomIds ids) {
    return new LinkKeys(SharedSecrets.open(secrets, RECORD, ids));
  }

  /**
   * The key of a role's link in a room.
   *
   * @param generation how many times the role's link was replaced, from 0
   */
  String roleKey(String slug, Role role, int generation) {
    var name = slug + "/" + role.name().toLowerCase(Locale.ROOT);
    return derive(generation == 0 ? name : name + "/" + generation);
  }

  /** The secret part of an invitation's key. */
  String invitationKey(String slug, String id) {
    return derive(slug + "/invitation/" + id);
  }

  private String derive(String name) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      var digest = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, LENGTH);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Compares in constant time. */
  static boolean isEqual(String key, String sentKey) {
    return MessageDigest.isEqual(
        key.getBytes(StandardCharsets.UTF_8), sentKey.getBytes(StandardCharsets.UTF_8));
  }
}
