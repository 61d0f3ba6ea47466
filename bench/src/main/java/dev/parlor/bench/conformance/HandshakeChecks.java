package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.identity.PeerId;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.crdt.wire.PeerMetadata;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Checks of joining, leaving and sender ids [HS1] to [HS7]. */
final class HandshakeChecks {

  private HandshakeChecks() {}

  static List<Check> all() {
    return Stream.of(joins(), takeovers(), identities()).flatMap(List::stream).toList();
  }

  private static List<Check> joins() {
    return List.of(
        Check.quick(
            "HS1",
            "closes with 1008 on a message before the join",
            probe -> {
              var peer = probe.open();
              peer.send(new WireMessage.Leave(peer.id));
              peer.expectClose(1008);
              var other = probe.open();
              other.send(
                  new WireMessage.DocUnavailable(other.id, new PeerId("x"), probe.newDocument()));
              other.expectClose(1008);
            }),
        Check.quick(
            "HS2",
            "treats a join without a version list as version 1",
            probe -> {
              var peer = probe.open();
              peer.send(
                  new CborWriter()
                      .map(3)
                      .text("type")
                      .text("join")
                      .text("senderId")
                      .text(peer.id.value())
                      .text("peerMetadata")
                      .map(0)
                      .toBytes());
              if (!peer.awaitWelcome().welcome().version().equals("1")) {
                throw new Finding("version 1", "version " + peer.welcome().version());
              }
            }),
        Check.quick(
            "HS2",
            "chooses version 1 among several",
            probe -> {
              var peer = probe.open();
              peer.send(join(peer, "7", "1", "2"));
              if (!peer.awaitWelcome().welcome().version().equals("1")) {
                throw new Finding("version 1", "version " + peer.welcome().version());
              }
            }),
        Check.quick(
            "HS3",
            "refuses a version list without 1 with an error and 4405",
            probe -> {
              var peer = probe.open();
              peer.send(join(peer, "2", "3"));
              peer.expectErrorAndClose(4405);
            }));
  }

  private static List<Check> takeovers() {
    return List.of(
        Check.quick(
            "HS4",
            "lets a peer id take over on a new connection, and closes the old one with 4409",
            HandshakeChecks::takeOver),
        Check.quick(
            "HS4",
            "resets sync with a peer that joins again without data",
            HandshakeChecks::rejoinWithoutData),
        Check.quick(
            "HS4",
            "refuses a second join on the same connection",
            probe -> {
              var peer = probe.join();
              peer.send(peer.joinMessage());
              peer.expectClose(4400);
            }),
        Check.quick(
            "HS4",
            "refuses a join with the server's own peer id",
            probe -> {
              var server = probe.join().server();
              var impostor = probe.open(probe.connect(), server);
              impostor.send(impostor.joinMessage());
              impostor.expectClose(4403);
            }));
  }

  private static List<Check> identities() {
    return List.of(
        Check.quick(
            "HS5",
            "refuses a direct message with another peer's senderId with 4400",
            probe -> {
              var peer = probe.join();
              var other = probe.join();
              peer.send(
                  new WireMessage.Sync(other.id, peer.server(), probe.newDocument(), empty()));
              peer.expectErrorAndClose(4400);
              other.expectSilence("the other peer did not send the message");
            }),
        Check.quick(
            "HS5",
            "drops an ephemeral message with another peer's senderId, and keeps the connection",
            HandshakeChecks::foreignEphemeral),
        Check.quick(
            "HS6",
            "sends its storage id and isEphemeral false",
            probe -> {
              var metadata = probe.join().welcome().metadata();
              if (metadata.storageId().isEmpty() || metadata.isEphemeral()) {
                throw new Finding("a storage id, isEphemeral false", metadata.toString());
              }
            }),
        Check.quick(
            "HS6",
            "sends every peer the same storage id and peer id",
            probe -> {
              var first = probe.join().welcome();
              var second = probe.join().welcome();
              if (!first.metadata().equals(second.metadata())
                  || !first.senderId().equals(second.senderId())) {
                throw new Finding(first.metadata() + " again", second.metadata().toString());
              }
            }),
        Check.quick(
            "HS6",
            "addresses its answer to the peer that joined",
            probe -> {
              var peer = probe.join();
              if (!peer.welcome().targetId().equals(peer.id)) {
                throw new Finding("targetId " + peer.id, "targetId " + peer.welcome().targetId());
              }
            }),
        Check.quick("HS7", "accepts document ids of any length", HandshakeChecks::longDocumentId),
        Check.quick(
            "HS7",
            "refuses a document id with a wrong checksum and keeps the connection",
            HandshakeChecks::wrongDocumentId),
        Check.quick(
            "HS1",
            "closes with 1000 after leave",
            probe -> {
              var peer = probe.join();
              peer.send(new WireMessage.Leave(peer.id));
              peer.expectClose(1000);
            }));
  }

  private static WireMessage.Join join(ConformancePeer peer, String... versions) {
    return new WireMessage.Join(
        peer.id, new PeerMetadata(Optional.empty(), true), List.of(versions));
  }

  private static Bytes empty() {
    return dev.parlor.crdt.sync.SyncMessageCodec.encode(
        new SyncMessage(
            SyncMessage.Kind.CHANGES, List.of(), List.of(), List.of(), List.of(), null));
  }

  private static void takeOver(Probe probe) throws IOException {
    var id = probe.newId();
    var first = probe.join(id);
    var second = probe.join(id);
    first.expectClose(4409);
    second.expectSilence("the connection has just joined");
    var third = probe.join(id);
    second.expectClose(4409);
    third.expectSilence("the connection has just joined");
  }

  /** The client loses its storage between two connections. */
  private static void rejoinWithoutData(Probe probe) throws IOException {
    var reader = probe.newId();
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.awaitSaved();
    var before = probe.doc(probe.join(reader), writer.id);
    before.openAndAwait(hash);
    var after = probe.doc(probe.join(reader), writer.id);
    after.openAndAwait(hash);
    after.awaitChange(writer.edit());
    var again = probe.doc(probe.join(reader), writer.id);
    again.openAndAwait(writer.heads().getFirst());
  }

  private static void foreignEphemeral(Probe probe) throws IOException {
    var ada = probe.newDoc(probe.join());
    var hash = ada.edit();
    ada.awaitSaved();
    var bob = probe.doc(probe.join(), ada.id);
    bob.openAndAwait(hash);
    var real = bob.peer.ephemeral(ada.id, 1, Bytes.ofHex("a0"));
    bob.peer.send(
        new WireMessage.Ephemeral(
            new PeerId("another-peer"),
            real.targetId(),
            ada.id,
            real.sessionId(),
            1,
            Bytes.ofHex("a0")));
    bob.peer.send(real);
    var received = ada.peer.next(WireMessage.Ephemeral.class);
    if (!received.senderId().equals(bob.peer.id)) {
      throw new Finding(
          "only the message with the sender's own id", "senderId " + received.senderId());
    }
    bob.peer.receiveUntilPong();
  }

  private static void longDocumentId(Probe probe) throws IOException {
    probe.newDocument();
    for (var length : List.of(1, 8, 20, 32, 64)) {
      var peer = probe.join();
      // The id is random: a fixed id would exist already in a second run.
      var id = DocumentId.of(probe.randomBytes(Math.max(6, length)));
      var doc = probe.doc(peer, id);
      doc.edit();
      doc.awaitSaved();
    }
  }

  private static void wrongDocumentId(Probe probe) throws IOException {
    var value = probe.newDocument().value();
    var last = value.charAt(value.length() - 1);
    var peer = probe.join();
    peer.send(
        new CborWriter()
            .map(5)
            .text("type")
            .text("sync")
            .text("senderId")
            .text(peer.id.value())
            .text("documentId")
            .text(value.substring(0, value.length() - 1) + (last == 'a' ? 'b' : 'a'))
            .text("data")
            .bytes(empty())
            .text("targetId")
            .text(peer.server().value())
            .toBytes());
    var error = peer.pollError();
    if (error.isEmpty() || !error.get().message().startsWith("[HS7] ")) {
      throw new Finding(
          "an error message with [HS7]", error.map(Description::of).orElse("no answer"));
    }
    peer.receiveUntilPong();
  }
}
