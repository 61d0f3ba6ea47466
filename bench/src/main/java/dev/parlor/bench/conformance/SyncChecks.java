package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks of sync per document and peer [SY1] to [SY12], and of acknowledgements [DU1] [DU2]. */
final class SyncChecks {

  /** Two checking periods of 8 s, and a part of a third. */
  private static final long STARTED_OVER_MILLIS_MAX = 20_000;

  private SyncChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick(
            "SY1",
            "announces no documents after a join",
            probe -> probe.join().hearsNothing("nothing was asked")),
        Check.quick(
            "SY2", "refuses data that is not a sync message with 4422", SyncChecks::malformed),
        Check.quick("SY3", "sends no flags", SyncChecks::noFlags),
        Check.quick(
            "SY3", "sends changes one by one to a client without flags", SyncChecks::oneByOne),
        Check.detailed(
            "SY3",
            "serves an empty client with flags from a snapshot",
            Check.Pace.ALONE,
            SyncChecks::snapshot),
        Check.quick(
            "SY5",
            "sends a change to every peer that has opened the document",
            probe -> {
              var writer = probe.newDoc(probe.join());
              var first = writer.edit();
              writer.saved();
              var reader = probe.doc(probe.join(), writer.id);
              reader.opened(first);
              for (var i = 0; i < 20; i++) {
                reader.heard(writer.edit());
                writer.saved();
                writer.heard(reader.edit());
                reader.saved();
              }
            }),
        Check.quick("SY5", "sends no message without new information", SyncChecks::quiet),
        Check.quick("SY5", "keeps documents apart", SyncChecks::apart),
        Check.quick(
            "SY6", "sends the same bytes to peers that lack the same", SyncChecks::sameBytes),
        Check.quick("SY7", "asks for the dependencies of a change", SyncChecks::needs),
        Check.detailed(
            "SY7",
            "refuses a change when too much waits for dependencies, and keeps the connection",
            Check.Pace.ALONE,
            SyncChecks::waitingWithoutEnd),
        Check.quick(
            "SY8",
            "answers a request for an unknown document with doc-unavailable, not with an empty sync message",
            probe -> {
              var peer = probe.join();
              peer.request(probe.newDocument(), Syncs.blank());
              peer.next(WireMessage.DocUnavailable.class);
            }),
        Check.quick(
            "SY8",
            "delays its answer to a request while another peer's changes are still to arrive",
            SyncChecks::holdsBack),
        Check.quick(
            "SY9",
            "sends doc-unavailable once, and sends changes that arrive later",
            SyncChecks::later),
        Check.quick(
            "SY10", "serves a peer that has lost its data from the beginning", SyncChecks::lost),
        Check.quick(
            "SY11",
            "marks the server's heads as the last sync in the message that brings a peer up to date",
            SyncChecks::lastSync),
        Check.quick("SY11", "merges changes that peers made apart", SyncChecks::writtenApart),
        Check.quick("SY11", "converges after connections cut at any byte", SyncChecks::cutOff),
        Check.detailed(
            "SY12",
            "resets sync with a peer that did not receive a message",
            Check.Pace.SLOW,
            SyncChecks::lostOnTheWayOut),
        Check.detailed(
            "SY12",
            "resets sync with a peer whose change was lost on the way",
            Check.Pace.SLOW,
            SyncChecks::lostOnTheWayIn),
        Check.quick(
            "DU1",
            "keeps acknowledged changes after the author has left",
            SyncChecks::acknowledged),
        Check.quick(
            "DU2",
            "reports saved changes to their author by its heads",
            probe -> {
              var writer = probe.newDoc(probe.join());
              if (writer.peer.welcome().metadata().storageId().isEmpty()) {
                throw new NotOffered("it has no storage id");
              }
              for (var i = 0; i < 5; i++) {
                writer.edit();
                writer.saved();
              }
            }));
  }

  private static void malformed(Probe probe) throws IOException {
    var document = probe.newDocument();
    for (var data : List.of("41", "44000000", "4201", "42ffffffff0f", "4200000101", "43ff")) {
      var peer = probe.join();
      peer.send(new WireMessage.Sync(peer.id, peer.server(), document, Bytes.ofHex(data)));
      peer.refusedWith(4422);
    }
  }

  private static void noFlags(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.saved();
    var peer = probe.join();
    peer.request(writer.id, Syncs.blank());
    if (peer.nextSync(writer.id).flags() != null) {
      throw new NotOffered("it sends flags, so that clients may send it whole documents");
    }
  }

  private static void oneByOne(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    for (var i = 0; i < 100; i++) {
      writer.make();
    }
    writer.speak();
    writer.saved();
    var peer = probe.join();
    peer.request(writer.id, Syncs.blank());
    for (var count = 0; count < 100; ) {
      var sync = peer.nextSync(writer.id);
      if (sync.kind() != SyncMessage.Kind.CHANGES) {
        throw new Finding("a message of type 42", "one of type 43");
      }
      count += sync.changes().size();
      if (sync.changes().isEmpty()) {
        peer.sync(writer.id, Syncs.blank());
      }
    }
  }

  private static String snapshot(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    for (var i = 0; i < 6; i++) {
      for (var n = 0; n < 1_000; n++) {
        writer.make();
      }
      writer.speak();
      writer.saved();
    }
    for (var tries = 1; ; tries++) {
      var peer = probe.join();
      peer.request(writer.id, Syncs.blankWithFlags());
      var sync = peer.nextSync(writer.id);
      if (sync.kind() == SyncMessage.Kind.BLOB && !sync.changes().isEmpty()) {
        var size = sync.changes().stream().mapToLong(Bytes::length).sum();
        if (Doc.changesOf(sync).size() != writer.size()) {
          throw new Finding(
              writer.size() + " changes in it", Doc.changesOf(sync).size() + " changes");
        }
        return "6,000 changes in " + size + " bytes";
      }
      if (tries == 50) {
        throw new NotOffered("6,000 changes come one by one");
      }
      // The server makes its snapshot in the background; another change triggers it.
      writer.edit();
      writer.saved();
    }
  }

  private static void quiet(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.saved();
    settle(writer);
    var reader = probe.doc(probe.join(), writer.id);
    reader.opened(hash);
    settle(reader);
    writer.peer.hearsNothing("another reader is no news");
    reader.peer.sync(writer.id, Syncs.at(writer.heads()));
    reader.peer.sync(writer.id, Syncs.at(writer.heads()));
    reader.peer.hearsNothing("it said twice that it has everything");
  }

  /** Answers the last sync messages until both sides are quiet. */
  private static void settle(Doc doc) {
    for (var rounds = 0; rounds < 10; rounds++) {
      var heard = doc.peer.lately();
      if (heard.isEmpty()) {
        return;
      }
      heard.forEach(doc::take);
    }
    throw new Finding("quiet when both have the same", "ten rounds of messages");
  }

  private static void apart(Probe probe) throws IOException {
    var peer = probe.join();
    var one = probe.newDoc(peer);
    one.edit();
    one.saved();
    var other = probe.newDoc(probe.join());
    other.edit();
    other.saved();
    settle(one);
    other.edit();
    other.saved();
    peer.hearsNothing("it has not opened the other document");
  }

  private static void sameBytes(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.saved();
    var readers = new ArrayList<Doc>();
    for (var i = 0; i < 3; i++) {
      var reader = probe.doc(probe.join(), writer.id);
      reader.opened(hash);
      settle(reader);
      readers.add(reader);
    }
    writer.edit();
    var seen = new ArrayList<Bytes>();
    for (var reader : readers) {
      seen.add(reader.peer.next(WireMessage.Sync.class).data());
    }
    if (seen.stream().distinct().count() > 1) {
      throw new NotOffered("every peer gets bytes of its own");
    }
  }

  private static void needs(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.make();
    var second = writer.make();
    var peer = writer.peer;
    peer.sync(writer.id, Syncs.bringing(writer.heads(), second));
    for (var heard = 1; !peer.nextSync(writer.id).need().contains(Doc.hash(first)); heard++) {
      if (heard == 10) {
        throw new Finding("a request for the missing change", "ten messages without one");
      }
      peer.sync(writer.id, Syncs.at(writer.heads()));
    }
    var asker = probe.join();
    peer.sync(writer.id, Syncs.bringing(writer.heads(), first));
    var reader = probe.doc(asker, writer.id);
    reader.opened(Doc.hash(second));
  }

  private static String waitingWithoutEnd(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.make();
    for (var i = 0; i < 4; i++) {
      var change = writer.make(probe.randomBytes(6 << 20));
      writer.peer.sync(writer.id, Syncs.bringing(writer.heads(), change));
    }
    var error = writer.peer.errorSoon();
    if (error.isEmpty()) {
      throw new NotOffered("24 MiB of changes may wait for one that does not come");
    }
    writer.peer.hearsOfRefusal(error.get(), "SY7", writer.id);
    return "";
  }

  private static void holdsBack(Probe probe) throws IOException {
    var supplier = probe.newDoc(probe.join());
    var change = supplier.make();
    supplier.peer.sync(supplier.id, Syncs.at(supplier.heads()));
    supplier.peer.untilPong();
    var asker = probe.join();
    asker.request(supplier.id, Syncs.blank());
    asker.hearsNothing("the supplier's change is still to come");
    supplier.peer.sync(supplier.id, Syncs.bringing(supplier.heads(), change));
    var sync = asker.nextSync(supplier.id);
    if (sync.changes().isEmpty()) {
      throw new Finding("the change", ConformancePeer.describe(sync));
    }
  }

  private static void later(Probe probe) throws IOException {
    var document = probe.newDocument();
    var asker = probe.join();
    asker.request(document, Syncs.blank());
    asker.next(WireMessage.DocUnavailable.class);
    asker.request(document, Syncs.blank());
    asker.hearsNothing("it was told already");
    var writer = probe.doc(probe.join(), document);
    writer.edit();
    writer.saved();
    if (asker.nextSync(document).heads().isEmpty()) {
      throw new Finding("what has come", "an empty sync message");
    }
  }

  private static void lost(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.saved();
    var peer = probe.join();
    var before = probe.doc(peer, writer.id);
    before.opened(hash);
    settle(before);
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
              dev.parlor.crdt.wire.WireCodec.encode(
                  new WireMessage.Sync(
                      writer.peer.id,
                      writer.peer.server(),
                      writer.id,
                      dev.parlor.crdt.sync.SyncMessageCodec.encode(
                          Syncs.bringing(writer.heads(), change)))));
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
    settle(reader);
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
    settle(writer);
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

  private static void acknowledged(Probe probe) throws IOException {
    for (var round = 0; round < 5; round++) {
      var writer = probe.newDoc(probe.join());
      for (var i = 0; i < 10; i++) {
        writer.make();
      }
      var hash = writer.edit();
      writer.saved();
      writer.peer.line.reset();
      var reader = probe.doc(probe.join(), writer.id);
      reader.opened(hash);
      if (reader.size() != 11) {
        throw new Finding("11 changes", reader.size() + " changes");
      }
    }
  }
}
