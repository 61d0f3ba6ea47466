package dev.parlor.bench.conformance;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;

/** Makes invalid or unusual change chunks with correct checksums. */
final class CraftedChanges {

  // Columns of a change, by specification.
  static final int OBJECT_COUNTER = 2;
  static final int KEY = 21;
  static final int ACTION = 66;
  static final int PREDECESSOR_ACTOR = 113;

  private static final Bytes MAGIC = Bytes.ofHex("856f4a83");
  private static final int TYPE_OFFSET = 8;
  private static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  private CraftedChanges() {}

  /** A plain chunk with these contents and their checksum. */
  static Bytes chunk(Bytes contents) {
    var body = new ByteWriter(contents.length() + 10).u8(CHANGE).prefixed(contents).toBytes();
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(body.toArray());
      return Bytes.concat(List.of(MAGIC, Bytes.wrap(digest, 0, 4), body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The contents of a plain chunk: the bytes after its length. */
  static Bytes contents(Bytes chunk) {
    var reader = new ByteReader(chunk.slice(TYPE_OFFSET + 1, chunk.length() - TYPE_OFFSET - 1));
    var length = reader.uleb("length");
    return reader.bytes("contents", (int) length);
  }

  /** The same change in the deflated form. */
  static Bytes deflated(Bytes chunk) {
    var contents = contents(chunk).toArray();
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(contents);
    deflater.finish();
    var out = new ByteArrayOutputStream();
    var buffer = new byte[8_192];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return new ByteWriter(out.size() + 20)
        .bytes(chunk.slice(0, TYPE_OFFSET))
        .u8(DEFLATED)
        .prefixed(Bytes.wrap(out.toByteArray()))
        .toBytes();
  }

  /**
   * The change with extra bytes behind its columns, where a later version of the format may add
   * fields.
   */
  static Bytes padded(Bytes chunk, int bytes) {
    return chunk(Bytes.concat(List.of(contents(chunk), Bytes.wrap(new byte[bytes]))));
  }

  /** The change with one column replaced. */
  static Bytes column(Bytes chunk, int specification, UnaryOperator<Bytes> change) {
    var contents = contents(chunk);
    var reader = new ByteReader(contents);
    skipHeader(reader);
    var headerLength = reader.position();
    var count = (int) reader.uleb("columns");
    var lengths = new TreeMap<Integer, Integer>();
    for (var i = 0; i < count; i++) {
      lengths.put((int) reader.uleb("specification"), (int) reader.uleb("length"));
    }
    var columns = new TreeMap<Integer, Bytes>();
    lengths.forEach((spec, length) -> columns.put(spec, reader.bytes("column", length)));
    if (!columns.containsKey(specification)) {
      throw new IllegalArgumentException("the change has no column " + specification);
    }
    columns.compute(specification, (_, bytes) -> change.apply(bytes));
    var table = new ByteWriter(64).uleb(count);
    columns.forEach((spec, bytes) -> table.uleb(spec).uleb(bytes.length()));
    columns.values().forEach(table::bytes);
    return chunk(
        Bytes.concat(
            List.of(
                contents.slice(0, headerLength),
                table.toBytes(),
                reader.bytes("remaining bytes", reader.remaining()))));
  }

  /** A change without operations and dependencies. */
  static Bytes empty(ActorId actor, long seq) {
    var contents = new ByteWriter(40).u8(0).prefixed(actor.bytes()).uleb(seq).uleb(1);
    return chunk(contents.u8(0).u8(0).u8(0).u8(0).toBytes()); // time, message, actors, columns
  }

  /** The change with another sequence number. */
  static Bytes sequence(Bytes chunk, long seq) {
    var contents = contents(chunk);
    var reader = new ByteReader(contents);
    reader.hashes("dependencies", 1_000);
    reader.prefixed("actor", 1_000);
    var before = reader.position();
    reader.uleb("seq");
    var after = reader.position();
    return chunk(
        Bytes.concat(
            List.of(
                contents.slice(0, before),
                new ByteWriter(5).uleb(seq).toBytes(),
                contents.slice(after, contents.length() - after))));
  }

  /** The change with the number of its dependencies encoded in two bytes instead of one. */
  static Bytes longNumber(Bytes chunk) {
    var contents = contents(chunk);
    return chunk(
        Bytes.concat(
            List.of(
                Bytes.wrap(new byte[] {(byte) (contents.at(0) | 0x80), 0}),
                contents.slice(1, contents.length() - 1))));
  }

  private static void skipHeader(ByteReader reader) {
    reader.hashes("dependencies", 1_000);
    reader.prefixed("actor", 1_000);
    reader.uleb("seq");
    reader.uleb("startOp");
    reader.sleb("time");
    reader.text("message", 1_000);
    for (var count = reader.uleb("other actors"); count > 0; count--) {
      reader.prefixed("another actor", 1_000);
    }
  }
}
