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
            "EP1", "forwards an ephemeral message with unchanged bytes", EphemeralChecks::forwards),
        Check.quick("EP1", "forwards ephemeral data that is not CBOR", EphemeralChecks::opaque),
        Check.quick(
            "EP1",
            "does not send an ephemeral message back to its author",
            probe -> {
              var pair = new Pair(probe);
              pair.ada.peer.send(pair.ada.peer.ephemeral(pair.ada.id, 1, Bytes.ofHex("a0")));
              pair.ada.peer.expectSilence("the message is the author's own");
            }),
        Check.quick(
            "EP2",
            "drops an ephemeral message that it has already forwarded",
            EphemeralChecks::duplicates),
        Check.quick(
            "EP3",
            "drops an ephemeral message from a peer that has not opened the document",
            EphemeralChecks::unopenedDocument),
        Check.quick(
            "EP3",
            "keeps no ephemeral message for peers that open the document later",
            EphemeralChecks::notKept),
        Check.quick(
            "EP4",
            "drops ephemeral messages above 8 KiB, and keeps the connection",
            EphemeralChecks::aboveTheSize),
        Check.detailed(
            "EP4",
            "drops ephemeral messages above 60 a second, and keeps the connection",
            Check.Pace.QUICK,
            EphemeralChecks::aboveTheRate),
        Check.detailed(
            "EP6",
            "drops only older ephemeral messages for a slow reader, and no change",
            Check.Pace.QUICK,
            EphemeralChecks::slowReader),
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
      ada.awaitSaved();
      bob = probe.doc(probe.join(), ada.id);
      bob.openAndAwait(hash);
      drain(bob);
      drain(ada);
    }

    private static void drain(Doc doc) {
      for (var received = doc.peer.drain(); !received.isEmpty(); received = doc.peer.drain()) {
        received.forEach(doc::handle);
      }
    }

    /** Bob sends a message; the server has received it when this returns. */
    void bobSends(WireMessage message) {
      bob.peer.send(message);
      bob.peer.receiveUntilPong();
    }

    WireMessage.Ephemeral bobsMessage(long count, Bytes data) {
      return bob.peer.ephemeral(bob.id, count, data);
    }

    /** The ephemeral messages that Ada receives before Bob's next change. */
    List<WireMessage.Ephemeral> adaReceives() {
      var hash = bob.edit();
      var received = new java.util.ArrayList<WireMessage.Ephemeral>();
      while (!ada.has(hash)) {
        if (ada.receive() instanceof WireMessage.Ephemeral ephemeral) {
          received.add(ephemeral);
        }
      }
      return received;
    }
  }

  private static void forwards(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var count = 0;
    for (var data : List.of(Bytes.ofHex("a1616101"), Bytes.ofHex("f7"), cbor(probe, 8_000))) {
      var sent = pair.bobsMessage(++count, data);
      pair.bobSends(sent);
      expectForwarded(sent, pair.ada.peer.next(WireMessage.Ephemeral.class), pair.ada.peer);
    }
  }

  private static void opaque(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var sent = pair.bobsMessage(1, Bytes.ofHex("ff00fe"));
    pair.bobSends(sent);
    var received = pair.adaReceives();
    if (received.isEmpty()) {
      throw new NotOfferedException("it reads the data, and drops data that it cannot read");
    }
    expectForwarded(sent, received.getFirst(), pair.ada.peer);
  }

  private static void expectForwarded(
      WireMessage.Ephemeral sent, WireMessage.Ephemeral received, ConformancePeer receiver) {
    var expected =
        new WireMessage.Ephemeral(
            sent.senderId(),
            receiver.id,
            sent.documentId(),
            sent.sessionId(),
            sent.count(),
            sent.data());
    if (!received.equals(expected)) {
      throw new Finding("the same message with the receiver's targetId", received.toString());
    }
  }

  /** A CBOR byte string of this length, its head included. */
  private static Bytes cbor(Probe probe, int length) {
    return new dev.parlor.crdt.wire.CborWriter().bytes(probe.randomBytes(length - 3)).toBytes();
  }

  private static void duplicates(Probe probe) throws IOException {
    var pair = new Pair(probe);
    for (var count : List.of(5L, 5L, 4L, 1L, 6L, 6L)) {
      pair.bobSends(pair.bobsMessage(count, Bytes.ofHex("a0")));
    }
    var counts = pair.adaReceives().stream().map(WireMessage.Ephemeral::count).toList();
    if (!counts.equals(List.of(5L, 6L))) {
      throw new Finding("the counts 5 and 6", counts.toString());
    }
  }

  private static void unopenedDocument(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var outsider = probe.join();
    outsider.send(outsider.ephemeral(pair.ada.id, 1, Bytes.ofHex("a0")));
    outsider.receiveUntilPong();
    var received = pair.adaReceives();
    if (!received.isEmpty()) {
      throw new Finding("no message of the other peer", received.size() + " ephemeral messages");
    }
  }

  private static void notKept(Probe probe) throws IOException {
    var pair = new Pair(probe);
    pair.bobSends(pair.bobsMessage(1, Bytes.ofHex("a0")));
    pair.ada.peer.next(WireMessage.Ephemeral.class);
    var late = probe.doc(probe.join(), pair.ada.id);
    late.sendNext();
    while (!late.has(pair.ada.heads().getFirst())) {
      if (late.receive() instanceof WireMessage.Ephemeral) {
        throw new Finding(
            "only changes of the document", "an ephemeral message from before the request");
      }
    }
    late.peer.drain().stream()
        .filter(WireMessage.Ephemeral.class::isInstance)
        .forEach(
            _ -> {
              throw new Finding(
                  "only changes of the document", "an ephemeral message from before the request");
            });
  }

  private static void aboveTheSize(Probe probe) throws IOException {
    var pair = new Pair(probe);
    pair.bobSends(pair.bobsMessage(1, cbor(probe, 8_193)));
    pair.bobSends(pair.bobsMessage(2, cbor(probe, 8_192)));
    var counts = pair.adaReceives().stream().map(WireMessage.Ephemeral::count).toList();
    if (counts.equals(List.of(1L, 2L))) {
      throw new NotOfferedException("larger messages are forwarded");
    }
    if (!counts.equals(List.of(2L))) {
      throw new Finding("only the message of 8,192 bytes", "the counts " + counts);
    }
  }

  private static String aboveTheRate(Probe probe) throws IOException {
    var pair = new Pair(probe);
    for (var count = 1; count <= 300; count++) {
      pair.bob.peer.send(pair.bobsMessage(count, Bytes.ofHex("a0")));
    }
    pair.bob.peer.receiveUntilPong();
    var received = pair.adaReceives().size();
    if (received == 300) {
      throw new NotOfferedException("300 at once are forwarded");
    }
    if (received < 60) {
      throw new Finding("60 of 300 at once", String.valueOf(received));
    }
    return received + " of 300 at once";
  }

  /** A peer sends 60 ephemeral messages while more than 100 messages wait for a slow reader. */
  private static String slowReader(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.edit();
    writer.awaitSaved();
    var slow = probe.doc(probe.joinWithSmallBuffer(), writer.id);
    slow.openAndAwait(first);
    for (var i = 0; i < 8; i++) {
      writer.edit(probe.randomBytes(1 << 20));
      writer.awaitSaved();
    }
    for (var i = 0; i < 100; i++) {
      writer.edit();
      writer.awaitSaved();
    }
    for (var count = 1; count <= 60; count++) {
      writer.peer.send(writer.peer.ephemeral(writer.id, count, Bytes.ofHex("a0")));
    }
    writer.peer.receiveUntilPong();
    var last = writer.edit();
    writer.awaitSaved();
    var received = new java.util.ArrayList<Long>();
    while (!slow.has(last)) {
      if (slow.receive() instanceof WireMessage.Ephemeral ephemeral) {
        received.add(ephemeral.count());
      }
    }
    if (slow.size() != writer.size()) {
      throw new Finding(writer.size() + " changes", slow.size() + " of them");
    }
    if (received.isEmpty()
        || received.getLast() != 60
        || !received.stream().sorted().toList().equals(received)) {
      throw new Finding(
          "the newest of 60 messages, after older messages in order", "the counts " + received);
    }
    return received.size() + " of 60, all " + slow.size() + " changes";
  }

  private static String goodbye(Probe probe) throws IOException {
    var pair = new Pair(probe);
    var sent = pair.bobsMessage(1, Bytes.ofHex("a0"));
    pair.bobSends(sent);
    pair.ada.peer.next(WireMessage.Ephemeral.class);
    var begin = System.nanoTime();
    pair.bob.peer.connection.reset();
    WireMessage received;
    try {
      received = pair.ada.peer.next(3_000);
    } catch (Finding _) {
      throw new NotOfferedException("other peers get no goodbye");
    }
    var millis = (System.nanoTime() - begin) / 1e6;
    if (!(received instanceof WireMessage.Ephemeral goodbye)
        || !goodbye.senderId().equals(pair.bob.peer.id)) {
      throw new Finding(
          "an ephemeral message with the vanished peer's senderId", Description.of(received));
    }
    if (goodbye.sessionId().equals(sent.sessionId())) {
      throw new Finding("a new session id", "the session id of the vanished peer");
    }
    var text = new String(goodbye.data().toArray(), java.nio.charset.StandardCharsets.ISO_8859_1);
    if (!text.contains("__presence") || !text.contains("goodbye")) {
      throw new Finding("{__presence: {type: \"goodbye\"}}", goodbye.data().toHex());
    }
    if (millis > 1_000) {
      throw new Finding(
          "a goodbye within a second", String.format(Locale.ROOT, "after %.0f ms", millis));
    }
    return String.format(Locale.ROOT, "after %.0f ms", millis);
  }
}
