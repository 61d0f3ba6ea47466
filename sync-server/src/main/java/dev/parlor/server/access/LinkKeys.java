package dev.parlor.server.access;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.server.admission.Role;
import dev.parlor.server.storage.RecordTable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys in a room's links: each proves one role in one room. They are derived (HMAC-SHA256 of
 * slug and role under the server's secret, 132 bits of it), so none is stored and any can be shown
 * again to a host.
 */
public final class LinkKeys {

  /** Characters of a key. */
  static final int LENGTH = 22;

  private static final String RECORD = "link-keys";

  private final SecretKeySpec secret;

  LinkKeys(byte[] secret) {
    this.secret = new SecretKeySpec(secret, "HmacSHA256");
  }

  /** Reads the server's secret, making it at the first start; blocks until it is on disk. */
  public static LinkKeys open(RecordTable secrets, RandomIds ids) {
    var put = secrets.putIfAbsent(RECORD, Bytes.wrap(ids.bytes(32)));
    put.committed().join();
    return new LinkKeys(put.value().toArray());
  }

  /** The key of a role in a room. */
  public String key(String slug, Role role) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      var text = slug + "/" + role.name().toLowerCase(Locale.ROOT);
      var digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, LENGTH);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** The role that the key proves in this room; every role is compared, in constant time. */
  public Optional<Role> role(String slug, String key) {
    var shown = key.getBytes(StandardCharsets.UTF_8);
    Optional<Role> found = Optional.empty();
    for (var role : Role.values()) {
      if (MessageDigest.isEqual(key(slug, role).getBytes(StandardCharsets.UTF_8), shown)) {
        found = Optional.of(role);
      }
    }
    return found;
  }
}
