package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.security.MessageDigest;
import java.util.List;

/**
 * Encodes changes as plain chunks (type 1) and computes their hashes. The result is the same as
 * that of {@link ChangeCodec#decode} for the bytes, without reading them again. The caller answers
 * for the rules that {@link ChangeCodec#decode} checks. It reuses its buffers, so it is for one
 * thread.
 */
public final class ChunkEncoder {

  /** Magic bytes, four bytes for the checksum, and the type of a plain change. */
  private static final byte[] PREAMBLE = {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83, 0, 0, 0, 0, 1};

  private static final int CHECKSUM_OFFSET = 4;
  private static final int CHECKSUM_LENGTH = 4;

  private final MessageDigest sha256 = ChangeCodec.sha256();
  private final ByteWriter fields = new ByteWriter(256);

  /**
   * The header of a change.
   *
   * @param dependencies strictly ascending
   * @param otherActors strictly ascending, without the author
   */
  public record Header(
      List<ChangeHash> dependencies,
      ActorId actor,
      long sequence,
      long startOperation,
      long time,
      Bytes message,
      List<ActorId> otherActors) {}

  /**
   * Encodes a change.
   *
   * @param columns the table of the columns, the columns, and the extra bytes after them
   */
  public ChangeChunk encode(Header header, ByteWriter columns) {
    fields.clear();
    fields.hashes(header.dependencies()).prefixed(header.actor().bytes());
    fields.uleb(header.sequence()).uleb(header.startOperation()).sleb(header.time());
    fields.prefixed(header.message()).uleb(header.otherActors().size());
    for (var other : header.otherActors()) {
      fields.prefixed(other.bytes());
    }
    var length = fields.size() + columns.size();
    var fieldsAt = PREAMBLE.length + ByteWriter.ulebLength(length);
    var chunk = new byte[fieldsAt + length];
    System.arraycopy(PREAMBLE, 0, chunk, 0, PREAMBLE.length);
    writeLength(chunk, length);
    fields.copyTo(chunk, fieldsAt);
    columns.copyTo(chunk, fieldsAt + fields.size());
    var hash = hash(chunk);
    writeChecksum(chunk, hash);
    var plain = Bytes.wrap(chunk);
    return new ChangeChunk(
        hash,
        header.actor(),
        header.sequence(),
        header.startOperation(),
        header.time(),
        header.message().isEmpty() ? "" : header.message().toUtf8(),
        header.dependencies(),
        header.otherActors(),
        plain.slice(fieldsAt + fields.size(), columns.size()),
        plain);
  }

  /** Makes a document chunk (type 0) of its contents. */
  public static Bytes document(ByteWriter contents) {
    var contentsAt = PREAMBLE.length + ByteWriter.ulebLength(contents.size());
    var chunk = new byte[contentsAt + contents.size()];
    System.arraycopy(PREAMBLE, 0, chunk, 0, PREAMBLE.length);
    chunk[PREAMBLE.length - 1] = 0;
    writeLength(chunk, contents.size());
    contents.copyTo(chunk, contentsAt);
    writeChecksum(chunk, new ChunkEncoder().hash(chunk));
    return Bytes.wrap(chunk);
  }

  private static void writeChecksum(byte[] chunk, ChangeHash hash) {
    for (var i = 0; i < CHECKSUM_LENGTH; i++) {
      chunk[CHECKSUM_OFFSET + i] = (byte) (hash.a() >>> (56 - 8 * i));
    }
  }

  private static void writeLength(byte[] chunk, int length) {
    var at = PREAMBLE.length;
    var remaining = length;
    while (remaining > 0x7f) {
      chunk[at++] = (byte) ((remaining & 0x7f) | 0x80);
      remaining >>>= 7;
    }
    chunk[at] = (byte) remaining;
  }

  private ChangeHash hash(byte[] chunk) {
    var from = CHECKSUM_OFFSET + CHECKSUM_LENGTH;
    sha256.update(chunk, from, chunk.length - from);
    return ChangeHash.read(sha256.digest(), 0);
  }
}
