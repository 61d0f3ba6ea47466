package dev.parlor.server.hostile;

import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;

/** Change chunks with valid checksums that an honest client would never make. */
public final class ForgedChanges {

  private static final Bytes MAGIC = Bytes.ofHex("856f4a83");
  private static final int TYPE_AT = 8;
  private static final int OBJECT_ACTOR = 1;
  private static final int OBJECT_COUNTER = 2;
  private static final int KEY = 0x15;
  private static final int INSERT = 0x34;
  private static final int ACTION = 0x42;
  private static final int VALUE = 0x56;
  private static final int PREDECESSORS = 0x70;
  private static final int PREDECESSOR_ACTOR = 0x71;
  private static final int PREDECESSOR_COUNTER = 0x73;
  private static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  private ForgedChanges() {}

  /** A change without operations and dependencies. */
  static Bytes empty(ActorId actor, long seq, List<ChangeHash> deps) {
    return chunk(contents(actor, seq, deps, 0));
  }

  /** A deflated change with this many bytes of zeros after its columns. */
  static Bytes zipBomb(ActorId actor, int bytes) {
    return deflated(contents(actor, 1, List.of(), bytes));
  }

  /**
   * Small deflated changes that each skip a sequence number of their actor.
   *
   * @param bytes the inflated size of each change
   */
  static List<Bytes> zipBombs(int count, int bytes) {
    var zipBombs = new ArrayList<Bytes>();
    for (var i = 0; i < count; i++) {
      var actor = new ActorId(Bytes.wrap(ByteBuffer.allocate(16).putInt(68).putInt(i).array()));
      zipBombs.add(deflated(contents(actor, 2, List.of(), bytes)));
    }
    return zipBombs;
  }

  /** A small change with run-length encoded operations that put null under one key of the root. */
  static Bytes repeatedPuts(ActorId actor, int count) {
    var columns = runColumns(count, 1);
    columns.put(PREDECESSORS, run(count, 0));
    return columns(actor, 1, List.of(), 1, columns);
  }

  /** A small change that deletes each of the {@link #repeatedPuts}. */
  static Bytes deletions(ActorId actor, ChangeHash repeatedPuts, int count) {
    var columns = runColumns(count, 3);
    columns.put(PREDECESSORS, run(count, 1));
    columns.put(PREDECESSOR_ACTOR, run(count, 0));
    columns.put(PREDECESSOR_COUNTER, run(count, 1));
    return columns(actor, 2, List.of(repeatedPuts), count + 1, columns);
  }

  private static SortedMap<Integer, Bytes> runColumns(int count, int action) {
    var columns = new TreeMap<Integer, Bytes>();
    columns.put(KEY, new ByteWriter(8).bytes(sleb(count)).prefixed(Bytes.utf8("k")).toBytes());
    columns.put(INSERT, new ByteWriter(8).uleb(count).toBytes());
    columns.put(ACTION, run(count, action));
    columns.put(VALUE, run(count, 0));
    return columns;
  }

  private static Bytes run(int count, int value) {
    return new ByteWriter(8).bytes(sleb(count)).u8(value).toBytes();
  }

  /** A positive number in signed LEB128, the encoding of the length of a run. */
  private static Bytes sleb(int value) {
    var out = new ByteWriter(5);
    var remaining = value;
    for (; remaining > 0x3f; remaining >>= 7) {
      out.u8((remaining & 0x7f) | 0x80);
    }
    return out.u8(remaining).toBytes();
  }

  private static Bytes columns(
      ActorId actor,
      long seq,
      List<ChangeHash> deps,
      long startOp,
      SortedMap<Integer, Bytes> columns) {
    var out = new ByteWriter(200).hashes(deps).prefixed(actor.bytes()).uleb(seq).uleb(startOp);
    out.u8(0).u8(0).u8(0).uleb(columns.size()); // time, message, other actors
    columns.forEach((specification, data) -> out.uleb(specification).uleb(data.length()));
    columns.values().forEach(out::bytes);
    return chunk(out.toBytes());
  }

  /** A change of this many bytes with a dependency that is not sent. */
  static Bytes withoutDependency(ActorId actor, int bytes) {
    try (var replica = Replica.create(actor)) {
      var _ = replica.transact(List.of(new Edit.Put(Path.of("kept"), new Value.Int(1))));
      var blob = new Value.Blob(Bytes.wrap(new byte[bytes]));
      return replica.transact(List.of(new Edit.Put(Path.of("blob"), blob))).orElseThrow();
    }
  }

  /** A change that makes a map which is its own container. */
  static Bytes selfContainingMap(ActorId actor) {
    try (var replica = Replica.create(actor)) {
      SortedMap<String, Value> inside = new TreeMap<>(Map.of("key", new Value.Int(1)));
      var edit = new Edit.Put(Path.of("map"), new Value.MapOf(inside));
      var change = replica.transact(List.of(edit)).orElseThrow();
      // Both operations now have the map, which the first operation makes, as their object.
      var inActor = withColumn(change, OBJECT_ACTOR, Bytes.ofHex("0200"));
      return withColumn(inActor, OBJECT_COUNTER, Bytes.ofHex("0201"));
    }
  }

  /**
   * A change whose operation names an actor that is missing from its actor table. Admission refuses
   * the change. The bindings would look the actor up and abort the process, so pass the change to
   * them in a child process only.
   */
  public static Bytes abortingChange(ActorId actor) {
    try (var replica = Replica.create(actor)) {
      SortedMap<String, Value> inside = new TreeMap<>(Map.of("key", new Value.Int(1)));
      var edit = new Edit.Put(Path.of("map"), new Value.MapOf(inside));
      var change = replica.transact(List.of(edit)).orElseThrow();
      return withColumn(change, OBJECT_ACTOR, Bytes.ofHex("00017f05"));
    }
  }

  /** Two changes: the first puts a number, the second puts a value into that number. */
  static Bytes[] putIntoANumber(ActorId actor) {
    try (var replica = Replica.create(actor)) {
      var number = new Edit.Put(Path.of("number"), new Value.Int(1));
      var first = replica.transact(List.of(number)).orElseThrow();
      SortedMap<String, Value> inside = new TreeMap<>(Map.of("key", new Value.Int(1)));
      var edit = new Edit.Put(Path.of("map"), new Value.MapOf(inside));
      var second = replica.transact(List.of(edit)).orElseThrow();
      // The map stays at the root. Its content goes into the object of operation 1, the number.
      return new Bytes[] {first, withColumn(second, OBJECT_COUNTER, Bytes.ofHex("00017f01"))};
    }
  }

  /** A copy of a change with the data of one column replaced. */
  private static Bytes withColumn(Bytes chunk, int specification, Bytes bytes) {
    var columns = ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow().columns();
    var reader = new ByteReader(columns);
    var count = (int) reader.uleb("count");
    var lengths = new TreeMap<Integer, Integer>();
    for (var i = 0; i < count; i++) {
      lengths.put((int) reader.uleb("specification"), (int) reader.uleb("length"));
    }
    var table = new ByteWriter(64).uleb(count);
    var data = new ByteWriter(64);
    lengths.forEach(
        (spec, length) -> {
          var old = reader.bytes("column", length);
          var replacement = spec == specification ? bytes : old;
          table.uleb(spec).uleb(replacement.length());
          data.bytes(replacement);
        });
    if (!lengths.containsKey(specification)) {
      throw new IllegalArgumentException("no column " + specification + " in " + lengths);
    }
    var body = new ByteReader(chunk.slice(TYPE_AT + 1, chunk.length() - TYPE_AT - 1));
    var length = (int) body.uleb("length");
    var contents = body.bytes("contents", length);
    var head = contents.slice(0, length - columns.length());
    return chunk(Bytes.concat(List.of(head, table.toBytes(), data.toBytes())));
  }

  private static Bytes contents(ActorId actor, long seq, List<ChangeHash> deps, int extra) {
    return new ByteWriter(extra + 100)
        .hashes(deps)
        .prefixed(actor.bytes())
        .uleb(seq)
        .uleb(1) // startOp
        .u8(0) // time
        .u8(0) // message
        .u8(0) // other actors
        .u8(0) // columns
        .bytes(Bytes.wrap(new byte[extra]))
        .toBytes();
  }

  private static Bytes chunk(Bytes contents) {
    var body = new ByteWriter(contents.length() + 10).u8(CHANGE).prefixed(contents).toBytes();
    return Bytes.concat(List.of(MAGIC, checksum(body), body));
  }

  private static Bytes deflated(Bytes contents) {
    var body = new ByteWriter(contents.length() + 10).u8(CHANGE).prefixed(contents).toBytes();
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(contents.toArray());
    deflater.finish();
    var out = new ByteArrayOutputStream();
    var buffer = new byte[8_192];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return new ByteWriter(out.size() + 20)
        .bytes(MAGIC)
        .bytes(checksum(body))
        .u8(DEFLATED)
        .prefixed(Bytes.wrap(out.toByteArray()))
        .toBytes();
  }

  private static Bytes checksum(Bytes body) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(body.toArray());
      return Bytes.wrap(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
