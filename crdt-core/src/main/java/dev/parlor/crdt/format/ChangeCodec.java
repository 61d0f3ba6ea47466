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
 * A chunk is the magic {@code 85 6f 4a 83}, a checksum of four bytes, a type byte, a length and as
 * many bytes of contents. The checksum is the start of the SHA-256 over type 1, the plain length
 * and the plain contents; the contents of type 2 are a raw DEFLATE stream of those.
 *
 * <h2>Further refusals</h2>
 *
 * Refused are numbers that are not in their shortest form, dependencies or actors that are not
 * strictly ascending, and a sequence number or first operation of zero or above 32 bits. Automerge
 * never writes them, and a document with them would change its hashes when it is saved and loaded.
 * Only the lengths of the operation columns are checked here; admission reads them.
 */
public final class ChangeCodec {

  private static final int MAGIC_0 = 0x85;
  private static final int MAGIC_1 = 0x6f;
  private static final int MAGIC_2 = 0x4a;
  private static final int MAGIC_3 = 0x83;
  private static final int CHECKSUM_LENGTH = 4;
  private static final int TYPE_AT = 8;
  private static final int DOCUMENT = 0;
  private static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  /** Automerge keeps counters in 32 bits and aborts on larger ones. */
  private static final long COUNTER_MAX = 0xffff_ffffL;

  /** The most bytes to which a list of chunks may inflate, as a multiple of its own bytes. */
  private static final int GROWTH_MAX = 16;

  /** The same as a multiple of the largest change. */
  private static final int LARGEST_MAX = 8;

  private static final String RULE = "SY4";
  private static final String STRUCTURE = "AD1";
  private static final String LIMIT = "AD3";
  private static final String INFLATED = "the changes of one message inflate to too much";

  private static final MessageDigest SHA_256 = lookUp();

  private ChangeCodec() {}

  /** Reads exactly one chunk; bytes after it are a failure. */
  public static Decoding<ChangeChunk> decode(Bytes chunk, FormatLimits limits) {
    var reader = new ByteReader(chunk);
    var type = readPreamble(reader);
    var length = reader.uleb("the chunk's length");
    if (reader.failed()) {
      return Decoding.malformed(RULE, reader.failure());
    }
    if (length != reader.remaining()) {
      return Decoding.malformed(RULE, "the chunk's length does not match its bytes");
    }
    return switch (type) {
      case CHANGE ->
          chunk.length() > limits.plainBytesMax()
              ? tooLarge(limits)
              : decodePlain(chunk, reader.position(), limits);
      case DEFLATED ->
          Inflate.toPlainChunk(chunk, reader.position(), limits.plainBytesMax())
              .flatMap(plain -> decodePlain(plain, contentsAt(plain), limits));
      default -> Decoding.malformed(RULE, refusalOf(type));
    };
  }

  /**
   * Cuts a run of change chunks into single ones, which share its array. Only the frames are read;
   * {@link #decode} still checks each piece. A document chunk among them is Malformed: peers must
   * send changes [SY3].
   */
  public static Decoding<List<Bytes>> split(Bytes concatenated, FormatLimits limits) {
    var chunks = new ArrayList<Bytes>(1);
    var from = 0;
    while (from < concatenated.length()) {
      var reader = new ByteReader(concatenated.slice(from, concatenated.length() - from));
      var type = readPreamble(reader);
      var length = reader.count("the chunk's length", limits.plainBytesMax());
      reader.bytes("the chunk's contents", length);
      if (reader.failed()) {
        return Decoding.malformed(RULE, reader.failure());
      }
      if (type != CHANGE && type != DEFLATED) {
        return Decoding.malformed(RULE, refusalOf(type));
      }
      chunks.add(concatenated.slice(from, reader.position()));
      from += reader.position();
    }
    return Decoding.of(List.copyOf(chunks));
  }

  /**
   * Reads chunks of one message, each as {@link #decode} does. Together they inflate to at most 16
   * times their bytes or one change of the largest size, whichever is more, and to at most eight
   * changes of the largest size. So a message of many small decompression bombs is refused.
   */
  public static Decoding<List<ChangeChunk>> decodeAll(List<Bytes> chunks, FormatLimits limits) {
    if (chunks.isEmpty()) {
      return Decoding.of(List.of());
    }
    var left = inflatedMax(chunks, limits);
    var changes = new ArrayList<ChangeChunk>(chunks.size());
    for (var chunk : chunks) {
      switch (decode(chunk, limits)) {
        case Decoding.Decoded<ChangeChunk>(var change) -> {
          left -= change.plain().length();
          changes.add(change);
        }
        case Decoding.Malformed<ChangeChunk> malformed -> {
          return malformed.cast();
        }
      }
      if (left < 0) {
        return Decoding.malformed(LIMIT, INFLATED);
      }
    }
    return Decoding.of(List.copyOf(changes));
  }

  private static long inflatedMax(List<Bytes> chunks, FormatLimits limits) {
    var bytes = 0L;
    for (var chunk : chunks) {
      bytes += chunk.length();
    }
    var most = (long) limits.plainBytesMax();
    return Math.max(bytes, Math.clamp(bytes * GROWTH_MAX, most, LARGEST_MAX * most));
  }

  /**
   * Reads chunks of one message as {@link #decodeAll} does, but a change that is malformed or too
   * large [AD1] [AD3] is left out and named; the others are read on. Those may have inflated to as
   * much as eight of the largest changes besides; after either sum the rest is left out without
   * being inflated. After {@code unreadMax} that are left out nothing more is read. Malformed is
   * the whole only when a chunk is broken [SY4].
   */
  public static Decoding<DecodedChanges> decodeEach(
      List<Bytes> chunks, FormatLimits limits, int unreadMax) {
    var left = inflatedMax(chunks, limits);
    var changes = new ArrayList<ChangeChunk>(chunks.size());
    var unread = new ArrayList<DecodedChanges.Unread>(0);
    var unreadBytes = 0L;
    var unreadBytesMax = (long) LARGEST_MAX * limits.plainBytesMax();
    for (var chunk : chunks) {
      var readable = left >= 0 && unreadBytes < unreadBytesMax;
      var decoded = readable ? decode(chunk, limits) : beyond(chunk);
      switch (decoded) {
        case Decoding.Decoded<ChangeChunk>(var change) -> {
          left -= change.plain().length();
          changes.add(change);
        }
        case Decoding.Malformed<ChangeChunk>(var rule, var reason) -> {
          if (rule.equals(RULE)) {
            return Decoding.malformed(rule, reason);
          }
          unreadBytes += readable && isDeflated(chunk) ? limits.plainBytesMax() : chunk.length();
          unread.add(new DecodedChanges.Unread(checksumOf(chunk), rule, reason));
        }
      }
      if (unread.size() > unreadMax) {
        break;
      }
    }
    return Decoding.of(new DecodedChanges(changes, unread, unreadBytes));
  }

  private static Decoding<ChangeChunk> beyond(Bytes chunk) {
    var reader = new ByteReader(chunk);
    readPreamble(reader);
    return reader.failed()
        ? Decoding.malformed(RULE, reader.failure())
        : Decoding.malformed(LIMIT, INFLATED);
  }

  private static int checksumOf(Bytes chunk) {
    var checksum = 0;
    for (var i = 0; i < CHECKSUM_LENGTH; i++) {
      checksum = (checksum << 8) | (chunk.at(CHECKSUM_LENGTH + i) & 0xff);
    }
    return checksum;
  }

  /** Whether the chunk says that it is deflated; reads one byte. */
  public static boolean isDeflated(Bytes chunk) {
    return chunk.length() > TYPE_AT && chunk.at(TYPE_AT) == DEFLATED;
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
    return Decoding.malformed(LIMIT, "the change exceeds " + limits.plainBytesMax() + " bytes");
  }

  private static int contentsAt(Bytes plain) {
    var reader = new ByteReader(plain.slice(TYPE_AT + 1, plain.length() - TYPE_AT - 1));
    reader.uleb("the chunk's length");
    return TYPE_AT + 1 + reader.position();
  }

  private static Decoding<ChangeChunk> decodePlain(Bytes plain, int at, FormatLimits limits) {
    var hash = hash(plain);
    for (var i = 0; i < CHECKSUM_LENGTH; i++) {
      if (plain.at(CHECKSUM_LENGTH + i) != (int) ((hash.a() >>> (56 - 8 * i)) & 0xff)) {
        return Decoding.malformed(RULE, "the checksum of the change is wrong");
      }
    }
    var reader = new ByteReader(plain.slice(at, plain.length() - at));
    var deps = reader.hashes("the dependencies", limits.dependenciesMax());
    var actor = new ActorId(reader.prefixed("the actor", limits.actorBytesMax()));
    var seq = reader.uleb("seq");
    var startOp = reader.uleb("startOp");
    var time = reader.sleb("time");
    var message = reader.text("the message", limits.messageBytesMax());
    var otherActors = actors(reader, limits);
    var columnsAt = at + reader.position();
    measureColumns(reader);
    if (reader.failed()) {
      return Decoding.malformed(STRUCTURE, reader.failure());
    }
    if (seq < 1 || seq > COUNTER_MAX || startOp < 1 || startOp > COUNTER_MAX) {
      return Decoding.malformed(STRUCTURE, "seq and startOp lie between 1 and 2^32 - 1");
    }
    if (!ascending(deps)) {
      return Decoding.malformed(STRUCTURE, "the dependencies are not strictly ascending");
    }
    if (!ascending(otherActors) || otherActors.contains(actor)) {
      return Decoding.malformed(STRUCTURE, "the other actors are not strictly ascending");
    }
    var columns = plain.slice(columnsAt, plain.length() - columnsAt);
    return Decoding.of(
        new ChangeChunk(
            hash, actor, seq, startOp, time, message, deps, otherActors, columns, plain));
  }

  private static List<ActorId> actors(ByteReader reader, FormatLimits limits) {
    var count = reader.count("the number of other actors", limits.actorsMax());
    if (count == 0 || count > reader.remaining()) {
      if (count > 0) {
        reader.fail("the bytes end within the other actors");
      }
      return List.of();
    }
    var actors = new ArrayList<ActorId>(count);
    for (var i = 0; i < count && !reader.failed(); i++) {
      actors.add(new ActorId(reader.prefixed("another actor", limits.actorBytesMax())));
    }
    return actors;
  }

  /**
   * Checks that the column table is ordered and that the columns fit into the rest of the chunk.
   */
  private static void measureColumns(ByteReader reader) {
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
    plain.slice(TYPE_AT, plain.length() - TYPE_AT).update(sha256);
    return ChangeHash.read(sha256.digest(), 0);
  }

  /**
   * A copy of a prepared digest, since looking up the algorithm costs more than hashing a short
   * change.
   */
  private static MessageDigest sha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be copied", e);
    }
  }

  private static MessageDigest lookUp() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Puts plain contents into a chunk with the checksum that the deflated one carried. */
  static Bytes plainChunk(Bytes deflatedChunk, byte[] contents, int length) {
    return new ByteWriter(TYPE_AT + 1 + ByteWriter.ulebLength(length) + length)
        .bytes(deflatedChunk.slice(0, TYPE_AT))
        .u8(CHANGE)
        .prefixed(Bytes.wrap(contents, 0, length))
        .toBytes();
  }
}
