package dev.parlor.crdt.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Compares with test vectors of Automerge for JavaScript: {@code docs/vectors/*.json}. */
class VectorsTest {

  private static List<JsonNode> vectors(String file, String field) throws IOException {
    var path = Path.of("..", "docs", "vectors", file);
    return list(new ObjectMapper().readTree(path.toFile()).required(field));
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private static List<ChangeHash> hashes(JsonNode array) {
    return list(array).stream().map(node -> ChangeHash.parse(node.asText()).orElseThrow()).toList();
  }

  private static Bytes bytes(JsonNode node) {
    return Bytes.ofHex(node.asText());
  }

  @Test
  @DisplayName(
      "[SY4] change chunks of Automerge JS, plain and deflated, decode to the same hash and fields")
  void chunks() throws IOException {
    var count = 0;
    for (var vector : vectors("chunks.json", "chunks")) {
      var change =
          ChangeCodec.decode(bytes(vector.required("chunk")), FormatLimits.DEFAULT).orElseThrow();
      assertEquals(vector.required("hash").asText(), change.hash().toString());
      assertEquals(vector.required("actor").asText(), change.actor().toString());
      assertEquals(vector.required("seq").asLong(), change.seq());
      assertEquals(vector.required("startOp").asLong(), change.startOp());
      assertEquals(vector.required("time").asLong(), change.time());
      assertEquals(vector.required("message").asText(), change.message());
      assertEquals(hashes(vector.required("deps")), change.deps());
      assertEquals(bytes(vector.required("plain")), change.plain());
      count++;
    }
    assertTrue(count >= 14);
  }

  @Test
  @DisplayName("[SY4] damaged chunks and document chunks are refused under SY4")
  void refusedChunks() throws IOException {
    for (var vector : vectors("chunks.json", "refused")) {
      var malformed =
          assertInstanceOf(
              Decoding.Malformed.class,
              ChangeCodec.decode(bytes(vector.required("chunk")), FormatLimits.DEFAULT),
              vector.required("why").asText());
      assertEquals("SY4", malformed.rule());
    }
  }

  @Test
  @DisplayName(
      "[SY2] sync messages of Automerge JS decode to the same fields and encode to the same bytes")
  void messages() throws IOException {
    for (var vector : vectors("sync-messages.json", "messages")) {
      var name = vector.required("name").asText();
      var bytes = bytes(vector.required("message"));
      var message = SyncMessageCodec.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
      assertEquals(
          vector.required("type").asInt() == 43 ? SyncMessage.Kind.BLOB : SyncMessage.Kind.CHANGES,
          message.kind(),
          name);
      assertEquals(hashes(vector.required("heads")), message.heads(), name);
      assertEquals(hashes(vector.required("need")), message.need(), name);
      assertEquals(
          list(vector.required("changes")).stream().map(VectorsTest::bytes).toList(),
          message.changes(),
          name);
      var haves = list(vector.required("have"));
      assertEquals(haves.size(), message.have().size(), name);
      for (var i = 0; i < haves.size(); i++) {
        var have = message.have().get(i);
        assertEquals(hashes(haves.get(i).required("lastSync")), have.lastSync(), name);
        assertEquals(bytes(haves.get(i).required("bloom")), have.filter().encode(), name);
      }
      assertEquals(vector.required("flags").asBoolean(), message.flags() != null, name);
      assertEquals(bytes, SyncMessageCodec.encode(message), name);
    }
  }

  @Test
  @DisplayName("[SY2] a Bloom filter has the same bytes as Automerge's filter of the same hashes")
  void filters() throws IOException {
    var otherHashes = new ArrayList<ChangeHash>();
    vectors("bloom-filters.json", "strangers")
        .forEach(node -> otherHashes.add(ChangeHash.parse(node.asText()).orElseThrow()));
    for (var vector : vectors("bloom-filters.json", "filters")) {
      var hashes = hashes(vector.required("hashes"));
      var bytes = bytes(vector.required("filter"));
      assertEquals(bytes, BloomFilter.of(hashes, hashes.size()).encode());
      var filter = BloomFilter.decode(bytes, SyncLimits.DEFAULT).orElseThrow();
      assertTrue(hashes.stream().allMatch(filter::contains));
      assertTrue(otherHashes.stream().filter(filter::contains).count() < 10);
      assertFalse(filter.isEmpty());
    }
  }
}
