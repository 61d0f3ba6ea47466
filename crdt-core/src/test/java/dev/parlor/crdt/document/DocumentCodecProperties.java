package dev.parlor.crdt.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.automerge.Document;

/** The changes of a document chunk, compared with those that Automerge's bindings encode. */
class DocumentCodecProperties {

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label("the changes of a document chunk are byte for byte those that the bindings encode")
  void sameChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 0, max = 60) int changes) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var contents = DocumentCodec.decode(document.save(), DocumentLimits.DEFAULT).orElseThrow();
      assertEquals(
          sorted(document.changes()),
          sorted(contents.changes().stream().map(ChangeChunk::plain).toList()));
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Label("a chunk that is written anew is to the bindings the same document")
  void rewritten(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int actors,
      @ForAll @IntRange(min = 0, max = 60) int changes) {
    try (var document = new RandomDocument(seed, actors, changes)) {
      var chunk = document.save();
      var unread = DocumentCodec.open(chunk, DocumentLimits.DEFAULT).orElseThrow();
      var rewritten = unread.readAndRewrite().orElseThrow().rewritten().orElseThrow();
      assertEquals(savedAgain(chunk), savedAgain(rewritten));
      assertEquals(chunk.length(), rewritten.length(), 0.05 * chunk.length() + 16);
    }
  }

  private static Bytes savedAgain(Bytes chunk) {
    var loaded = Document.load(chunk.toArray());
    try {
      return Bytes.wrap(loaded.save());
    } finally {
      loaded.free();
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  @Label(
      "a document chunk with changed bytes and a correct checksum is malformed or has the same heads; no exception, no endless loop")
  void changedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int mutations) {
    var random = new Random(seed);
    try (var document = new RandomDocument(seed % 50, 2, 12)) {
      var chunk = document.save().toArray();
      for (var i = 0; i < mutations; i++) {
        chunk[random.nextInt(9, chunk.length)] ^= (byte) (1 << random.nextInt(8));
      }
      var decoded = DocumentCodec.decode(withChecksum(chunk), DocumentLimits.DEFAULT);
      Statistics.collect(
          switch (decoded) {
            case Decoding.Malformed<DocumentContents> malformed -> malformed.reason();
            case Decoding.Decoded<DocumentContents> _ -> "decoded";
          });
      if (decoded instanceof Decoding.Decoded<DocumentContents>(var contents)) {
        assertTrue(
            contents.changes().stream()
                .map(ChangeChunk::hash)
                .toList()
                .containsAll(contents.heads()));
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static Bytes withChecksum(byte[] chunk) {
    var sha256 = sha256();
    sha256.update(chunk, 8, chunk.length - 8);
    System.arraycopy(sha256.digest(), 0, chunk, 4, 4);
    return Bytes.wrap(chunk);
  }

  private static List<Bytes> sorted(List<Bytes> chunks) {
    return chunks.stream().sorted(Comparator.naturalOrder()).toList();
  }
}
