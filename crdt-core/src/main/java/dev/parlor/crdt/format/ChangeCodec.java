package dev.parlor.crdt.format;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads change chunks, plain (type 1) and deflated (type 2), and splits runs of them [SY4].
 *
 * <h2>Layout</h2>
 *
 * A chunk is the magic {@code 85 6f 4a 83}, a checksum of four bytes, a type byte, a length and
 * that many bytes of contents. The checksum is the start of the SHA-256 over type 1, the plain
 * length and the plain contents. The contents of type 2 are a raw DEFLATE stream of the plain
 * contents.
 *
 * <h2>Refused although the checksum is correct</h2>
 *
 * A change is refused if a number is not in its shortest form, if its dependencies or actors are
 * not strictly ascending, or if its sequence number or first operation is zero or above 32 bits.
 * Automerge never writes such a change, and its hash would change when a document is saved and
 * loaded. Only the lengths of the operation columns are checked here; admission reads the columns.
 */
public final class ChangeCodec {

  private static final int MAGIC_0 = 0x85;
  private static final int MAGIC_1 = 0x6f;
  private static final int MAGIC_2 = 0x4a;
  private static final int MAGIC_3 = 0x83;
  private static final int CHECKSUM_LENGTH = 4;
  private static final int TYPE_OFFSET = 8;
  private static final int DOCUMENT = 0;
  private static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  /** Automerge keeps counters in 32 bits and aborts on larger ones. */
  private static final long COUNTER_MAX = 0xffff_ffffL;

  /** The bytes to which the chunks of one message may inflate, for each byte of the message. */
  private static final int INFLATED_PER_INPUT_BYTE_MAX = 16;

  /** The upper limit of the inflated bytes, as a number of changes of the largest size. */
  private static final int INFLATED_CHANGES_MAX = 8;

  private static final String CHUNK_RULE = "SY4";
  private static final String STRUCTURE_RULE = "AD1";
  private static final String LIMIT_RULE = "AD3";
  private static final String INFLATES_TOO_MUCH = "the changes of one message inflate to too much";

  private static final MessageDigest SHA_256 = newSha256();

  private ChangeCodec() {}

  /** Reads exactly one chunk; bytes after it are a failure. */
  public static Decoding<ChangeChunk> decode(Bytes chunk, FormatLimits limits) {
    var reader = new ByteReader(chunk);
    var type = readPreamble(reader);
    var length = reader.uleb("the chunk's length");
    if (reader.failed()) {
      return Decoding.malformed(CHUNK_RULE, reader.failure());
    }
    if (length != reader.remaining()) {
      return Decoding.malformed(CHUNK_RULE, "the chunk's length does not match its bytes");
    }
    return switch (type) {
      case CHANGE ->
          chunk.length() > limits.plainBytesMax()
              ? tooLarge(limits)
              : decodePlain(chunk, reader.position(), limits);
      case DEFLATED ->
          Inflate.toPlainChunk(chunk, reader.position(), limits.plainBytesMax())
              .flatMap(plain -> decodePlain(plain, contentsOffset(plain), limits));
      default -> Decoding.malformed(CHUNK_RULE, refusalOf(type));
    };
  }

  /**
   * Cuts concatenated change chunks into single chunks, which share the array. It reads only the
   * header of each chunk; {@link #decode} must still check the chunk. A document chunk is
   * Malformed.
   */
  public static Decoding<List<Bytes>> split(Bytes concatenated, FormatLimits limits) {
    return split(concatenated, limits, false);
  }

  /** As {@link #split}, but the list may contain document chunks, see {@link #isDocument}. */
  public static Decoding<List<Bytes>> splitWithDocuments(Bytes concatenated, FormatLimits limits) {
    return split(concatenated, limits, true);
  }

  private static Decoding<List<Bytes>> split(
      Bytes concatenated, FormatLimits limits, boolean takesDocuments) {
    var chunks = new ArrayList<Bytes>(1);
    var from = 0;
    while (from < concatenated.length()) {
      var reader = new ByteReader(concatenated.slice(from, concatenated.length() - from));
      var type = readPreamble(reader);
      var isDocument = takesDocuments && type == DOCUMENT;
      var lengthMax = isDocument ? Integer.MAX_VALUE : limits.plainBytesMax();
      var length = reader.count("the chunk's length", lengthMax);
      reader.bytes("the chunk's contents", length);
      if (reader.failed()) {
        return Decoding.malformed(CHUNK_RULE, reader.failure());
      }
      if (type != CHANGE && type != DEFLATED && !isDocument) {
        return Decoding.malformed(CHUNK_RULE, refusalOf(type));
      }
      chunks.add(concatenated.slice(from, reader.position()));
      from += reader.position();
    }
    return Decoding.of(List.copyOf(chunks));
  }

  /**
   * Reads the chunks of one message, each as {@link #decode} does. Together they may inflate to 16
   * times their bytes or to one change of the largest size, whichever is more, but never beyond
   * eight changes of the largest size. So a message of many small decompression bombs is refused.
   */
  public static Decoding<List<ChangeChunk>> decodeAll(List<Bytes> chunks, FormatLimits limits) {
    if (chunks.isEmpty()) {
      return Decoding.of(List.of());
    }
    var remaining = inflatedBytesMax(chunks, limits);
    var changes = new ArrayList<ChangeChunk>(chunks.size());
    for (var chunk : chunks) {
      switch (decode(chunk, limits)) {
        case Decoding.Decoded<ChangeChunk>(var change) -> {
          remaining -= change.plain().length();
          changes.add(change);
        }
        case Decoding.Malformed<ChangeChunk> malformed -> {
          return malformed.cast();
        }
      }
      if (remaining < 0) {
        return Decoding.malformed(LIMIT_RULE, INFLATES_TOO_MUCH);
      }
    }
    return Decoding.of(List.copyOf(changes));
  }

  private static long inflatedBytesMax(List<Bytes> chunks, FormatLimits limits) {
    var bytes = 0L;
    for (var chunk : chunks) {
      bytes += chunk.length();
    }
    var changeBytesMax = (long) limits.plainBytesMax();
    return Math.max(
        bytes,
        Math.clamp(
            bytes * INFLATED_PER_INPUT_BYTE_MAX,
            changeBytesMax,
            INFLATED_CHANGES_MAX * changeBytesMax));
  }

  /**
   * Reads the chunks of one message as {@link #decodeAll} does, but lists a malformed or too large
   * change [AD1] [AD3] as unread and continues with the next change. The whole message is Malformed
   * only if a chunk is broken [SY4].
   *
   * <p>Unread changes may inflate to eight changes of the largest size, in addition to the limit of
   * {@link #decodeAll}. When either limit is reached, all further changes are listed as unread
   * without being inflated. Reading ends when more than {@code unreadMax} changes are unread.
   */
  public static Decoding<DecodedChanges> decodeEach(
      List<Bytes> chunks, FormatLimits limits, int unreadMax) {
    var remaining = inflatedBytesMax(chunks, limits);
    var changes = new ArrayList<ChangeChunk>(chunks.size());
    var unread = new ArrayList<DecodedChanges.Unread>(0);
    var unreadBytes = 0L;
    var unreadBytesMax = (long) INFLATED_CHANGES_MAX * limits.plainBytesMax();
    for (var chunk : chunks) {
      var mayInflate = remaining >= 0 && unreadBytes < unreadBytesMax;
      var decoded = mayInflate ? decode(chunk, limits) : refuseWithoutInflating(chunk);
      switch (decoded) {
        case Decoding.Decoded<ChangeChunk>(var change) -> {
          remaining -= change.plain().length();
          changes.add(change);
        }
        case Decoding.Malformed<ChangeChunk>(var rule, var reason) -> {
          if (rule.equals(CHUNK_RULE)) {
            return Decoding.malformed(rule, reason);
          }
          unreadBytes += mayInflate && isDeflated(chunk) ? limits.plainBytesMax() : chunk.length();
          unread.add(new DecodedChanges.Unread(checksumOf(chunk), rule, reason));
        }
      }
      if (unread.size() > unreadMax) {
        break;
      }
    }
    return Decoding.of(new DecodedChanges(changes, unread, unreadBytes));
  }

  private static Decoding<ChangeChunk> refuseWithoutInflating(Bytes chunk) {
    var reader = new ByteReader(chunk);
    readPreamble(reader);
    return reader.failed()
        ? Decoding.malformed(CHUNK_RULE, reader.failure())
        : Decoding.malformed(LIMIT_RULE, INFLATES_TOO_MUCH);
  }

  private static int checksumOf(Bytes chunk) {
    var checksum = 0;
    for (var i = 0; i < CHECKSUM_LENGTH; i++) {
      checksum = (checksum << 8) | (chunk.at(CHECKSUM_LENGTH + i) & 0xff);
    }
    return checksum;
  }

  /** Whether the type byte of the chunk says that it is a document. */
  public static boolean isDocument(Bytes chunk) {
    return chunk.length() > TYPE_OFFSET && chunk.at(TYPE_OFFSET) == DOCUMENT;
  }

  /** Whether the type byte of the chunk says that it is deflated. */
  public static boolean isDeflated(Bytes chunk) {
    return chunk.length() > TYPE_OFFSET && chunk.at(TYPE_OFFSET) == DEFLATED;
  }

  private static int readPreamble(ByteReader reader) {
    var field = "the chunk's header";
    var magic =
        reader.u8(field) == MAGIC_0
            && reader.u8(field) == MAGIC_1
            && reader.u8(field) == MAGIC_2
            && reader.u8(field) == MAGIC_3;
    if (!magic) {
      reader.fail("a chunk starts with the bytes 85 6f 4a 83");
    }
    reader.bytes(field, CHECKSUM_LENGTH);
    return reader.u8(field);
  }

  private static String refusalOf(int type) {
    return type == DOCUMENT
        ? "a document chunk is not accepted here, only changes"
        : "the chunk's type " + type + " is unknown";
  }

  private static <T> Decoding<T> tooLarge(FormatLimits limits) {
    return Decoding.malformed(
        LIMIT_RULE, "the change exceeds " + limits.plainBytesMax() + " bytes");
  }

  private static int contentsOffset(Bytes plain) {
    var reader = new ByteReader(plain.slice(TYPE_OFFSET + 1, plain.length() - TYPE_OFFSET - 1));
    reader.uleb("the chunk's length");
    return TYPE_OFFSET + 1 + reader.position();
  }

  private static Decoding<ChangeChunk> decodePlain(Bytes plain, int at, FormatLimits limits) {
    var hash = hash(plain);
    if (!hasChecksum(plain, hash)) {
      return Decoding.malformed(CHUNK_RULE, "the checksum of the change is wrong");
    }
    var reader = new ByteReader(plain.slice(at, plain.length() - at));
    var deps = reader.hashes("the dependencies", limits.dependenciesMax());
    var actor = new ActorId(reader.prefixed("the actor", limits.actorBytesMax()));
    var seq = reader.uleb("seq");
    var startOp = reader.uleb("startOp");
    var time = reader.sleb("time");
    var message = reader.text("the message", limits.messageBytesMax());
    var otherActors = actors(reader, limits);
    var columnsOffset = at + reader.position();
    checkColumnLengths(reader);
    if (reader.failed()) {
      return Decoding.malformed(STRUCTURE_RULE, reader.failure());
    }
    if (seq < 1 || seq > COUNTER_MAX || startOp < 1 || startOp > COUNTER_MAX) {
      return Decoding.malformed(STRUCTURE_RULE, "seq and startOp lie between 1 and 2^32 - 1");
    }
    if (!ascending(deps)) {
      return Decoding.malformed(STRUCTURE_RULE, "the dependencies are not strictly ascending");
    }
    if (!ascending(otherActors) || otherActors.contains(actor)) {
      return Decoding.malformed(STRUCTURE_RULE, "the other actors are not strictly ascending");
    }
    var columns = plain.slice(columnsOffset, plain.length() - columnsOffset);
    return Decoding.of(
        new ChangeChunk(
            hash, actor, seq, startOp, time, message, deps, otherActors, columns, plain));
  }

  /** Whether the chunk's checksum is the start of this hash. */
  private static boolean hasChecksum(Bytes chunk, ChangeHash hash) {
    return checksumOf(chunk) == (int) (hash.a() >>> 32);
  }

  private static List<ActorId> actors(ByteReader reader, FormatLimits limits) {
    var count = reader.count("the number of other actors", limits.actorsMax());
    if (count > reader.remaining()) {
      reader.fail("the bytes end within the other actors");
      return List.of();
    }
    var actors = new ArrayList<ActorId>(count);
    for (var i = 0; i < count && !reader.failed(); i++) {
      actors.add(new ActorId(reader.prefixed("another actor", limits.actorBytesMax())));
    }
    return actors;
  }

  /** Checks that the column table is ordered and that the columns fit into the remaining bytes. */
  private static void checkColumnLengths(ByteReader reader) {
    var count = reader.count("the number of columns", 256);
    var total = 0L;
    var previous = -1L;
    for (var i = 0; i < count && !reader.failed(); i++) {
      var spec = reader.uleb("a column's specification");
      total += reader.count("a column's length", Integer.MAX_VALUE);
      if (spec <= previous || spec > COUNTER_MAX) {
        reader.fail("the columns are not in ascending order");
      }
      previous = spec;
    }
    if (total > reader.remaining()) {
      reader.fail("the bytes end within the columns");
    }
  }

  private static <T extends Comparable<T>> boolean ascending(List<T> items) {
    for (var i = 1; i < items.size(); i++) {
      if (items.get(i - 1).compareTo(items.get(i)) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static ChangeHash hash(Bytes plain) {
    var sha256 = sha256();
    plain.slice(TYPE_OFFSET, plain.length() - TYPE_OFFSET).update(sha256);
    return ChangeHash.read(sha256.digest(), 0);
  }

  /**
   * A copy of a prepared digest: looking up the algorithm takes longer than hashing a short change.
   */
  static MessageDigest sha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be copied", e);
    }
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The contents of a document chunk (type 0), without a copy; Malformed unless the bytes are
   * exactly one document chunk with a correct checksum.
   */
  public static Decoding<Bytes> documentContents(Bytes chunk) {
    var reader = new ByteReader(chunk);
    var type = readPreamble(reader);
    var length = reader.count("the chunk's length", Integer.MAX_VALUE);
    var contents = reader.bytes("the chunk's contents", length);
    if (reader.failed()) {
      return Decoding.malformed(CHUNK_RULE, reader.failure());
    }
    if (type != DOCUMENT) {
      return Decoding.malformed(CHUNK_RULE, "the chunk is no document");
    }
    if (reader.remaining() > 0) {
      return Decoding.malformed(CHUNK_RULE, "bytes follow the document");
    }
    return hasChecksum(chunk, hash(chunk))
        ? Decoding.of(contents)
        : Decoding.malformed(CHUNK_RULE, "the checksum of the document is wrong");
  }

  /** Makes a plain chunk of inflated contents, with the checksum of the deflated chunk. */
  static Bytes plainChunk(Bytes deflatedChunk, byte[] contents, int length) {
    return new ByteWriter(TYPE_OFFSET + 1 + ByteWriter.ulebLength(length) + length)
        .bytes(deflatedChunk.slice(0, TYPE_OFFSET))
        .u8(CHANGE)
        .prefixed(Bytes.wrap(contents, 0, length))
        .toBytes();
  }
}
