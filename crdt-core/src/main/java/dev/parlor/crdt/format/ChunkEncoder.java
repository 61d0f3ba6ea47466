package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.security.MessageDigest;
import java.util.List;

/**
 * Encodes one change as a plain chunk (type 1) and computes its hash. The result is the same as
 * that of {@link ChangeCodec#decode} for the bytes, without reading them again. The caller answers
 * for the rules that {@link ChangeCodec#decode} checks. Pure.
 */
public final class ChunkEncoder {

  /** Magic bytes, four bytes for the checksum, and the type of a plain change. */
  private static final byte[] PREAMBLE = {(byte) 0x85, 0x6f, 0x4a, (byte) 0x83, 0, 0, 0, 0, 1};

  private static final int CHECKSUM_OFFSET = 4;
  private static final int CHECKSUM_LENGTH = 4;

  private ChunkEncoder() {}

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
      List<ActorId> otherActors) {

    private ByteWriter encoded() {
      var out = new ByteWriter(96 + dependencies.size() * ChangeHash.LENGTH + message.length());
      out.hashes(dependencies).prefixed(actor.bytes()).uleb(sequence).uleb(startOperation);
      out.sleb(time).prefixed(message).uleb(otherActors.size());
      for (var other : otherActors) {
        out.prefixed(other.bytes());
      }
      return out;
    }
  }

  /**
   * The change with this header.
   *
   * @param columns the table of the columns, the columns, and the extra bytes after them
   */
  public static ChangeChunk encode(Header header, Bytes columns) {
    var fields = header.encoded().toBytes();
    var length = fields.length() + columns.length();
    var size = PREAMBLE.length + ByteWriter.ulebLength(length) + length;
    var chunk =
        new ByteWriter(size)
            .bytes(Bytes.wrap(PREAMBLE))
            .uleb(length)
            .bytes(fields)
            .bytes(columns)
            .toArray();
    var hash = hash(chunk);
    for (var i = 0; i < CHECKSUM_LENGTH; i++) {
      chunk[CHECKSUM_OFFSET + i] = (byte) (hash.a() >>> (56 - 8 * i));
    }
    var plain = Bytes.wrap(chunk);
    return new ChangeChunk(
        hash,
        header.actor(),
        header.sequence(),
        header.startOperation(),
        header.time(),
        header.message().toUtf8(),
        header.dependencies(),
        header.otherActors(),
        plain.slice(size - columns.length(), columns.length()),
        plain);
  }

  private static ChangeHash hash(byte[] chunk) {
    MessageDigest sha256 = ChangeCodec.sha256();
    var from = CHECKSUM_OFFSET + CHECKSUM_LENGTH;
    sha256.update(chunk, from, chunk.length - from);
    return ChangeHash.read(sha256.digest(), 0);
  }
}
