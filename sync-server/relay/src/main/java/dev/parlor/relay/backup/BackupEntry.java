package dev.parlor.relay.backup;

import dev.parlor.relay.storage.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The head of one entry of a backup file. A file is, big-endian:
 *
 * <pre>
 *   "PARLORB1" | header bytes u32 | header as text | CRC32C of both u32
 *   entries, in the order of their places
 *   SHA-256 of everything before, 32 bytes
 * </pre>
 *
 * and an entry is
 *
 * <pre>
 *   type u8 | kind u8 | store u16 | number u64 | name bytes u32 | value bytes u32
 *   SHA-256 of the value, 32 bytes | name in UTF-8 | CRC32C of everything before u32 | value
 * </pre>
 *
 * The head has a checksum of its own. So a wrong byte in a value is found with its place, and the
 * entries after it can be read. The last entry has the type {@link Type#END}; its value is the
 * number of entries before it.
 *
 * @param sha256 of the value, hexadecimal
 */
record BackupEntry(Type type, Place place, int valueBytes, String sha256) {

  static final byte[] MAGIC = "PARLORB1".getBytes(StandardCharsets.US_ASCII);
  static final int SHA256_BYTES = 32;

  /** The bytes of a head before the name. */
  static final int FIXED_BYTES = 1 + 1 + 2 + 8 + 4 + 4 + SHA256_BYTES;

  static final int CHECKSUM_BYTES = 4;

  /** Bytes of a name; above: the head is damaged. */
  private static final int NAME_BYTES_MAX = 1 << 20;

  private static final int KIND_AT = 1;
  private static final int STORE_AT = 2;
  private static final int NUMBER_AT = 4;
  private static final int NAME_BYTES_AT = 12;
  private static final int VALUE_BYTES_AT = 16;
  private static final int SHA256_AT = 20;

  /** The types of entries. */
  enum Type {
    /** A value. */
    VALUE('V'),
    /** The base has a value here; this backup has none. */
    REMOVED('R'),
    /** The store has a value here that it cannot read. The value of the entry is the reason. */
    DAMAGED('D'),
    /** The end of the file. */
    END('E');

    private final byte letter;

    Type(char letter) {
      this.letter = (byte) letter;
    }

    private static @Nullable Type of(byte letter) {
      for (var type : values()) {
        if (type.letter == letter) {
          return type;
        }
      }
      return null;
    }
  }

  /** The place of the last entry, after every other place. */
  static final Place END_PLACE = new Place(Place.NO_STORE, Place.Kind.FILE, "\uffff", 0);

  byte[] encode() {
    var name = type == Type.END ? new byte[0] : place.name().getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(FIXED_BYTES + name.length + CHECKSUM_BYTES);
    bytes.put(type.letter).put(place.kind().code()).putShort((short) place.store());
    bytes.putLong(place.number()).putInt(name.length).putInt(valueBytes);
    bytes.put(HexFormat.of().parseHex(sha256)).put(name);
    bytes.putInt(checksum(bytes.array(), bytes.position()));
    return bytes.array();
  }

  /** The bytes of the name and the checksum after a head's fixed bytes; -1 if it is damaged. */
  static int remainingBytes(byte[] fixed) {
    var bytes = ByteBuffer.wrap(fixed).getInt(NAME_BYTES_AT);
    return bytes < 0 || bytes > NAME_BYTES_MAX ? -1 : bytes + CHECKSUM_BYTES;
  }

  /** Reads the output of {@link #encode}; null if it is damaged. */
  static @Nullable BackupEntry decode(byte[] head) {
    var bytes = ByteBuffer.wrap(head);
    var checked = head.length - CHECKSUM_BYTES;
    var type = Type.of(head[0]);
    var kind = Place.Kind.of(head[KIND_AT]);
    if (bytes.getInt(checked) != checksum(head, checked)
        || type == null
        || kind.isEmpty()
        || bytes.getInt(VALUE_BYTES_AT) < 0) {
      return null;
    }
    var name = new String(head, FIXED_BYTES, bytes.getInt(NAME_BYTES_AT), StandardCharsets.UTF_8);
    var place =
        type == Type.END
            ? END_PLACE
            : new Place(
                bytes.getShort(STORE_AT) & 0xffff, kind.get(), name, bytes.getLong(NUMBER_AT));
    return new BackupEntry(
        type,
        place,
        bytes.getInt(VALUE_BYTES_AT),
        HexFormat.of().formatHex(head, SHA256_AT, SHA256_AT + SHA256_BYTES));
  }

  static int checksum(byte[] bytes, int count) {
    var crc = new CRC32C();
    crc.update(bytes, 0, count);
    return (int) crc.getValue();
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
