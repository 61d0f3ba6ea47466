package dev.parlor.crdt.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Complete histories of documents, made by Automerge for JavaScript ({@code docs/vectors}). */
final class Histories {

  private static final int CHECKSUM_OFFSET = 4;
  private static final int TYPE_OFFSET = 8;

  private Histories() {}

  /**
   * The history of one document.
   *
   * @param operations the number of operations of each change; empty if unknown
   */
  record History(String name, List<ChangeChunk> changes, List<Integer> operations) {}

  static List<History> all() {
    var histories = new ArrayList<History>();
    for (var node : json("operations.json").required("histories")) {
      var counts = new ArrayList<Integer>();
      node.required("operations").forEach(count -> counts.add(count.asInt()));
      histories.add(
          new History(
              node.required("name").asText(),
              changes(node.required("changes")),
              List.copyOf(counts)));
    }
    histories.add(
        new History("room", changes(json("room-js.json").required("changes")), List.of()));
    return List.copyOf(histories);
  }

  static History named(String name) {
    return all().stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
  }

  private static JsonNode json(String file) {
    try {
      return new ObjectMapper().readTree(Path.of("..", "docs", "vectors", file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ChangeChunk> changes(JsonNode array) {
    var changes = new ArrayList<ChangeChunk>();
    array.forEach(hex -> changes.add(decode(Bytes.ofHex(hex.asText()))));
    return List.copyOf(changes);
  }

  static ChangeChunk decode(Bytes chunk) {
    return ChangeCodec.decode(chunk, FormatLimits.DEFAULT).orElseThrow();
  }

  /** A plain change chunk with these contents and a correct checksum. */
  static Bytes chunkOf(Bytes contents) {
    var plain =
        new ByteWriter(contents.length() + 16)
            .bytes(Bytes.ofHex("856f4a8300000000"))
            .u8(1)
            .prefixed(contents)
            .toBytes()
            .toArray();
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(plain, TYPE_OFFSET, plain.length - TYPE_OFFSET);
      System.arraycopy(sha256.digest(), 0, plain, CHECKSUM_OFFSET, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    return Bytes.wrap(plain);
  }

  /** The chunk of a change with other columns and a correct checksum. */
  static Bytes withColumns(ChangeChunk change, Bytes columns) {
    var contentsOffset = TYPE_OFFSET + 1;
    while (change.plain().at(contentsOffset) >= 0x80) { // skip the length of the contents
      contentsOffset++;
    }
    contentsOffset++;
    var headerLength = change.plain().length() - change.columns().length() - contentsOffset;
    var header = change.plain().slice(contentsOffset, headerLength);
    return chunkOf(Bytes.concat(List.of(header, columns)));
  }
}
