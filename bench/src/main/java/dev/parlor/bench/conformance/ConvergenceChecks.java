package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.sync.SyncMessageCodec;
import dev.parlor.crdt.wire.WireCodec;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks that peers converge after lost data, concurrent changes, broken connections and lost
 * messages [SY10] to [SY12].
 */
final class ConvergenceChecks {

  /** Two of Parlor's checks, which are 8 s apart, and some time for a busy machine. */
  private static final long RESET_MILLIS_MAX = 20_000;

  private ConvergenceChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick(
            "SY10",
            "serves a peer that has lost its data from the beginning",
            ConvergenceChecks::lostData),
        Check.quick(
            "SY11",
            "names the server's heads as the last sync in the message that brings a peer up to"
                + " date",
            ConvergenceChecks::lastSync),
        Check.quick(
            "SY11", "merges changes that peers made offline", ConvergenceChecks::offlineChanges),
        Check.quick(
            "SY11",
            "converges after connections cut at any byte",
            ConvergenceChecks::cutConnections),
        Check.detailed(
            "SY12",
            "resets sync with a peer that did not receive a message of the server",
            Check.Pace.SLOW,
            ConvergenceChecks::lostServerMessage),
        Check.detailed(
            "SY12",
            "resets sync with a peer whose change the server did not receive",
            Check.Pace.SLOW,
            ConvergenceChecks::lostClientChange));
  }

  private static void lostData(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.awaitSaved();
    var peer = probe.join();
    var before = probe.doc(peer, writer.id);
    before.openAndAwait(hash);
    SyncChecks.settle(before);
    var after = probe.doc(peer, writer.id);
    after.openAndAwait(hash);
    after.awaitChange(writer.edit());
  }

  private static void lastSync(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.awaitSaved();
    var reader = probe.join();
    reader.request(writer.id, SyncMessages.blank());
    var sync = reader.nextSync(writer.id);
    var have = sync.have();
    if (have.size() != 1
        || !have.getFirst().lastSync().equals(sync.heads())
        || !have.getFirst().filter().isEmpty()) {
      throw new NotOfferedException("it describes its changes by a Bloom filter");
    }
  }

  /** Three peers that each made changes offline. */
  private static void offlineChanges(Probe probe) throws IOException {
    var document = probe.newDocument();
    var docs =
        List.of(
            withOfflineChanges(probe, document),
            withOfflineChanges(probe, document),
            withOfflineChanges(probe, document));
    docs.forEach(Doc::sendNext);
    for (var rounds = 0; docs.stream().anyMatch(doc -> doc.size() < 30); rounds++) {
      if (rounds == 100) {
        throw new Finding(
            "30 changes at every peer", docs.stream().map(Doc::size).toList().toString());
      }
      for (var doc : docs) {
        doc.peer.receiveUntilPong().forEach(doc::handle);
      }
    }
    for (var doc : docs) {
      if (!doc.heads().equals(docs.getFirst().heads())) {
        throw new Finding("equal heads", doc.heads() + " and " + docs.getFirst().heads());
      }
    }
  }

  private static Doc withOfflineChanges(Probe probe, DocumentId document) throws IOException {
    var doc = probe.doc(probe.join(), document);
    for (var i = 0; i < 10; i++) {
      doc.make();
    }
    return doc;
  }

  private static void cutConnections(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.make();
    var reader = probe.doc(probe.join(), writer.id);
    for (var cut = 1; cut < 400; cut += 23) {
      var change = writer.make();
      var message =
          RawFrames.binary(
              WireCodec.encode(
                  new WireMessage.Sync(
                      writer.peer.id,
                      writer.peer.server(),
                      writer.id,
                      SyncMessageCodec.encode(SyncMessages.withChanges(writer.heads(), change)))));
      var broken = probe.join(writer.peer.id);
      broken.connection.write(message.slice(0, Math.min(cut, message.length())));
      broken.connection.reset();
    }
    // Sync again, on a connection with another peer id.
    var otherPeer = probe.join();
    otherPeer.sync(writer.id, SyncMessages.withChanges(writer.heads(), writer.madeChanges()));
    reader.openAndAwait(writer.heads().getFirst());
    if (reader.size() != writer.size()) {
      throw new Finding(writer.size() + " changes", reader.size() + " changes");
    }
  }

  /** A message of the server is lost while the reader's connection stays open. */
  private static String lostServerMessage(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.edit();
    writer.awaitSaved();
    var reader = probe.doc(probe.join(), writer.id);
    reader.openAndAwait(first);
    SyncChecks.settle(reader);
    var hash = writer.edit();
    writer.awaitSaved();
    reader.peer.nextSync(writer.id);
    var detail = awaitReset(reader);
    reader.awaitChange(hash);
    return detail;
  }

  /** The server received the heads of a change, but never the change. */
  private static String lostClientChange(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.awaitSaved();
    SyncChecks.settle(writer);
    var hash = Doc.hash(writer.make());
    writer.peer.sync(writer.id, SyncMessages.at(writer.heads()));
    var detail = awaitReset(writer);
    writer.awaitSaved();
    probe.doc(probe.join(), writer.id).openAndAwait(hash);
    return detail;
  }

  /** Reads messages without applying them, until the server resets sync. */
  private static String awaitReset(Doc doc) {
    var begin = System.nanoTime();
    while (true) {
      var remainingMillis = RESET_MILLIS_MAX - (System.nanoTime() - begin) / 1_000_000;
      var message =
          remainingMillis <= 0
              ? Optional.<WireMessage>empty()
              : doc.peer.nextOrNone(remainingMillis);
      if (message.isEmpty()) {
        throw new NotOfferedException(
            "it does not detect that a message was lost on a live connection");
      }
      if (message.get() instanceof WireMessage.Sync sync
          && sync.documentId().equals(doc.id)
          && isBlank(ConformancePeer.decode(sync))) {
        doc.handle(sync);
        return String.format(Locale.ROOT, "after %.1f s", (System.nanoTime() - begin) / 1e9);
      }
    }
  }

  private static boolean isBlank(SyncMessage sync) {
    return sync.heads().isEmpty() && sync.need().isEmpty() && sync.changes().isEmpty();
  }
}
