package dev.parlor.server.hostile;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.zip.Deflater;

/** Change chunks that no honest client makes, with checksums that are right all the same. */
final class Forged {

  private static final Bytes MAGIC = Bytes.ofHex("856f4a83");
  private static final int CHANGE = 1;
  private static final int DEFLATED = 2;

  private Forged() {}

  /** A change without operations and dependencies. */
  static Bytes empty(ActorId actor, long seq, List<ChangeHash> deps) {
    return chunk(contents(actor, seq, deps, 0));
  }

  /** A change that is a megabyte of nothing behind its columns for every megabyte asked for. */
  static Bytes bomb(ActorId actor, int bytes) {
    return deflated(contents(actor, 1, List.of(), bytes));
  }

  /** A change that carries so many bytes and waits for one that will not come. */
  static Bytes orphan(ActorId actor, ChangeHash parent, int bytes) {
    return chunk(contents(actor, 1, List.of(parent), bytes));
  }

  static ChangeHash hash(Bytes change) {
    return ChangeCodec.decode(change, FormatLimits.DEFAULT).orElseThrow().hash();
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
