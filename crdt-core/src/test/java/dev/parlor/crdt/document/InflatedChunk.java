package dev.parlor.crdt.document;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A document chunk without its compression: everything before the columns, the columns in order
 * with their specifications, and everything after them. Automerge and the JDK compress the same
 * column to different bytes, so chunks are compared in this form.
 *
 * @param start the actors and the heads
 * @param columns the change columns, then the operation columns
 * @param end the positions of the changes of the heads
 */
record InflatedChunk(Bytes start, List<Column> columns, Bytes end) {

  private static final int DEFLATED_BIT = 8;

  /** The specification keeps the bit that says whether the column was compressed. */
  record Column(int specification, Bytes bytes) {

    @Override
    public String toString() {
      return "%x: %s".formatted(specification, bytes.toHex());
    }
  }

  static InflatedChunk of(Bytes chunk) {
    var contents = ChangeCodec.documentContents(chunk).orElseThrow();
    var reader = new ByteReader(contents);
    var actors = reader.count("actors", Integer.MAX_VALUE);
    for (var i = 0; i < actors; i++) {
      reader.prefixed("an actor", Integer.MAX_VALUE);
    }
    reader.hashes("heads", Integer.MAX_VALUE);
    var start = contents.slice(0, reader.position());
    var table = new ArrayList<int[]>();
    for (var kind = 0; kind < 2; kind++) {
      var count = reader.count("columns", Integer.MAX_VALUE);
      for (var i = 0; i < count; i++) {
        table.add(
            new int[] {
              reader.count("a specification", Integer.MAX_VALUE),
              reader.count("a length", Integer.MAX_VALUE)
            });
      }
    }
    var columns = new ArrayList<Column>();
    for (var entry : table) {
      var bytes = reader.bytes("a column", entry[1]);
      columns.add(new Column(entry[0], (entry[0] & DEFLATED_BIT) == 0 ? bytes : inflated(bytes)));
    }
    return new InflatedChunk(start, columns, reader.bytes("the end", reader.remaining()));
  }

  /** Whether no column is compressed. */
  boolean isPlain() {
    return columns.stream().noneMatch(column -> (column.specification() & DEFLATED_BIT) != 0);
  }

  private static Bytes inflated(Bytes bytes) {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(bytes.toArray());
      var out = new ByteArrayOutputStream();
      var buffer = new byte[8_192];
      while (!inflater.finished()) {
        out.write(buffer, 0, inflater.inflate(buffer));
      }
      return Bytes.wrap(out.toByteArray());
    } catch (DataFormatException e) {
      throw new AssertionError(e);
    } finally {
      inflater.end();
    }
  }
}
