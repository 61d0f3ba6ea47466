package dev.parlor.bench.store;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChunkEncoder;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A text that one author types, as real changes. Each change inserts some letters, at the end of
 * the text or after a random letter.
 */
final class TypedText {

  private static final int[] SPECIFICATIONS = {
    0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70
  };

  private static final int SET = 1;
  private static final int MAKE_TEXT = 4;
  private static final int ONE_LETTER = 1 << 4 | 6;

  private final ActorId author = new ActorId(Bytes.utf8("the only author!"));
  private final ChunkEncoder chunks = new ChunkEncoder();
  private final Random random = new Random(1);
  private List<ChangeHash> heads = List.of();
  private long sequence;
  private long counter = 1;

  /** Makes the changes one after the other. */
  static void make(int changes, int letters, boolean atEnd, Consumer<ChangeChunk> receiver) {
    var text = new TypedText();
    receiver.accept(text.makeText());
    for (var i = 1; i < changes; i++) {
      receiver.accept(text.insert(letters, atEnd));
    }
  }

  private ChangeChunk makeText() {
    var none = new ByteWriter(0);
    var key = new ByteWriter(8).sleb(-1).prefixed(Bytes.utf8("text"));
    return change(
        1,
        none,
        none,
        none,
        none,
        key,
        new ByteWriter(1).uleb(1),
        runs(MAKE_TEXT),
        runs(0),
        none,
        runs(0));
  }

  private ChangeChunk insert(int letters, boolean atEnd) {
    var isFirst = counter == 2;
    var parent = isFirst ? 0 : atEnd ? counter - 1 : random.nextLong(2, counter);
    var parents = new long[letters];
    var parentActors = new long[isFirst ? letters - 1 : letters];
    Arrays.fill(parents, 1);
    parents[0] = parent;
    if (letters > 1) {
      parents[1] = counter - parent;
    }
    var actorColumn = new ByteWriter(8);
    if (isFirst && letters > 1) {
      actorColumn.sleb(0).uleb(1);
    }
    var values = new ByteWriter(letters);
    for (var i = 0; i < letters; i++) {
      values.u8('a' + random.nextInt(26));
    }
    return change(
        letters,
        runs(new long[letters]),
        runs(filled(letters, 1)),
        actorColumn.bytes(runs(parentActors)),
        signedRuns(parents),
        new ByteWriter(0),
        new ByteWriter(8).uleb(0).uleb(letters),
        runs(filled(letters, SET)),
        runs(filled(letters, ONE_LETTER)),
        values,
        runs(new long[letters]));
  }

  private ChangeChunk change(int operations, ByteWriter... columns) {
    var table = new ByteWriter(256);
    table.uleb(Arrays.stream(columns).filter(column -> column.size() > 0).count());
    for (var i = 0; i < columns.length; i++) {
      if (columns[i].size() > 0) {
        table.uleb(SPECIFICATIONS[i]).uleb(columns[i].size());
      }
    }
    for (var column : columns) {
      table.bytes(column);
    }
    var header =
        new ChunkEncoder.Header(heads, author, ++sequence, counter, 0, Bytes.EMPTY, List.of());
    var change = chunks.encode(header, table);
    counter += operations;
    heads = List.of(change.hash());
    return change;
  }

  private static long[] filled(int size, long value) {
    var values = new long[size];
    Arrays.fill(values, value);
    return values;
  }

  private static ByteWriter runs(long... values) {
    return runs(values, false);
  }

  private static ByteWriter signedRuns(long... values) {
    return runs(values, true);
  }

  private static ByteWriter runs(long[] values, boolean isSigned) {
    var out = new ByteWriter(16);
    for (var at = 0; at < values.length; ) {
      var end = endOfRun(values, at);
      if (end - at > 1) {
        value(out.sleb(end - at), values[at], isSigned);
      } else {
        while (end < values.length && endOfRun(values, end) == end + 1) {
          end++;
        }
        out.sleb(at - end);
        for (var i = at; i < end; i++) {
          value(out, values[i], isSigned);
        }
      }
      at = end;
    }
    return out;
  }

  private static int endOfRun(long[] values, int from) {
    var end = from + 1;
    while (end < values.length && values[end] == values[from]) {
      end++;
    }
    return end;
  }

  private static void value(ByteWriter out, long value, boolean isSigned) {
    if (isSigned) {
      out.sleb(value);
    } else {
      out.uleb(value);
    }
  }
}
