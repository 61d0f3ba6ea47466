package dev.parlor.client.store;

import dev.parlor.crdt.document.DocumentCodec;
import dev.parlor.crdt.document.DocumentContents;
import dev.parlor.crdt.document.DocumentLimits;
import dev.parlor.crdt.format.ByteReader;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The chunks of a file. Where no intact chunk begins, the scan continues at the next position where
 * one does; the bytes between are damaged. Pure.
 *
 * @param chunks the intact chunks, in their order
 * @param changes the changes of all intact chunks, in their order
 * @param snapshot the document chunk, if the file begins with one
 * @param snapshotChanges the number of changes in {@code snapshot}; they come first
 * @param damaged the runs of bytes that are in no intact chunk
 */
record ChunkScan(
    List<Bytes> chunks,
    List<ChangeChunk> changes,
    Optional<Bytes> snapshot,
    int snapshotChanges,
    List<Bytes> damaged) {

  private static final Bytes MAGIC = Bytes.ofHex("856f4a83");
  private static final int CHECKSUM_LENGTH = 4;

  ChunkScan {
    chunks = List.copyOf(chunks);
    changes = List.copyOf(changes);
    damaged = List.copyOf(damaged);
  }

  static ChunkScan of(Bytes file) {
    var chunks = new ArrayList<Bytes>();
    var changes = new ArrayList<ChangeChunk>();
    var damaged = new ArrayList<Bytes>();
    Optional<Bytes> snapshot = Optional.empty();
    var snapshotChanges = 0;
    var damagedFrom = 0;
    var at = 0;
    while (at < file.length()) {
      var chunk = chunkAt(file, at);
      var read = chunk.flatMap(ChunkScan::changesOf);
      if (read instanceof Decoding.Decoded<List<ChangeChunk>>(var found)) {
        if (damagedFrom < at) {
          damaged.add(file.slice(damagedFrom, at - damagedFrom));
        }
        var bytes = chunk.orElseThrow();
        if (at == 0 && ChangeCodec.isDocument(bytes)) {
          snapshot = Optional.of(bytes);
          snapshotChanges = found.size();
        }
        chunks.add(bytes);
        changes.addAll(found);
        at += bytes.length();
        damagedFrom = at;
      } else {
        at = nextMagic(file, at + 1);
      }
    }
    if (damagedFrom < file.length()) {
      damaged.add(file.slice(damagedFrom, file.length() - damagedFrom));
    }
    return new ChunkScan(chunks, changes, snapshot, snapshotChanges, damaged);
  }

  /** The bytes of the chunk that begins here, by its length; its checksum is not checked. */
  private static Decoding<Bytes> chunkAt(Bytes file, int at) {
    var rest = file.slice(at, file.length() - at);
    if (rest.length() < MAGIC.length() || !rest.matches(0, MAGIC, 0, MAGIC.length())) {
      return Decoding.malformed("SY4", "no chunk begins here");
    }
    var reader = new ByteReader(rest);
    reader.bytes("the magic bytes", MAGIC.length());
    reader.bytes("the checksum", CHECKSUM_LENGTH);
    reader.u8("the type");
    var length = reader.count("the chunk's length", Integer.MAX_VALUE);
    reader.bytes("the chunk's contents", length);
    return reader.failed()
        ? Decoding.malformed("SY4", reader.failure())
        : Decoding.of(rest.slice(0, reader.position()));
  }

  private static Decoding<List<ChangeChunk>> changesOf(Bytes chunk) {
    return ChangeCodec.isDocument(chunk)
        ? DocumentCodec.decode(chunk, DocumentLimits.STORED).map(DocumentContents::changes)
        : ChangeCodec.decode(chunk, DocumentLimits.STORED.change()).map(List::of);
  }

  private static int nextMagic(Bytes file, int from) {
    for (var at = from; at + MAGIC.length() <= file.length(); at++) {
      if (file.matches(at, MAGIC, 0, MAGIC.length())) {
        return at;
      }
    }
    return file.length();
  }
}
