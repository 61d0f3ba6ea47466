package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.sync.SyncMessage;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Checks of the messages about one document with one peer [SY1] to [SY9]. */
final class SyncChecks {

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
            "answers a request for an unknown document with doc-unavailable, not with an empty sync"
                + " message",
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
            SyncChecks::later));
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
  static void settle(Doc doc) {
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
      throw new Finding("the change", Description.of(sync));
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
}
