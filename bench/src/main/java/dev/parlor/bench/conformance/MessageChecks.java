package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.WireMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks of the contents of messages: valid CBOR [WS1], the forms that the server reads and writes
 * [WS2], and empty data [WS3].
 */
final class MessageChecks {

  private MessageChecks() {}

  static List<Check> all() {
    return Stream.of(encodings(), fields()).flatMap(List::stream).toList();
  }

  private static List<Check> encodings() {
    return List.of(
        notCbor(
            "closes with 1007 on a message that is not CBOR", Bytes.ofHex("ff"), Bytes.ofHex("1c")),
        notCbor("closes with 1007 on an empty message", Bytes.EMPTY),
        notCbor("closes with 1007 on CBOR that is not a map", Bytes.ofHex("83010203")),
        notCbor("closes with 1007 on bytes after the map", trailingByte()),
        notCbor("closes with 1007 on a map that ends early", Bytes.ofHex("a2647479706564")),
        Check.quick(
            "WS1",
            "closes with 1007 or 4400 on a map with fewer entries than announced",
            MessageChecks::overstatedCounts),
        Check.quick(
            "WS2",
            "survives maps nested 100,000 levels deep",
            probe -> {
              var peer = probe.join();
              peer.send(nested(100_000));
              peer.expectClose(1007, 4400);
              probe.join();
            }),
        reads(
            "reads lengths of 16 bits, as JavaScript writes them",
            MessageChecks::asJavaScriptWrites),
        reads("reads lengths of 64 bits", MessageChecks::longLengths),
        reads("reads keys in any order and skips unknown ones", MessageChecks::otherOrder),
        reads("treats null and undefined as a missing key", MessageChecks::nullFields),
        reads("reads tagged values as untagged", MessageChecks::tagged));
  }

  private static List<Check> fields() {
    return List.of(
        Check.quick(
            "WS2",
            "ignores a message of unknown type",
            probe -> {
              var peer = probe.join();
              peer.send(new WireMessage.Unknown(peer.id, "from-the-future"));
              peer.expectSilence("the message has an unknown type");
            }),
        Check.quick(
            "WS2", "refuses a message without its fields with 4400", MessageChecks::missingFields),
        Check.quick(
            "WS2",
            "refuses a field of another type with 4400",
            probe -> {
              var peer = probe.join();
              peer.send(
                  new CborWriter()
                      .map(5)
                      .text("type")
                      .text("sync")
                      .text("senderId")
                      .text(peer.id.value())
                      .text("targetId")
                      .text(peer.server().value())
                      .text("documentId")
                      .integer(7)
                      .text("data")
                      .bytes(Bytes.ofHex("4200000000"))
                      .toBytes());
              peer.expectErrorAndClose(4400);
            }),
        Check.quick(
            "WS2",
            "writes definite lengths in the shortest form, and no tags",
            MessageChecks::canonicalForm),
        Check.quick(
            "WS3",
            "refuses empty data with 4400",
            probe -> {
              var peer = probe.join();
              var document = probe.newDocument();
              peer.send(new WireMessage.Sync(peer.id, peer.server(), document, Bytes.EMPTY));
              peer.expectErrorAndClose(4400);
            }));
  }

  /** A message of an unknown type with this many bytes; at least 100. */
  static Bytes padded(PeerId sender, int size) {
    var base =
        new CborWriter()
            .map(3)
            .text("type")
            .text("x-padding")
            .text("senderId")
            .text(sender.value())
            .text("pad")
            .toBytes();
    var padSize = Math.max(1, size - base.length());
    var head = padSize <= 24 ? 1 : padSize <= 257 ? 2 : padSize <= 65_538 ? 3 : 5;
    var pad = new CborWriter().bytes(Bytes.wrap(new byte[Math.max(0, padSize - head)])).toBytes();
    return Bytes.concat(List.of(base, pad));
  }

  private static Check notCbor(String title, Bytes... messages) {
    return Check.quick(
        "WS1",
        title,
        probe -> {
          for (var message : messages) {
            var peer = probe.join();
            peer.send(message);
            peer.expectErrorAndClose(1007);
            var early = probe.open();
            early.send(message);
            early.expectClose(1007);
          }
        });
  }

  private static Bytes trailingByte() {
    var leave = new CborWriter().map(1).text("type").text("leave").toBytes();
    return Bytes.concat(List.of(leave, Bytes.ofHex("00")));
  }

  private static Bytes nested(int depth) {
    var out = new ByteArrayOutputStream(2 * depth + 20);
    out.writeBytes(Bytes.ofHex("a16474797065").toArray());
    for (var i = 0; i < depth; i++) {
      out.write(0xa1);
      out.write(0x60);
    }
    out.write(0xf6);
    return Bytes.wrap(out.toByteArray());
  }

  /** A check that the server answers a join in this form. */
  private static Check reads(String title, java.util.function.Function<PeerId, Bytes> join) {
    return Check.quick(
        "WS2",
        title,
        probe -> {
          var peer = probe.open();
          peer.send(join.apply(peer.id));
          peer.awaitWelcome();
        });
  }

  private static Bytes asJavaScriptWrites(PeerId id) {
    return raw(
        "b90004",
        text("type"),
        text("join"),
        text("senderId"),
        text(id.value()),
        text("peerMetadata"),
        "b90002",
        text("storageId"),
        "f7",
        text("isEphemeral"),
        "f5",
        text("supportedProtocolVersions"),
        "8161" + "31");
  }

  private static Bytes longLengths(PeerId id) {
    return raw(
        "bb0000000000000004",
        "7b0000000000000004" + Bytes.utf8("type").toHex(),
        "7a00000004" + Bytes.utf8("join").toHex(),
        "790008" + Bytes.utf8("senderId").toHex(),
        text(id.value()),
        text("peerMetadata"),
        "ba00000000",
        text("supportedProtocolVersions"),
        "9b0000000000000001" + "7b0000000000000001" + "31");
  }

  private static Bytes otherOrder(PeerId id) {
    return raw(
        "a6",
        text("supportedProtocolVersions"),
        "826131" + "6132",
        text("unheard-of"),
        "a2" + text("deep") + "83010203" + text("blob") + "43010203",
        text("peerMetadata"),
        "a3"
            + text("isEphemeral")
            + "f5"
            + text("colour")
            + "fb3ff8000000000000"
            + text("x")
            + "f4",
        text("another"),
        "3903e7",
        text("senderId"),
        text(id.value()),
        text("type"),
        text("join"));
  }

  private static Bytes nullFields(PeerId id) {
    return raw(
        "a4",
        text("type"),
        text("join"),
        text("senderId"),
        text(id.value()),
        text("peerMetadata"),
        "f7",
        text("supportedProtocolVersions"),
        "f6");
  }

  private static Bytes tagged(PeerId id) {
    return raw(
        "d9d9f7a3",
        text("type"),
        text("join"),
        text("senderId"),
        text(id.value()),
        text("supportedProtocolVersions"),
        "816131");
  }

  private static String text(String text) {
    return new CborWriter().text(text).toBytes().toHex();
  }

  private static Bytes raw(String... parts) {
    return Bytes.ofHex(String.join("", parts));
  }

  private static void overstatedCounts(Probe probe) throws IOException {
    for (var message :
        List.of(
            "bb7fffffffffffffff", "a164747970657b7fffffffffffffff61", "a164747970659affffffff")) {
      var peer = probe.join();
      peer.send(Bytes.ofHex(message));
      peer.expectClose(1007, 4400);
    }
  }

  private static void missingFields(Probe probe) throws IOException {
    for (var type : List.of("request", "sync", "ephemeral", "doc-unavailable")) {
      var peer = probe.join();
      peer.send(
          new CborWriter()
              .map(3)
              .text("type")
              .text(type)
              .text("senderId")
              .text(peer.id.value())
              .text("targetId")
              .text(peer.server().value())
              .toBytes());
      peer.expectErrorAndClose(4400);
    }
  }

  private static void canonicalForm(Probe probe) throws IOException {
    var peer = probe.open();
    peer.send(peer.joinMessage());
    while (true) {
      switch (peer.connection.read()) {
        case Frame.Data data -> {
          var fault = CborForm.fault(data.payload());
          if (!fault.isEmpty()) {
            throw new NotOfferedException(fault + "; every client must understand this form");
          }
          return;
        }
        case Frame.Ping _, Frame.Pong _ -> {}
        case Frame.Close close -> throw new Finding("the answer to join", Description.of(close));
        case Frame.Disconnected disconnected ->
            throw new Finding("the answer to join", Description.of(disconnected));
      }
    }
  }
}
