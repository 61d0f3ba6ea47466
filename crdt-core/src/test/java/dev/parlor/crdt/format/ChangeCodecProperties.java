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

/** Properties of {@link ChangeCodec} for changes of the bindings and for damaged changes. */
class ChangeCodecProperties {

  private static final FormatLimits LIMITS = FormatLimits.DEFAULT;

  /** The changes of a random document of the bindings with three actors. */
  private static Bytes changesOf(long seed, int edits, String text) {
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

  static Bytes deflated(Bytes plain) {
    var reader = new ByteReader(plain.slice(9, plain.length() - 9));
    var contents = reader.bytes("contents", reader.count("length", Integer.MAX_VALUE)).toArray();
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
        .bytes(plain.slice(0, 8))
        .u8(2)
        .prefixed(Bytes.wrap(out.toByteArray()))
        .toBytes();
  }

  @Property(tries = 60)
  @Label(
      "[SY4] every change of the bindings decodes; its plain and its deflated form decode to an equal change")
  void changesOfTheBindingsRoundTrip(
      @ForAll long seed,
      @ForAll @IntRange(max = 25) int edits,
      @ForAll @StringLength(max = 200) String text) {
    var changes =
        changesOf(
            seed, edits, new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
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
  void arbitraryBytesNeverThrow(@ForAll @Size(max = 300) byte[] bytes, @ForAll boolean hasFrame) {
    var input = hasFrame ? framed(bytes) : Bytes.copyOf(bytes);
    assertInstanceOf(Decoding.Malformed.class, ChangeCodec.decode(input, LIMITS));
    ChangeCodec.split(input, LIMITS);
  }

  private static Bytes framed(byte[] bytes) {
    return new ByteWriter(64)
        .bytes(Bytes.ofHex("856f4a8300000000"))
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
    var chunks = ChangeCodec.split(SAMPLE, LIMITS).orElseThrow();
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
  @Label("[AD1] decoding arbitrary contents with a correct checksum never throws")
  void arbitraryContentsWithACorrectChecksumNeverThrow(
      @ForAll long seed, @ForAll @IntRange(max = 6) int alteredBytes) {
    var random = new Random(seed);
    var chunks = ChangeCodec.split(SAMPLE, LIMITS).orElseThrow();
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

  private static final Bytes SAMPLE = changesOf(1, 20, "some text of a certain length");

  static Bytes contentsOf(Bytes plain) {
    var reader = new ByteReader(plain.slice(9, plain.length() - 9));
    return reader.prefixed("contents", Integer.MAX_VALUE);
  }

  /** A plain chunk with arbitrary contents and a correct checksum. Never passed to the bindings. */
  static Bytes plainChunk(Bytes contents) {
    try {
      var body = new ByteWriter(16).u8(1).prefixed(contents).toBytes();
      var digest = java.security.MessageDigest.getInstance("SHA-256").digest(body.toArray());
      return new ByteWriter(64)
          .bytes(Bytes.ofHex("856f4a83"))
          .bytes(Bytes.wrap(digest, 0, 4))
          .bytes(body)
          .toBytes();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteWriter header(long seq, long startOp) {
    return new ByteWriter(64)
        .uleb(0)
        .prefixed(Bytes.wrap(new byte[16]))
        .uleb(seq)
        .uleb(startOp)
        .u8(0)
        .uleb(0);
  }

  private static String ruleOf(Bytes contents) {
    return switch (ChangeCodec.decode(plainChunk(contents), LIMITS)) {
      case Decoding.Decoded<ChangeChunk> _ -> "accepted";
      case Decoding.Malformed<ChangeChunk>(var rule, _) -> rule;
    };
  }

  @Example
  @Label(
      "[AD1] encodings that Automerge never writes are refused: counters out of range, unsorted lists, padded numbers")
  void encodingsThatAutomergeNeverWritesAreRefused() {
    var noColumns = Bytes.ofHex("0000");
    assertEquals("accepted", ruleOf(header(1, 1).bytes(noColumns).toBytes()));
    assertEquals("AD1", ruleOf(header(0, 1).bytes(noColumns).toBytes()));
    assertEquals("AD1", ruleOf(header(1, 0).bytes(noColumns).toBytes()));
    assertEquals("AD1", ruleOf(header(1, 1L << 32).bytes(noColumns).toBytes()));
    assertEquals("AD1", ruleOf(header(1L << 40, 1).bytes(noColumns).toBytes()));
    var hash = "11".repeat(32);
    var remaining = "10" + "00".repeat(16) + "0101000000" + "00";
    assertEquals("accepted", ruleOf(Bytes.ofHex("01" + hash + remaining)));
    assertEquals("AD1", ruleOf(Bytes.ofHex("02" + hash + hash + remaining)));
    assertEquals("AD1", ruleOf(header(1, 1).bytes(Bytes.ofHex("0201020101" + "00")).toBytes()));
    assertEquals(
        "accepted", ruleOf(header(1, 1).bytes(Bytes.ofHex("0201010102" + "00")).toBytes()));
    // Numbers that are not in their shortest form, and columns longer than the chunk.
    assertEquals("AD1", ruleOf(Bytes.ofHex("8000" + remaining)));
    assertEquals("AD1", ruleOf(header(1, 1).bytes(Bytes.ofHex("00" + "011505aa")).toBytes()));
    assertEquals("AD1", ruleOf(header(1, 1).bytes(Bytes.ofHex("00" + "0215001500")).toBytes()));
  }

  @Example
  @Label(
      "[AD3] inflating a decompression bomb allocates at most a few times the limit of a change, and the bomb is refused")
  void aDecompressionBombIsCapped() {
    var limits = new FormatLimits(1 << 20, 100, 100, 64, 1000);
    var bomb = deflated(plainChunk(Bytes.wrap(new byte[64 << 20])));
    assertTrue(bomb.length() < 100_000);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    ChangeCodec.decode(bomb, limits);
    var before = threads.getCurrentThreadAllocatedBytes();
    var outcome = ChangeCodec.decode(bomb, limits);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(Decoding.malformed("AD3", "the change exceeds 1048576 bytes"), outcome);
    assertTrue(allocated < 5 << 20, "allocated " + allocated);
    assertEquals(
        "AD3",
        ((Decoding.Malformed<?>)
                ChangeCodec.decode(plainChunk(Bytes.wrap(new byte[2 << 20])), limits))
            .rule());
  }

  @Example
  @Label(
      "[AD3] a message of many small decompression bombs is refused before most of them are inflated")
  void manySmallDecompressionBombsAreRefused() {
    var limits = new FormatLimits(1 << 20, 100, 100, 64, 1000);
    // Valid changes without columns. Their extra bytes are zeros.
    var contents = header(1, 1).bytes(Bytes.ofHex("0000")).bytes(Bytes.wrap(new byte[900_000]));
    var bomb = deflated(plainChunk(contents.toBytes()));
    assertEquals(Decoding.of(1), ChangeCodec.decodeAll(List.of(bomb), limits).map(List::size));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var bombs = java.util.Collections.nCopies(1_000, bomb);
    var before = threads.getCurrentThreadAllocatedBytes();
    var outcome = ChangeCodec.decodeAll(bombs, limits);
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(
        Decoding.malformed("AD3", "the changes of one message inflate to too much"), outcome);
    assertTrue(allocated < 100 << 20, "allocated " + allocated);
  }

  @Example
  @Label(
      "[AD1] [AD3] an invalid change of a message is listed as unread, and the other changes are decoded")
  void invalidChangesAreListedAsUnread() {
    var samples = SAMPLE;
    var sample = ChangeCodec.split(samples, LIMITS).orElseThrow().getFirst();
    var invalid = plainChunk(header(0, 1).bytes(Bytes.ofHex("0000")).toBytes());
    var bomb = deflated(plainChunk(Bytes.wrap(new byte[64 << 20])));
    var decoded = ChangeCodec.decodeEach(List.of(bomb, sample, invalid), LIMITS, 10).orElseThrow();
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
        "the bytes to which the bomb may have inflated");
    // Many bombs together inflate to no more than the limit of a message. The list of unread
    // changes is limited too.
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var before = threads.getCurrentThreadAllocatedBytes();
    var decodedBombs =
        ChangeCodec.decodeEach(java.util.Collections.nCopies(1_000, bomb), LIMITS, 10)
            .orElseThrow();
    assertEquals(11, decodedBombs.unread().size());
    var allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < 400L << 20, allocated + " bytes allocated");
    assertEquals(
        "SY4",
        assertInstanceOf(
                Decoding.Malformed.class,
                ChangeCodec.decodeEach(List.of(sample, Bytes.wrap(new byte[20])), LIMITS, 10))
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
        Decoding.Malformed.class, ChangeCodec.split(Bytes.concat(List.of(SAMPLE, saved)), LIMITS));
    assertEquals(List.of(), ChangeCodec.split(Bytes.EMPTY, LIMITS).orElseThrow());
  }
}
