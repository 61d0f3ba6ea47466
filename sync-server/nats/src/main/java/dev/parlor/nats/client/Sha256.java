package dev.parlor.nats.client;

import dev.parlor.crdt.identity.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of stored content, of keys and of document ids. */
public final class Sha256 {

  private Sha256() {}

  /** The 32 bytes of the hash. */
  public static byte[] of(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash in 64 hexadecimal digits. */
  public static String hex(Bytes content) {
    return HexFormat.of().formatHex(of(content.toArray()));
  }
}
