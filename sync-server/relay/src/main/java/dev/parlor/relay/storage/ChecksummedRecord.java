package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The envelope of every record on disk: {@code version u8 | CRC32C u32 | payload}. The checksum
 * also covers the record's place, so a record under a wrong key is detected [DU4].
 */
final class ChecksummedRecord {

  private static final byte VERSION = 1;
  static final int HEADER_BYTES = 5;

  private ChecksummedRecord() {}

  /**
   * Fills in the header of a record whose payload begins after {@link #HEADER_BYTES} free bytes.
   *
   * @param place the name of the record's place, for example {@code log/17}
   */
  static byte[] addHeader(String place, byte[] record) {
    record[0] = VERSION;
    ByteBuffer.wrap(record).putInt(1, checksum(place, record));
    return record;
  }

  /** A record with this payload. */
  static byte[] seal(String place, Bytes payload) {
    var record = new byte[HEADER_BYTES + payload.length()];
    payload.copyTo(record, HEADER_BYTES);
    return addHeader(place, record);
  }

  /** The payload; null if the record is damaged or in the wrong place. */
  static @Nullable Bytes open(String place, byte[] record) {
    if (record.length < HEADER_BYTES
        || record[0] != VERSION
        || ByteBuffer.wrap(record).getInt(1) != checksum(place, record)) {
      return null;
    }
    return Bytes.wrap(record, HEADER_BYTES, record.length - HEADER_BYTES);
  }

  private static int checksum(String place, byte[] record) {
    var crc = new CRC32C();
    crc.update(place.getBytes(StandardCharsets.UTF_8));
    crc.update(record, 0, 1);
    crc.update(record, HEADER_BYTES, record.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
