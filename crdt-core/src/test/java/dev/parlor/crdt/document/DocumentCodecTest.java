package dev.parlor.crdt.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.automerge.ChangeHash;
import org.automerge.Document;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Document chunks that Automerge wrote. */
class DocumentCodecTest {

  private static final Path HISTORY =
      Path.of("..", "sync-server", "relay", "interop", "data", "editing-trace-259778.automerge");

  @Test
  @DisplayName(
      "the history of a real paper has 259,779 changes, and each is byte for byte the change that the bindings encode")
  void realHistory() throws IOException {
    var chunk = Bytes.wrap(Files.readAllBytes(HISTORY));
    var contents = DocumentCodec.decode(chunk, DocumentLimits.DEFAULT).orElseThrow();
    var document = Document.load(chunk.toArray());
    try {
      var encoded = Bytes.wrap(document.encodeChangesSince(new ChangeHash[0]));
      var expected = ChangeCodec.split(encoded, FormatLimits.DEFAULT).orElseThrow();
      assertEquals(259_779, expected.size());
      assertEquals(
          new HashSet<>(expected),
          new HashSet<>(contents.changes().stream().map(ChangeChunk::plain).toList()));
    } finally {
      document.free();
    }
  }

  @Test
  @DisplayName("the chunk of a real paper, written anew, is the same document to the bindings")
  void rewrittenHistory() throws IOException {
    var chunk = Bytes.wrap(Files.readAllBytes(HISTORY));
    var unread = DocumentCodec.open(chunk, DocumentLimits.DEFAULT).orElseThrow();
    var rewritten = unread.readAndRewrite().orElseThrow().rewritten().orElseThrow();
    assertEquals(savedAgain(chunk), savedAgain(rewritten));
  }

  private static Bytes savedAgain(Bytes chunk) {
    var loaded = Document.load(chunk.toArray());
    try {
      return Bytes.wrap(loaded.save());
    } finally {
      loaded.free();
    }
  }
}
