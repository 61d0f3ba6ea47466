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

  /** Two checking periods of 8 s, and a part of a third. */
  private static final long STARTED_OVER_MILLIS_MAX = 20_000;

  private ConvergenceChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick(
            "SY10",
            "serves a peer that has lost its data from the beginning",
            ConvergenceChecks::lost),
        Check.quick(
            "SY11",
            "marks the server's heads as the last sync in the message that brings a peer up to"
                + " date",
            ConvergenceChecks::lastSync),
        Check.quick(
            "SY11", "merges changes that peers made apart", ConvergenceChecks::writtenApart),
        Check.quick(
            "SY11", "converges after connections cut at any byte", ConvergenceChecks::cutOff),
        Check.detailed(
            "SY12",
            "resets sync with a peer that did not receive a message",
            Check.Pace.SLOW,
            ConvergenceChecks::lostOnTheWayOut),
        Check.detailed(
            "SY12",
            "resets sync with a peer whose change was lost on the way",
            Check.Pace.SLOW,
            ConvergenceChecks::lostOnTheWayIn));
  }

  private static void lost(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.saved();
    var peer = probe.join();
    var before = probe.doc(peer, writer.id);
    before.opened(hash);
    SyncChecks.settle(before);
    var after = probe.doc(peer, writer.id);
    after.opened(hash);
    after.heard(writer.edit());
  }

  private static void lastSync(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.saved();
    var reader = probe.join();
    reader.request(writer.id, Syncs.blank());
    var sync = reader.nextSync(writer.id);
    var have = sync.have();
    if (have.size() != 1
        || !have.getFirst().lastSync().equals(sync.heads())
        || !have.getFirst().filter().isEmpty()) {
      throw new NotOffered("it describes what it has by a Bloom filter");
    }
  }

  /** Three peers that each made changes offline. */
  private static void writtenApart(Probe probe) throws IOException {
    var document = probe.newDocument();
    var docs = List.of(apart(probe, document), apart(probe, document), apart(probe, document));
    docs.forEach(Doc::speak);
    for (var rounds = 0; docs.stream().anyMatch(doc -> doc.size() < 30); rounds++) {
      if (rounds == 100) {
        throw new Finding(
            "30 changes at every peer", docs.stream().map(Doc::size).toList().toString());
      }
      for (var doc : docs) {
        doc.peer.untilPong().forEach(doc::take);
      }
    }
    for (var doc : docs) {
      if (!doc.heads().equals(docs.getFirst().heads())) {
        throw new Finding("equal heads", doc.heads() + " and " + docs.getFirst().heads());
      }
    }
  }

  private static Doc apart(Probe probe, DocumentId document) throws IOException {
    var doc = probe.doc(probe.join(), document);
    for (var i = 0; i < 10; i++) {
      doc.make();
    }
    return doc;
  }

  private static void cutOff(Probe probe) throws IOException {
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
                      SyncMessageCodec.encode(Syncs.bringing(writer.heads(), change)))));
      var broken = probe.join(writer.peer.id);
      broken.line.write(message.slice(0, Math.min(cut, message.length())));
      broken.line.reset();
    }
    // Sync again, on a connection with another peer id.
    var again = probe.join();
    again.sync(writer.id, Syncs.bringing(writer.heads(), writer.all()));
    reader.opened(writer.heads().getFirst());
    if (reader.size() != writer.size()) {
      throw new Finding(writer.size() + " changes", reader.size() + " changes");
    }
  }

  /** A message of the server is lost while the reader's connection stays open. */
  private static String lostOnTheWayOut(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.edit();
    writer.saved();
    var reader = probe.doc(probe.join(), writer.id);
    reader.opened(first);
    SyncChecks.settle(reader);
    var hash = writer.edit();
    writer.saved();
    reader.peer.nextSync(writer.id);
    var detail = untilStartedOver(reader);
    reader.heard(hash);
    return detail;
  }

  /** The server knows the heads of a change that it never received. */
  private static String lostOnTheWayIn(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.saved();
    SyncChecks.settle(writer);
    var hash = Doc.hash(writer.make());
    writer.peer.sync(writer.id, Syncs.at(writer.heads()));
    var detail = untilStartedOver(writer);
    writer.saved();
    probe.doc(probe.join(), writer.id).opened(hash);
    return detail;
  }

  /** Reads messages without applying them, until the server resets sync. */
  private static String untilStartedOver(Doc doc) {
    var begin = System.nanoTime();
    while (true) {
      var left = STARTED_OVER_MILLIS_MAX - (System.nanoTime() - begin) / 1_000_000;
      var message = left <= 0 ? Optional.<WireMessage>empty() : doc.peer.nextOrNone(left);
      if (message.isEmpty()) {
        throw new NotOffered("it does not notice that a message was lost on a live connection");
      }
      if (message.get() instanceof WireMessage.Sync about
          && about.documentId().equals(doc.id)
          && isBlank(ConformancePeer.decode(about))) {
        doc.take(about);
        return String.format(Locale.ROOT, "after %.1f s", (System.nanoTime() - begin) / 1e9);
      }
    }
  }

  private static boolean isBlank(SyncMessage sync) {
    return sync.heads().isEmpty() && sync.need().isEmpty() && sync.changes().isEmpty();
  }
}
