package dev.parlor.crdt.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.identity.SessionId;
import dev.parlor.crdt.identity.StorageId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireCodecTest {

  private static final String TYPE_JOIN = "647479706564" + "6a6f696e";
  private static final String SENDER_A = "6873656e6465724964" + "6161";

  private static Decoding<WireMessage> decode(String hex) {
    return WireCodec.decode(Bytes.ofHex(hex));
  }

  private static void assertJoin(String hex) {
    assertEquals(
        new WireMessage.Join(
            new PeerId("a"), new PeerMetadata(Optional.empty(), true), List.of("1")),
        decode(hex).orElseThrow());
  }

  private static void assertRefused(String rule, String hex) {
    var malformed = assertInstanceOf(Decoding.Malformed.class, decode(hex));
    assertEquals(rule, malformed.rule(), malformed.reason());
  }

  @ParameterizedTest
  @CsvSource({"a2", "b802", "b90002", "ba00000002", "bb0000000000000002"})
  @DisplayName("[WS2] a map's length may be encoded in any definite form")
  void anyDefiniteLength(String head) {
    assertJoin(head + TYPE_JOIN + SENDER_A);
  }

  @Test
  @DisplayName(
      "[WS2] keys may come in any order; unknown keys are skipped, also with nested values")
  void unknownKeysAreSkipped() {
    assertJoin("a2" + SENDER_A + TYPE_JOIN);
    assertJoin("a3" + "6178" + "82a1617901f97e00" + SENDER_A + TYPE_JOIN);
  }

  @Test
  @DisplayName("[WS2] a tag around a value is ignored")
  void tagsAreIgnored() {
    assertJoin("d9d9f7" + "a2" + SENDER_A + TYPE_JOIN);
  }

  @ParameterizedTest
  @CsvSource({"f6", "f7"})
  @DisplayName("[WS2] null and undefined count as missing")
  void nullCountsAsMissing(String nullValue) {
    assertJoin("a3" + TYPE_JOIN + SENDER_A + "6c706565724d65746164617461" + nullValue);
    assertRefused("WS2", "a2" + TYPE_JOIN + "6873656e6465724964" + nullValue);
  }

  @ParameterizedTest
  @CsvSource({
    "07",
    "1807",
    "190007",
    "1a00000007",
    "1b0000000000000007",
    "f94700",
    "fa40e00000",
    "fb401c000000000000"
  })
  @DisplayName("[WS2] an integer may be written as a float")
  void integersMayBeFloats(String seven) {
    var message = decode(ephemeral(seven)).orElseThrow();
    assertEquals(7, assertInstanceOf(WireMessage.Ephemeral.class, message).count());
  }

  @ParameterizedTest
  @CsvSource({"fb4002000000000001", "fb7ff0000000000000", "f97e00", "1bffffffffffffffff", "6137"})
  @DisplayName("[WS2] a value that is not an integer is refused in an integer field")
  void otherNumbersAreRefused(String number) {
    assertRefused("WS2", ephemeral(number));
  }

  private static String ephemeral(String count) {
    var message =
        new WireMessage.Ephemeral(
            new PeerId("a"),
            new PeerId("b"),
            DocumentId.of(Bytes.ofHex("00112233445566778899aabbccddeeff")),
            new SessionId("s"),
            7,
            Bytes.ofHex("f6"));
    var key = "65636f756e74";
    return WireCodec.encode(message).toHex().replace(key + "07", key + count);
  }

  @ParameterizedTest
  @CsvSource({
    "WS1, bf6474797065646a6f696eff",
    "WS1, ''",
    "WS1, a2" + TYPE_JOIN,
    "WS1, bbffffffffffffffff",
    "WS1, ba7fffffff",
    "WS1, 80",
    "WS1, 00",
    "WS1, ffffff",
    "WS2, a1" + TYPE_JOIN,
    "WS2, a1" + SENDER_A,
    "WS2, a2" + TYPE_JOIN + "6873656e646572496460"
  })
  @DisplayName(
      "[WS1] [WS2] a frame that is not a map is refused under WS1, a map without the fields of a message under WS2")
  void invalidFramesAreRefused(String rule, String hex) {
    assertRefused(rule, hex);
  }

  @Test
  @DisplayName("[WS1] deep nesting is refused without deep recursion")
  void deepNestingIsRefused() {
    assertRefused("WS1", "a3" + TYPE_JOIN + SENDER_A + "6178" + "81".repeat(100_000) + "00");
  }

  @Test
  @DisplayName("[WS1] nesting of 64 levels is accepted, deeper nesting is refused")
  void nestingLimit() {
    var key = "6178";
    assertJoin("a3" + TYPE_JOIN + SENDER_A + key + "81".repeat(64) + "00");
    assertRefused("WS1", "a3" + TYPE_JOIN + SENDER_A + key + "81".repeat(65) + "00");
  }

  @Test
  @DisplayName("[WS2] an id has at most 256 characters")
  void idLengthLimit() {
    var longest = new WireMessage.Leave(new PeerId("x".repeat(256)));
    assertEquals(longest, WireCodec.decode(WireCodec.encode(longest)).orElseThrow());
    assertRefused(
        "WS2", WireCodec.encode(new WireMessage.Leave(new PeerId("x".repeat(257)))).toHex());
  }

  @ParameterizedTest
  @CsvSource({"61", "7801", "790001", "7a00000001", "7b0000000000000001"})
  @DisplayName("[WS2] the length of a text or byte string may be encoded in any definite form")
  void anyDefiniteLengthOfTexts(String head) {
    assertJoin("a2" + TYPE_JOIN + "6873656e6465724964" + head + "61");
    var major = Integer.parseInt(head.substring(0, 2), 16) - 0x20;
    var bytes = Integer.toHexString(major) + head.substring(2) + "f6";
    var message = decode(ephemeral("07").replace("6464617461" + "41f6", "6464617461" + bytes));
    assertEquals(
        Bytes.ofHex("f6"),
        assertInstanceOf(WireMessage.Ephemeral.class, message.orElseThrow()).data());
  }

  @Test
  @DisplayName("[WS2] values are written in the shortest form, without tags")
  void shortestForm() {
    assertEquals(
        "a2" + "6474797065" + "656c65617665" + "6873656e6465724964" + "6161",
        WireCodec.encode(new WireMessage.Leave(new PeerId("a"))).toHex());
    for (var integer :
        Map.of(
                0L,
                "00",
                23L,
                "17",
                24L,
                "1818",
                255L,
                "18ff",
                256L,
                "190100",
                65_536L,
                "1a00010000")
            .entrySet()) {
      assertEquals(
          integer.getValue(), new CborWriter().integer(integer.getKey()).toBytes().toHex());
    }
    for (var length : Map.of(23, "77", 24, "7818", 255, "78ff", 256, "790100").entrySet()) {
      var text = new CborWriter().text("x".repeat(length.getKey())).toBytes().toHex();
      assertTrue(text.startsWith(length.getValue() + "78"), text);
    }
    for (var length : Map.of(23, "57", 24, "5818", 256, "590100").entrySet()) {
      var bytes = new CborWriter().bytes(Bytes.wrap(new byte[length.getKey()])).toBytes().toHex();
      assertTrue(bytes.startsWith(length.getValue() + "00"), bytes);
    }
  }

  @Test
  @DisplayName(
      "messages written by JavaScript are read with the same values (docs/vectors/wire.json)")
  void vectorsOfJavaScript() throws IOException {
    var file = Path.of("../docs/vectors/wire.json");
    var vectors = new ObjectMapper().readTree(Files.readString(file)).get("vectors");
    assertEquals(14, vectors.size());
    for (var vector : vectors) {
      var frame = Bytes.ofHex(vector.get("cbor").asText());
      var message = WireCodec.decode(frame).orElseThrow();
      assertEquals(messageOf(vector.get("message")), message, vector.get("name").asText());
      // Our encoding of the message decodes to the same message.
      assertEquals(message, WireCodec.decode(WireCodec.encode(message)).orElseThrow());
    }
  }

  private static WireMessage messageOf(JsonNode json) {
    var sender = new PeerId(json.get("senderId").asText());
    var target = new PeerId(json.path("targetId").asText());
    Supplier<DocumentId> document =
        () -> DocumentId.parse(json.get("documentId").asText()).orElseThrow();
    Supplier<Bytes> data = () -> Bytes.ofHex(json.get("data").asText());
    var type = json.get("type").asText();
    return switch (type) {
      case "join" -> new WireMessage.Join(sender, metadata(json), List.of("1"));
      case "peer" -> new WireMessage.PeerMessage(sender, target, metadata(json), "1");
      case "error" -> new WireMessage.ErrorMessage(sender, target, json.get("message").asText());
      case "request" -> new WireMessage.Request(sender, target, document.get(), data.get());
      case "sync" -> new WireMessage.Sync(sender, target, document.get(), data.get());
      case "doc-unavailable" -> new WireMessage.DocUnavailable(sender, target, document.get());
      case "ephemeral" ->
          new WireMessage.Ephemeral(
              sender,
              target,
              document.get(),
              new SessionId(json.get("sessionId").asText()),
              json.get("count").asLong(),
              data.get());
      case "remote-subscription-change" ->
          new WireMessage.RemoteSubscriptionChange(
              sender, target, storages(json.path("add")), storages(json.path("remove")));
      case "remote-heads-changed" ->
          new WireMessage.RemoteHeadsChanged(
              sender,
              target,
              document.get(),
              Map.of(
                  new StorageId("s1"),
                  new WireMessage.StoredHeads(List.of("2ZqR8Qm", "9w"), 1_760_000_000_000L)));
      case "leave" -> new WireMessage.Leave(sender);
      default -> new WireMessage.Unknown(sender, type);
    };
  }

  private static PeerMetadata metadata(JsonNode json) {
    var metadata = json.get("peerMetadata");
    return new PeerMetadata(
        Optional.ofNullable(metadata.get("storageId")).map(id -> new StorageId(id.asText())),
        metadata.get("isEphemeral").asBoolean());
  }

  private static List<StorageId> storages(JsonNode ids) {
    var list = new ArrayList<StorageId>();
    ids.forEach(id -> list.add(new StorageId(id.asText())));
    return list;
  }

  @Test
  @DisplayName(
      "[HS6] the promise of durable heads is read from the metadata; without it there is none")
  void durableHeads() {
    for (var durableHeads : List.of(true, false)) {
      var peer =
          new WireMessage.PeerMessage(
              new PeerId("server"),
              new PeerId("ada"),
              new PeerMetadata(Optional.of(new StorageId("s1")), false, durableHeads),
              "1");
      assertEquals(Decoding.of(peer), WireCodec.decode(WireCodec.encode(peer)));
    }
  }

  @Test
  @DisplayName("[WS3] a message with empty data is refused")
  void emptyDataIsRefused() {
    var sync =
        new WireMessage.Sync(
            new PeerId("a"),
            new PeerId("b"),
            DocumentId.of(Bytes.ofHex("00112233445566778899aabbccddeeff")),
            Bytes.EMPTY);
    assertRefused("WS3", WireCodec.encode(sync).toHex());
  }

  @Test
  @DisplayName("[HS7] a document id with a wrong checksum is refused")
  void wrongDocumentIdIsRefused() {
    assertRefused(
        "HS7",
        new CborWriter()
            .map(4)
            .text("type")
            .text("doc-unavailable")
            .text("senderId")
            .text("a")
            .text("targetId")
            .text("b")
            .text("documentId")
            .text("4NMNnkMhL8jXrdJ9jamS58PAVdXv")
            .toBytes()
            .toHex());
  }

  @Test
  @DisplayName("[HS7] a document id may have any length up to 128 characters")
  void documentIdsOfAnyLength() {
    for (var length : new int[] {1, 15, 16, 17, 32, 80}) {
      var bytes = new byte[length];
      java.util.Arrays.fill(bytes, (byte) 0xab);
      var id = DocumentId.of(Bytes.wrap(bytes));
      assertTrue(id.value().length() <= 128, id.value());
      var message = new WireMessage.DocUnavailable(new PeerId("a"), new PeerId("b"), id);
      assertEquals(message, WireCodec.decode(WireCodec.encode(message)).orElseThrow());
    }
    var tooLong = DocumentId.of(Bytes.wrap(new byte[130])).value(); // a "1" for each zero
    assertTrue(tooLong.length() > 128);
    assertInstanceOf(Decoding.Malformed.class, DocumentId.parse(tooLong));
  }

  @Test
  @DisplayName("[HS2] a join without versions means version 1")
  void missingVersionsMeanVersionOne() {
    assertJoin("a2" + TYPE_JOIN + SENDER_A);
  }

  @Test
  @DisplayName("a message of an unknown type is read as unknown")
  void unknownTypes() {
    assertEquals(
        new WireMessage.Unknown(new PeerId("a"), "foo"),
        decode("a264747970656" + "3666f6f" + SENDER_A).orElseThrow());
  }

  @Test
  @DisplayName(
      "[WS2] integers beyond 32 bits are written as doubles, which JavaScript reads as numbers")
  void bigIntegersAreDoubles() {
    assertEquals("1affffffff", new CborWriter().integer(0xffff_ffffL).toBytes().toHex());
    assertEquals("fb41f0000000000000", new CborWriter().integer(1L << 32).toBytes().toHex());
    assertEquals("3863", new CborWriter().integer(-100).toBytes().toHex());
  }
}
