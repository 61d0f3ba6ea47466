package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the change log: the appends of one group commit, with a section for each append. All
 * numbers are big-endian:
 *
 * <pre>
 *   salt u64 | sequence u64 | head bytes u32 | body bytes u32 | sections u32
 *   sections x (id length u8 | document id | bytes u32 | CRC32C of id and bytes u32)
 *   CRC32C of everything before u32
 *   sections x (hash 32 | length u32 | chunk)*
 *   zeros up to a multiple of 8
 * </pre>
 *
 * The head names the documents and has its own checksum. A wrong byte in the body therefore damages
 * one section, and its document is known. The salt is random, per data directory, and never leaves
 * it, so no client can send a change whose bytes look like an entry.
 */
final class LogEntry {

  static final int ALIGNMENT = 8;
  static final int FIXED_BYTES = 28;

  private static final int CHECKSUM_BYTES = 4;
  private static final int ID_BYTES_MAX = 255;
  private static final int CHANGE_HEADER_BYTES = ChangeHash.LENGTH + 4;

  private LogEntry() {}

  /**
   * The position and contents of an entry with an intact head.
   *
   * @param end the position of the next entry
   */
  record Head(long sequence, List<Section> sections, int end) {}

  /**
   * The changes of one append.
   *
   * @param document the id, as stored
   * @param at the position of the changes' bytes
   */
  record Section(String document, int at, int bytes, boolean intact) {}

  /** An upper bound of the size of an entry with this group. */
  static long bytesMax(List<Write> group, long bytes) {
    return FIXED_BYTES + CHECKSUM_BYTES + ALIGNMENT + (9L + ID_BYTES_MAX) * group.size() + bytes;
  }

  /**
   * Encodes an entry at the start of the buffer. The group must consist of appends and must fit.
   */
  static void encode(ByteBuffer to, long salt, long sequence, List<Write> group, CRC32C crc) {
    to.clear().position(FIXED_BYTES);
    for (var i = 0; i < group.size(); i++) {
      var append = (Write.Append) group.get(i);
      var id = append.document().value().getBytes(StandardCharsets.US_ASCII);
      to.put((byte) id.length).put(id).putInt((int) append.bytes()).putInt(0);
    }
    to.putInt(0);
    var headBytes = to.position();
    var directory = FIXED_BYTES;
    for (var i = 0; i < group.size(); i++) {
      var changes = ((Write.Append) group.get(i)).changes();
      var from = to.position();
      for (var j = 0; j < changes.size(); j++) {
        put(changes.get(j), to);
      }
      var idLength = to.get(directory) & 0xff;
      to.putInt(
          directory + 5 + idLength,
          sectionChecksum(to, directory + 1, idLength, from, to.position() - from, crc));
      directory += 9 + idLength;
    }
    var end = to.position();
    to.putLong(0, salt).putLong(8, sequence);
    to.putInt(16, headBytes).putInt(20, end - headBytes).putInt(24, group.size());
    to.putInt(headBytes - CHECKSUM_BYTES, checksum(to, 0, headBytes - CHECKSUM_BYTES, crc));
    to.clear().position(end);
    while (to.position() % ALIGNMENT != 0) {
      to.put((byte) 0);
    }
    to.flip();
  }

  private static void put(ChangeRecord change, ByteBuffer to) {
    var hash = change.hash();
    to.putLong(hash.a()).putLong(hash.b()).putLong(hash.c()).putLong(hash.d());
    to.putInt(change.chunk().length());
    change.chunk().copyTo(to);
  }

  /** The entry at a position; null if there is none or its head is damaged. */
  static @Nullable Head read(ByteBuffer file, int at, long salt) {
    if (at + FIXED_BYTES > file.limit() || file.getLong(at) != salt) {
      return null;
    }
    var headBytes = file.getInt(at + 16);
    if (headBytes < FIXED_BYTES + CHECKSUM_BYTES || headBytes > file.limit() - at) {
      return null;
    }
    var checked = headBytes - CHECKSUM_BYTES;
    if (file.getInt(at + checked) != checksum(file, at, checked, new CRC32C())) {
      return null;
    }
    return parse(file, at, headBytes, file.limit());
  }

  /**
   * Reads an entry whose head is damaged. Returns its sections if they fit exactly between {@code
   * at} and {@code end}, otherwise null. Each section still has its own checksum.
   */
  static @Nullable Head salvage(ByteBuffer file, int at, int end) {
    for (var headBytes : new int[] {file.getInt(at + 16), headBytes(file, at, end)}) {
      if (headBytes >= FIXED_BYTES + CHECKSUM_BYTES && headBytes <= end - at) {
        var head = parse(file, at, headBytes, end);
        if (head != null && head.end == end) {
          return head;
        }
      }
    }
    return null;
  }

  /**
   * The length of the head, computed from its directory, for a head whose own length field is
   * damaged.
   */
  private static int headBytes(ByteBuffer file, int at, int end) {
    var position = at + FIXED_BYTES;
    for (var i = file.getInt(at + 24); i > 0 && position < end; i--) {
      position += 9 + (file.get(position) & 0xff);
    }
    return position + CHECKSUM_BYTES - at;
  }

  private static @Nullable Head parse(ByteBuffer file, int at, int headBytes, int limit) {
    var sections = new ArrayList<Section>();
    var position = at + FIXED_BYTES;
    var headEnd = at + headBytes - CHECKSUM_BYTES;
    long body = (long) at + headBytes;
    while (position < headEnd) {
      var idLength = file.get(position) & 0xff;
      if (position + 9 + idLength > headEnd) {
        return null;
      }
      var bytes = file.getInt(position + 1 + idLength);
      if (bytes < 0 || body + bytes > limit) {
        return null;
      }
      var id = new byte[idLength];
      file.get(position + 1, id);
      var intact =
          file.getInt(position + 5 + idLength)
              == sectionChecksum(file, position + 1, idLength, (int) body, bytes, new CRC32C());
      sections.add(
          new Section(new String(id, StandardCharsets.ISO_8859_1), (int) body, bytes, intact));
      body += bytes;
      position += 9 + idLength;
    }
    var end = (body + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return position == headEnd && end <= limit
        ? new Head(file.getLong(at + 8), List.copyOf(sections), (int) end)
        : null;
  }

  /** The changes of an intact section, sharing one array. */
  static List<ChangeRecord> changes(ByteBuffer file, Section section) {
    var bytes = new byte[section.bytes];
    file.get(section.at, bytes);
    var buffer = ByteBuffer.wrap(bytes);
    var changes = new ArrayList<ChangeRecord>();
    for (var at = 0; at < bytes.length; ) {
      var length = buffer.getInt(at + ChangeHash.LENGTH);
      changes.add(
          new ChangeRecord(
              ChangeHash.read(bytes, at), Bytes.wrap(bytes, at + CHANGE_HEADER_BYTES, length)));
      at += CHANGE_HEADER_BYTES + length;
    }
    return changes;
  }

  private static int sectionChecksum(
      ByteBuffer file, int id, int idLength, int body, int bytes, CRC32C crc) {
    crc.reset();
    update(crc, file, id, idLength);
    update(crc, file, body, bytes);
    return (int) crc.getValue();
  }

  private static int checksum(ByteBuffer file, int at, int length, CRC32C crc) {
    crc.reset();
    update(crc, file, at, length);
    return (int) crc.getValue();
  }

  /**
   * Updates the checksum with a part of the buffer. Restores position and limit, which is cheaper
   * than a view of the buffer.
   */
  private static void update(CRC32C crc, ByteBuffer file, int at, int length) {
    var position = file.position();
    var limit = file.limit();
    file.limit(at + length).position(at);
    crc.update(file);
    file.limit(limit).position(position);
  }
}
