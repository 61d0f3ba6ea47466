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
            probe -> probe.join().expectSilence("the client requested nothing")),
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
              writer.awaitSaved();
              var reader = probe.doc(probe.join(), writer.id);
              reader.openAndAwait(first);
              for (var i = 0; i < 20; i++) {
                reader.awaitChange(writer.edit());
                writer.awaitSaved();
                writer.awaitChange(reader.edit());
                reader.awaitSaved();
              }
            }),
        Check.quick(
            "SY5", "sends no message without new information", SyncChecks::noRedundantMessages),
        Check.quick(
            "SY5",
            "sends a client nothing about documents that it has not opened",
            SyncChecks::separateDocuments),
        Check.quick(
            "SY6",
            "sends the same bytes to peers that lack the same changes",
            SyncChecks::sameBytes),
        Check.quick("SY7", "requests the missing dependencies of a change", SyncChecks::needs),
        Check.detailed(
            "SY7",
            "refuses a change if too many changes wait for dependencies, and keeps the connection",
            Check.Pace.ALONE,
            SyncChecks::tooManyPending),
        Check.quick(
            "SY8",
            "answers a request for an unknown document with doc-unavailable, not with an empty sync"
                + " message",
            probe -> {
              var peer = probe.join();
              peer.request(probe.newDocument(), SyncMessages.blank());
              peer.next(WireMessage.DocUnavailable.class);
            }),
        Check.quick(
            "SY8",
            "delays its answer to a request while another peer has announced changes but not sent them",
            SyncChecks::delayedAnswer),
        Check.quick(
            "SY9",
            "sends doc-unavailable once, and sends changes that arrive later",
            SyncChecks::unavailableOnce));
  }

  private static void malformed(Probe probe) throws IOException {
    var document = probe.newDocument();
    for (var data : List.of("41", "44000000", "4201", "42ffffffff0f", "4200000101", "43ff")) {
      var peer = probe.join();
      peer.send(new WireMessage.Sync(peer.id, peer.server(), document, Bytes.ofHex(data)));
      peer.expectErrorAndClose(4422);
    }
  }

  private static void noFlags(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.edit();
    writer.awaitSaved();
    var peer = probe.join();
    peer.request(writer.id, SyncMessages.blank());
    if (peer.nextSync(writer.id).flags() != null) {
      throw new NotOfferedException("it sends flags, so that clients may send it whole documents");
    }
  }

  private static void oneByOne(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    for (var i = 0; i < 100; i++) {
      writer.make();
    }
    writer.sendNext();
    writer.awaitSaved();
    var peer = probe.join();
    peer.request(writer.id, SyncMessages.blank());
    for (var count = 0; count < 100; ) {
      var sync = peer.nextSync(writer.id);
      if (sync.kind() != SyncMessage.Kind.CHANGES) {
        throw new Finding("a message of type 42", "a message of type 43");
      }
      count += sync.changes().size();
      if (sync.changes().isEmpty()) {
        peer.sync(writer.id, SyncMessages.blank());
      }
    }
  }

  private static String snapshot(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    for (var i = 0; i < 6; i++) {
      for (var n = 0; n < 1_000; n++) {
        writer.make();
      }
      writer.sendNext();
      writer.awaitSaved();
    }
    for (var attempt = 1; ; attempt++) {
      var peer = probe.join();
      peer.request(writer.id, SyncMessages.blankWithFlags());
      var sync = peer.nextSync(writer.id);
      if (sync.kind() == SyncMessage.Kind.BLOB && !sync.changes().isEmpty()) {
        var size = sync.changes().stream().mapToLong(Bytes::length).sum();
        if (Doc.changesOf(sync).size() != writer.size()) {
          throw new Finding(
              writer.size() + " changes in the snapshot", Doc.changesOf(sync).size() + " changes");
        }
        return "6,000 changes in " + size + " bytes";
      }
      if (attempt == 50) {
        throw new NotOfferedException("6,000 changes are sent one by one");
      }
      // The server makes its snapshot in the background; another change triggers it.
      writer.edit();
      writer.awaitSaved();
    }
  }

  private static void noRedundantMessages(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.awaitSaved();
    settle(writer);
    var reader = probe.doc(probe.join(), writer.id);
    reader.openAndAwait(hash);
    settle(reader);
    writer.peer.expectSilence("a new reader changes nothing for the writer");
    reader.peer.sync(writer.id, SyncMessages.at(writer.heads()));
    reader.peer.sync(writer.id, SyncMessages.at(writer.heads()));
    reader.peer.expectSilence("the client has sent the server's heads twice");
  }

  /** Answers sync messages until the server sends no more. */
  static void settle(Doc doc) {
    for (var rounds = 0; rounds < 10; rounds++) {
      var messages = doc.peer.drain();
      if (messages.isEmpty()) {
        return;
      }
      messages.forEach(doc::handle);
    }
    throw new Finding("no message once both sides agree", "ten rounds of messages");
  }

  private static void separateDocuments(Probe probe) throws IOException {
    var peer = probe.join();
    var opened = probe.newDoc(peer);
    opened.edit();
    opened.awaitSaved();
    var other = probe.newDoc(probe.join());
    other.edit();
    other.awaitSaved();
    settle(opened);
    other.edit();
    other.awaitSaved();
    peer.expectSilence("the client has not opened the other document");
  }

  private static void sameBytes(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var hash = writer.edit();
    writer.awaitSaved();
    var readers = new ArrayList<Doc>();
    for (var i = 0; i < 3; i++) {
      var reader = probe.doc(probe.join(), writer.id);
      reader.openAndAwait(hash);
      settle(reader);
      readers.add(reader);
    }
    writer.edit();
    var payloads = new ArrayList<Bytes>();
    for (var reader : readers) {
      payloads.add(reader.peer.next(WireMessage.Sync.class).data());
    }
    if (payloads.stream().distinct().count() > 1) {
      throw new NotOfferedException("every peer gets different bytes");
    }
  }

  private static void needs(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var first = writer.make();
    var second = writer.make();
    var peer = writer.peer;
    peer.sync(writer.id, SyncMessages.withChanges(writer.heads(), second));
    for (var messages = 1; !peer.nextSync(writer.id).need().contains(Doc.hash(first)); messages++) {
      if (messages == 10) {
        throw new Finding("a request for the missing change", "ten messages without one");
      }
      peer.sync(writer.id, SyncMessages.at(writer.heads()));
    }
    var requester = probe.join();
    peer.sync(writer.id, SyncMessages.withChanges(writer.heads(), first));
    var reader = probe.doc(requester, writer.id);
    reader.openAndAwait(Doc.hash(second));
  }

  private static String tooManyPending(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.make();
    for (var i = 0; i < 4; i++) {
      var change = writer.make(probe.randomBytes(6 << 20));
      writer.peer.sync(writer.id, SyncMessages.withChanges(writer.heads(), change));
    }
    var error = writer.peer.pollError();
    if (error.isEmpty()) {
      throw new NotOfferedException("24 MiB of changes may wait for a missing change");
    }
    writer.peer.expectRefusal(error.get(), "SY7", writer.id);
    return "";
  }

  private static void delayedAnswer(Probe probe) throws IOException {
    var supplier = probe.newDoc(probe.join());
    var change = supplier.make();
    supplier.peer.sync(supplier.id, SyncMessages.at(supplier.heads()));
    supplier.peer.receiveUntilPong();
    var requester = probe.join();
    requester.request(supplier.id, SyncMessages.blank());
    requester.expectSilence("the supplier has not sent its change yet");
    supplier.peer.sync(supplier.id, SyncMessages.withChanges(supplier.heads(), change));
    var sync = requester.nextSync(supplier.id);
    if (sync.changes().isEmpty()) {
      throw new Finding("the change", Description.of(sync));
    }
  }

  private static void unavailableOnce(Probe probe) throws IOException {
    var document = probe.newDocument();
    var requester = probe.join();
    requester.request(document, SyncMessages.blank());
    requester.next(WireMessage.DocUnavailable.class);
    requester.request(document, SyncMessages.blank());
    requester.expectSilence("the requester already got doc-unavailable");
    var writer = probe.doc(probe.join(), document);
    writer.edit();
    writer.awaitSaved();
    if (requester.nextSync(document).heads().isEmpty()) {
      throw new Finding("the heads of the new change", "an empty sync message");
    }
  }
}
