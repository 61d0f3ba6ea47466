package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Checks of ephemeral messages [EP1] to [EP6]. */
final class EphemeralChecks {

  private EphemeralChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick(
            "EP1", "forwards an ephemeral message with unchanged bytes", EphemeralChecks::passesOn),
        Check.quick("EP1", "forwards ephemeral data that is not CBOR", EphemeralChecks::opaque),
        Check.quick(
            "EP1",
            "does not send an ephemeral message back to its author",
            probe -> {
              var pair = new Pair(probe);
              pair.ada.peer.send(pair.ada.peer.ephemeral(pair.ada.id, 1, Bytes.ofHex("a0")));
              pair.ada.peer.hearsNothing("it was its own");
            }),
        Check.quick(
            "EP2",
            "drops an ephemeral message that it has already forwarded",
            EphemeralChecks::duplicates),
        Check.quick(
            "EP3",
            "drops an ephemeral message from a peer that has not opened the document",
            EphemeralChecks::stranger),
        Check.quick(
            "EP3",
            "keeps no ephemeral message for peers that open the document later",
            EphemeralChecks::notKept),
        Check.quick(
            "EP4",
            "drops ephemeral messages above 8 KiB, and keeps the connection",
            EphemeralChecks::large),
        Check.detailed(
            "EP4",
            "drops ephemeral messages above 60 a second, and keeps the connection",
            Check.Pace.QUICK,
            EphemeralChecks::many),
        Check.detailed(
            "EP6",
            "for a slow reader, leaves out older ephemeral messages only, and no change",
            Check.Pace.QUICK,
            EphemeralChecks::behind),
        Check.detailed(
            "EP5",
            "sends a presence goodbye for a peer that vanished",
            Check.Pace.QUICK,
            EphemeralChecks::goodbye));
  }

  /** Two peers with the same open document. */
  private static final class Pair {
    final Doc ada;
    final Doc bob;

    Pair(Probe probe) throws IOException {
      ada = probe.newDoc(probe.join());
      var hash = ada.edit();
      ada.saved();
      bob = probe.doc(probe.join(), ada.id);
      bob.opened(hash);
      quiet(bob);
      quiet(ada);
    }

    private static void quiet(Doc doc) {
      for (var heard = doc.peer.lately(); !heard.isEmpty(); heard = doc.peer.lately()) {
        heard.forEach(doc::take);
      }
    }

    /** Bob sends a message; the server has received it when this returns. */
    void bobSays(WireMessage message) {
      bob.peer.send(message);
      bob.peer.untilPong();
    }

    WireMessage.Ephemeral of(long count, Bytes data) {
      return bob.peer.ephemeral(bob.id, count, data);
    }

    /** The ephemeral messages that Ada receives before Bob's next change. */
    List<WireMessage.Ephemeral> adaHears() {
      var hash = bob.edit();
      var heard = new java.util.ArrayList<WireMessage.Ephemeral>();
      while (!ada.has(hash)) {
        if (ada.hear() instanceof WireMessage.Ephemeral ephemeral) {
          heard.add(ephemeral);
        }
      }
      return heard;
    }
  }

  private static void passesOn(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var count = 0;
    for (var data : List.of(Bytes.ofHex("a1616101"), Bytes.ofHex("f7"), cbor(probe, 8_000))) {
      var said = pair.of(++count, data);
      pair.bobSays(said);
      same(said, pair.ada.peer.next(WireMessage.Ephemeral.class), pair.ada.peer);
    }
  }

  private static void opaque(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var said = pair.of(1, Bytes.ofHex("ff00fe"));
    pair.bobSays(said);
    var heard = pair.adaHears();
    if (heard.isEmpty()) {
      throw new NotOffered("it reads the data, and drops data that it cannot read");
    }
    same(said, heard.getFirst(), pair.ada.peer);
  }

  private static void same(
      WireMessage.Ephemeral said, WireMessage.Ephemeral heard, ConformancePeer hearer) {
    var expected =
        new WireMessage.Ephemeral(
            said.senderId(),
            hearer.id,
            said.documentId(),
            said.sessionId(),
            said.count(),
            said.data());
    if (!heard.equals(expected)) {
      throw new Finding("what was said, with another targetId", heard.toString());
    }
  }

  /** A CBOR byte string of this length, its head included. */
  private static Bytes cbor(Probe probe, int length) {
    return new dev.parlor.crdt.wire.CborWriter().bytes(probe.randomBytes(length - 3)).toBytes();
  }

  private static void duplicates(Probe probe) throws IOException {
    var pair = new Pair(probe);
    for (var count : List.of(5L, 5L, 4L, 1L, 6L, 6L)) {
      pair.bobSays(pair.of(count, Bytes.ofHex("a0")));
    }
    var counts = pair.adaHears().stream().map(WireMessage.Ephemeral::count).toList();
    if (!counts.equals(List.of(5L, 6L))) {
      throw new Finding("the counts 5 and 6", counts.toString());
    }
  }

  private static void stranger(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var stranger = probe.join();
    stranger.send(stranger.ephemeral(pair.ada.id, 1, Bytes.ofHex("a0")));
    stranger.untilPong();
    var heard = pair.adaHears();
    if (!heard.isEmpty()) {
      throw new Finding("no message of the other peer", heard.size() + " ephemeral messages");
    }
  }

  private static void notKept(Probe probe) throws IOException {
    var pair = new Pair(probe);
    pair.bobSays(pair.of(1, Bytes.ofHex("a0")));
    pair.ada.peer.next(WireMessage.Ephemeral.class);
    var late = probe.doc(probe.join(), pair.ada.id);
    late.speak();
    while (!late.has(pair.ada.heads().getFirst())) {
      if (late.hear() instanceof WireMessage.Ephemeral) {
        throw new Finding("the document only", "an ephemeral message from before");
      }
    }
    late.peer.lately().stream()
        .filter(WireMessage.Ephemeral.class::isInstance)
        .forEach(
            _ -> {
              throw new Finding("the document only", "an ephemeral message from before");
            });
  }

  private static void large(Probe probe) throws IOException {
    var pair = new Pair(probe);
    pair.bobSays(pair.of(1, cbor(probe, 8_193)));
    pair.bobSays(pair.of(2, cbor(probe, 8_192)));
    var counts = pair.adaHears().stream().map(WireMessage.Ephemeral::count).toList();
    if (counts.equals(List.of(1L, 2L))) {
      throw new NotOffered("larger messages are forwarded");
    }
    if (!counts.equals(List.of(2L))) {
      throw new Finding("the one of 8,192 bytes", "the counts " + counts);
    }
  }

  private static String many(Probe probe) throws IOException {
    var pair = new Pair(probe);
    for (var count = 1; count <= 300; count++) {
      pair.bob.peer.send(pair.of(count, Bytes.ofHex("a0")));
    }
    pair.bob.peer.untilPong();
    var heard = pair.adaHears().size();
    if (heard == 300) {
      throw new NotOffered("300 at once are forwarded");
    }
    if (heard < 60) {
      throw new Finding("60 of 300 at once", String.valueOf(heard));
    }
    return heard + " of 300 at once";
  }

  /** A peer sends sixty ephemeral messages to a reader with a hundred waiting messages. */
  private static String behind(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.edit();
    writer.saved();
    var slow = probe.doc(probe.joinSlow(), writer.id);
    slow.opened(first);
    for (var i = 0; i < 8; i++) {
      writer.edit(probe.randomBytes(1 << 20));
      writer.saved();
    }
    for (var i = 0; i < 100; i++) {
      writer.edit();
      writer.saved();
    }
    for (var count = 1; count <= 60; count++) {
      writer.peer.send(writer.peer.ephemeral(writer.id, count, Bytes.ofHex("a0")));
    }
    writer.peer.untilPong();
    var last = writer.edit();
    writer.saved();
    var heard = new java.util.ArrayList<Long>();
    while (!slow.has(last)) {
      if (slow.hear() instanceof WireMessage.Ephemeral ephemeral) {
        heard.add(ephemeral.count());
      }
    }
    if (slow.size() != writer.size()) {
      throw new Finding(writer.size() + " changes", slow.size() + " of them");
    }
    if (heard.isEmpty()
        || heard.getLast() != 60
        || !heard.stream().sorted().toList().equals(heard)) {
      throw new Finding("the newest of sixty, and older ones before it", "the counts " + heard);
    }
    return heard.size() + " of 60, all " + slow.size() + " changes";
  }

  private static String goodbye(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var said = pair.of(1, Bytes.ofHex("a0"));
    pair.bobSays(said);
    pair.ada.peer.next(WireMessage.Ephemeral.class);
    var begin = System.nanoTime();
    pair.bob.peer.line.reset();
    WireMessage heard;
    try {
      heard = pair.ada.peer.next(3_000);
    } catch (Finding _) {
      throw new NotOffered("other peers are not told that a peer is gone");
    }
    var millis = (System.nanoTime() - begin) / 1e6;
    if (!(heard instanceof WireMessage.Ephemeral goodbye)
        || !goodbye.senderId().equals(pair.bob.peer.id)) {
      throw new Finding("an ephemeral message in the peer's name", Description.of(heard));
    }
    if (goodbye.sessionId().equals(said.sessionId())) {
      throw new Finding("a session of its own", "the session of the peer");
    }
    var text = new String(goodbye.data().toArray(), java.nio.charset.StandardCharsets.ISO_8859_1);
    if (!text.contains("__presence") || !text.contains("goodbye")) {
      throw new Finding("{__presence: {type: \"goodbye\"}}", goodbye.data().toHex());
    }
    if (millis > 1_000) {
      throw new Finding("within a second", String.format(Locale.ROOT, "after %.0f ms", millis));
    }
    return String.format(Locale.ROOT, "after %.0f ms", millis);
  }
}
