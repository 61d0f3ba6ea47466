package dev.parlor.crdt.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.automerge.ObjectType;

/**
 * Properties of {@link ChangeCodec} for changes that the Automerge bindings wrote, and for damaged
 * changes.
 */
class ChangeCodecProperties {

  private static final FormatLimits LIMITS = FormatLimits.DEFAULT;

  // A chunk: four magic bytes, four bytes of checksum, one byte for the type, then its contents
  // after their length.
  private static final String MAGIC = "856f4a83";
  private static final int TYPE_OFFSET = 8;
  private static final int PLAIN_TYPE = 1;
  private static final int DEFLATED_TYPE = 2;

  /** The end of a change without other actors and without columns. */
  private static final Bytes NO_ACTORS_NO_COLUMNS = Bytes.ofHex("0000");

  /** Limits with at most 1 MiB for a change. */
  private static final FormatLimits SMALL_LIMITS = new FormatLimits(1 << 20, 100, 100, 64, 1000);

  private static final Bytes SAMPLE_CHANGES = randomChanges(1, 20, "some text of a certain length");

  /** The changes of three actors that edited a document at random with the Automerge bindings. */
  private static Bytes randomChanges(long seed, int edits, String text) {
    var random = new Random(seed);
    var documents = new ArrayList<Document>();
    for (var i = 0; i < 3; i++) {
      var actor = new byte[16];
      random.nextBytes(actor);
      documents.add(new Document(actor));
    }
    for (var i = 0; i < edits; i++) {
      var document = documents.get(random.nextInt(3));
      try (var transaction = document.startTransaction()) {
        if (random.nextBoolean()) {
          var object = transaction.set(ObjectId.ROOT, "t" + random.nextInt(2), ObjectType.TEXT);
          transaction.spliceText(object, 0, 0, text);
        } else {
          transaction.set(ObjectId.ROOT, "k" + random.nextInt(5), text);
        }
        transaction.commit();
      }
      if (random.nextInt(3) == 0) {
        document.merge(documents.get(random.nextInt(3)));
      }
    }
    var merged = documents.getFirst();
    documents.forEach(merged::merge);
    var bytes = Bytes.wrap(merged.encodeChangesSince(new org.automerge.ChangeHash[0]));
    documents.forEach(Document::free);
    return bytes;
  }

  /** The chunk in its deflated form, with the checksum of the plain form as Automerge writes it. */
  static Bytes deflated(Bytes plain) {
    var contents = contentsOf(plain).toArray();
    var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    deflater.setInput(contents);
    deflater.finish();
    var out = new ByteArrayOutputStream();
    var buffer = new byte[4096];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return new ByteWriter(64)
        .bytes(plain.slice(0, TYPE_OFFSET))
        .u8(DEFLATED_TYPE)
        .prefixed(Bytes.wrap(out.toByteArray()))
        .toBytes();
  }

  @Property(tries = 60)
  @Label(
      "[SY4] every change of the Automerge bindings decodes; its plain and its deflated form decode to an equal change")
  void changesOfTheBindingsRoundTrip(
      @ForAll long seed,
      @ForAll @IntRange(max = 25) int edits,
      @ForAll @StringLength(max = 200) String text) {
    // Replaces unpaired surrogates, which UTF-8 cannot encode.
    var validText = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    var changes = randomChanges(seed, edits, validText);
    var chunks = ChangeCodec.split(changes, LIMITS).orElseThrow();
    assertEquals(changes, Bytes.concat(chunks));
    for (var chunk : chunks) {
      var change = ChangeCodec.decode(chunk, LIMITS).orElseThrow();
      assertEquals(chunk, change.plain());
      assertEquals(change, ChangeCodec.decode(change.plain(), LIMITS).orElseThrow());
      assertEquals(change, ChangeCodec.decode(deflated(chunk), LIMITS).orElseThrow());
    }
  }

  @Property(tries = 2_000)
  @Label("[SY4] decoding arbitrary bytes never throws and returns Malformed")
  void arbitraryBytesNeverThrow(@ForAll @Size(max = 300) byte[] bytes, @ForAll boolean hasHeader) {
    var input = hasHeader ? withChunkHeader(bytes) : Bytes.copyOf(bytes);
    assertInstanceOf(Decoding.Malformed.class, ChangeCodec.decode(input, LIMITS));
    ChangeCodec.split(input, LIMITS);
  }

  /** A chunk with these contents, one of three types and a wrong checksum. */
  private static Bytes withChunkHeader(byte[] bytes) {
    return new ByteWriter(64)
        .bytes(Bytes.ofHex(MAGIC + "00000000"))
        .u8(bytes.length % 3)
        .prefixed(Bytes.copyOf(bytes))
        .toBytes();
  }

  @Property(tries = 1_000)
  @Label(
      "[SY4] decoding a change with altered bytes never throws; the change is refused or equals the original")
  void alteredChangesNeverThrow(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int alteredBytes) {
    var random = new Random(seed);
    var chunks = ChangeCodec.split(SAMPLE_CHANGES, LIMITS).orElseThrow();
    var chunk = chunks.get(random.nextInt(chunks.size()));
    var bytes = (random.nextBoolean() ? deflated(chunk) : chunk).toArray();
    var original = bytes.clone();
    for (var i = 0; i < alteredBytes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    if (!Arrays.equals(original, bytes)) {
      var outcome = ChangeCodec.decode(Bytes.copyOf(bytes), LIMITS);
      // Different deflate streams can inflate to the same bytes and so to the same change.
      if (outcome instanceof Decoding.Decoded<ChangeChunk>(var change)) {
        assertTrue(chunks.contains(change.plain()));
      }
    }
    ChangeCodec.split(Bytes.copyOf(bytes), LIMITS);
  }

  @Property(tries = 3_000)
  @Label("[AD1] decoding altered or cut contents with a correct checksum never throws")
  void alteredContentsWithACorrectChecksumNeverThrow(
      @ForAll long seed, @ForAll @IntRange(max = 6) int alteredBytes) {
    var random = new Random(seed);
    var chunks = ChangeCodec.split(SAMPLE_CHANGES, LIMITS).orElseThrow();
    var contents = contentsOf(chunks.get(random.nextInt(chunks.size()))).toArray();
    for (var i = 0; i < alteredBytes; i++) {
      contents[random.nextInt(contents.length)] = (byte) random.nextInt();
    }
    var chunk =
        plainChunk(Bytes.wrap(Arrays.copyOf(contents, random.nextInt(contents.length + 1))));
    if (ChangeCodec.decode(chunk, LIMITS) instanceof Decoding.Decoded<ChangeChunk>(var change)) {
      assertEquals(chunk, change.plain());
    }
  }

  /** The contents of a plain chunk: the chunk without header and length. */
  static Bytes contentsOf(Bytes plain) {
    var reader = new ByteReader(plain.slice(TYPE_OFFSET + 1, plain.length() - TYPE_OFFSET - 1));
    return reader.prefixed("contents", Integer.MAX_VALUE);
  }

  /** A plain chunk with arbitrary contents and a correct checksum. Never passed to the bindings. */
  static Bytes plainChunk(Bytes contents) {
    try {
      var body = new ByteWriter(16).u8(PLAIN_TYPE).prefixed(contents).toBytes();
      var digest = java.security.MessageDigest.getInstance("SHA-256").digest(body.toArray());
      return new ByteWriter(64)
          .bytes(Bytes.ofHex(MAGIC))
          .bytes(Bytes.wrap(digest, 0, 4))
          .bytes(body)
          .toBytes();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The contents of a change up to its commit message, which is empty. */
  private static ByteWriter changeHeader(long seq, long startOp) {
    return new ByteWriter(64)
        .uleb(0) // number of dependencies
        .prefixed(Bytes.wrap(new byte[16])) // actor
        .uleb(seq)
        .uleb(startOp)
        .u8(0) // time
        .uleb(0); // length of the message
  }

  /** "accepted", or the rule by which a change with these contents is refused. */
  private static String outcomeOf(Bytes contents) {
    return switch (ChangeCodec.decode(plainChunk(contents), LIMITS)) {
      case Decoding.Decoded<ChangeChunk> _ -> "accepted";
      case Decoding.Malformed<ChangeChunk>(var rule, _) -> rule;
    };
  }

  @Example
  @Label(
      "[AD1] encodings that Automerge never writes are refused: counters out of range, unsorted lists, padded numbers")
  void encodingsThatAutomergeNeverWritesAreRefused() {
    assertEquals("accepted", outcomeOf(changeHeader(1, 1).bytes(NO_ACTORS_NO_COLUMNS).toBytes()));
    assertEquals("AD1", outcomeOf(changeHeader(0, 1).bytes(NO_ACTORS_NO_COLUMNS).toBytes()));
    assertEquals("AD1", outcomeOf(changeHeader(1, 0).bytes(NO_ACTORS_NO_COLUMNS).toBytes()));
    assertEquals("AD1", outcomeOf(changeHeader(1, 1L << 32).bytes(NO_ACTORS_NO_COLUMNS).toBytes()));
    assertEquals("AD1", outcomeOf(changeHeader(1L << 40, 1).bytes(NO_ACTORS_NO_COLUMNS).toBytes()));
    // One dependency, and the same dependency twice.
    var hash = "11".repeat(32);
    var afterDependencies = "10" + "00".repeat(16) + "0101" + "0000" + "0000";
    assertEquals("accepted", outcomeOf(Bytes.ofHex("01" + hash + afterDependencies)));
    assertEquals("AD1", outcomeOf(Bytes.ofHex("02" + hash + hash + afterDependencies)));
    // The other actors 02 and 01, in descending and then in ascending order.
    assertEquals(
        "AD1", outcomeOf(changeHeader(1, 1).bytes(Bytes.ofHex("0201020101" + "00")).toBytes()));
    assertEquals(
        "accepted",
        outcomeOf(changeHeader(1, 1).bytes(Bytes.ofHex("0201010102" + "00")).toBytes()));
    // The number of dependencies, 0, in two bytes instead of one.
    assertEquals("AD1", outcomeOf(Bytes.ofHex("8000" + afterDependencies)));
    // A column longer than the chunk.
    assertEquals(
        "AD1", outcomeOf(changeHeader(1, 1).bytes(Bytes.ofHex("00" + "011505aa")).toBytes()));
    // The same column twice.
    assertEquals(
        "AD1", outcomeOf(changeHeader(1, 1).bytes(Bytes.ofHex("00" + "0215001500")).toBytes()));
  }

  @Example
  @Label(
      "[AD3] a decompression bomb is refused; inflating it allocates at most a few times the size limit of a change")
  void aDecompressionBombIsCapped() {
    var bomb = deflated(plainChunk(Bytes.wrap(new byte[64 << 20])));
    assertTrue(bomb.length() < 100_000);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The first call may also load classes.
    ChangeCodec.decode(bomb, SMALL_LIMITS);
    var before = threads.getCurrentThreadAllocatedBytes();
    var outcome = ChangeCodec.decode(bomb, SMALL_LIMITS);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(Decoding.malformed("AD3", "the change exceeds 1048576 bytes"), outcome);
    assertTrue(allocated < 5 << 20, "allocated " + allocated);
    assertEquals(
        "AD3",
        ((Decoding.Malformed<?>)
                ChangeCodec.decode(plainChunk(Bytes.wrap(new byte[2 << 20])), SMALL_LIMITS))
            .rule());
  }

  @Example
  @Label(
      "[AD3] a message of many small decompression bombs is refused before most of them are inflated")
  void manySmallDecompressionBombsAreRefused() {
    // Valid changes without columns. Their extra bytes are zeros.
    var contents =
        changeHeader(1, 1).bytes(NO_ACTORS_NO_COLUMNS).bytes(Bytes.wrap(new byte[900_000]));
    var bomb = deflated(plainChunk(contents.toBytes()));
    assertEquals(
        Decoding.of(1), ChangeCodec.decodeAll(List.of(bomb), SMALL_LIMITS).map(List::size));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var bombs = java.util.Collections.nCopies(1_000, bomb);
    var before = threads.getCurrentThreadAllocatedBytes();
    var outcome = ChangeCodec.decodeAll(bombs, SMALL_LIMITS);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(
        Decoding.malformed("AD3", "the changes of one message inflate to too much"), outcome);
    assertTrue(allocated < 100 << 20, "allocated " + allocated);
  }

  @Example
  @Label(
      "[AD1] [AD3] a malformed or too large change of a message is listed as unread, and the other changes are decoded")
  void invalidChangesAreListedAsUnread() {
    var sample = ChangeCodec.split(SAMPLE_CHANGES, LIMITS).orElseThrow().getFirst();
    var invalid = plainChunk(changeHeader(0, 1).bytes(NO_ACTORS_NO_COLUMNS).toBytes());
    var bomb = deflated(plainChunk(Bytes.wrap(new byte[64 << 20])));
    var unreadMax = 10;
    var decoded =
        ChangeCodec.decodeEach(List.of(bomb, sample, invalid), LIMITS, unreadMax).orElseThrow();
    assertEquals(1, decoded.changes().size());
    assertEquals(
        List.of("AD3", "AD1"), decoded.unread().stream().map(DecodedChanges.Unread::rule).toList());
    for (var i = 0; i < 4; i++) {
      assertEquals(
          invalid.at(4 + i) & 0xff,
          (decoded.unread().get(1).checksum() >>> (24 - 8 * i)) & 0xff,
          "the checksum's byte " + i);
    }
    assertTrue(
        decoded.unreadBytes() >= LIMITS.plainBytesMax(),
        "the bomb counts with the largest size of a change");
    // Of many bombs, only the first eight are inflated, each up to the size limit of a change.
    // Reading ends when more than unreadMax changes are unread.
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var before = threads.getCurrentThreadAllocatedBytes();
    var decodedBombs =
        ChangeCodec.decodeEach(java.util.Collections.nCopies(1_000, bomb), LIMITS, unreadMax)
            .orElseThrow();
    assertEquals(unreadMax + 1, decodedBombs.unread().size());
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 400L << 20, allocated + " bytes allocated");
    // Bytes that are no chunk make the whole message malformed.
    var noChunk = Bytes.wrap(new byte[20]);
    assertEquals(
        "SY4",
        assertInstanceOf(
                Decoding.Malformed.class,
                ChangeCodec.decodeEach(List.of(sample, noChunk), LIMITS, unreadMax))
            .rule());
  }

  @Example
  @Label("[SY4] split() refuses concatenated chunks if one is a document chunk")
  void documentChunksAreRefused() {
    var document = new Document();
    try (var transaction = document.startTransaction()) {
      transaction.set(ObjectId.ROOT, "k", 1);
      transaction.commit();
    }
    var saved = Bytes.wrap(document.save());
    document.free();
    assertInstanceOf(Decoding.Malformed.class, ChangeCodec.split(saved, LIMITS));
    assertInstanceOf(
        Decoding.Malformed.class,
        ChangeCodec.split(Bytes.concat(List.of(SAMPLE_CHANGES, saved)), LIMITS));
    assertEquals(List.of(), ChangeCodec.split(Bytes.EMPTY, LIMITS).orElseThrow());
  }
}
