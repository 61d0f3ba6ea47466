package dev.parlor.bench.conformance;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Snapshots;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.WireMessage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checks that invalid changes do not enter a document [SY3] [SY4] [AD1] to [AD3]. This suite never
 * passes these changes to the Automerge bindings, because they might crash them.
 */
final class AdmissionChecks {

  private AdmissionChecks() {}

  static List<Check> all() {
    return Stream.of(chunks(), changes()).flatMap(List::stream).toList();
  }

  private static List<Check> chunks() {
    return List.of(
        Check.quick(
            "SY4",
            "accepts a deflated change, and identifies it by its inflated form",
            AdmissionChecks::deflatedChange),
        closes4422(
            "SY4",
            "refuses a change with a wrong checksum with 4422",
            doc -> {
              var bytes = doc.make().toArray();
              bytes[bytes.length - 1] ^= 1;
              return Bytes.wrap(bytes);
            }),
        closes4422(
            "SY4",
            "refuses a chunk of unknown type with 4422",
            doc -> {
              var bytes = doc.make().toArray();
              bytes[8] = 9;
              return Bytes.wrap(bytes);
            }),
        sendsError(
            "AD1",
            "refuses a number that is not in the shortest form and keeps the connection",
            doc -> CraftedChanges.longNumber(doc.make())),
        closes4422(
            "SY4",
            "refuses a change that ends early with 4422",
            doc -> {
              var chunk = doc.make();
              return chunk.slice(0, chunk.length() - 3);
            }),
        Check.detailed(
            "SY3",
            "refuses a document chunk in the place of a change with 4422",
            Check.Pace.ALONE,
            AdmissionChecks::documentChunk));
  }

  private static List<Check> changes() {
    return List.of(
        sendsError(
            "AD1",
            "refuses a sequence number with a gap and keeps the connection",
            doc -> CraftedChanges.sequence(doc.make(), 7)),
        sendsError(
            "AD1",
            "refuses a second change with the same sequence number and keeps the connection",
            doc -> {
              doc.make();
              return CraftedChanges.sequence(doc.make(), 1);
            }),
        sendsError(
            "AD1",
            "refuses an unknown action and keeps the connection",
            doc ->
                CraftedChanges.column(doc.make(), CraftedChanges.ACTION, _ -> Bytes.ofHex("7f63"))),
        sendsError(
            "AD1",
            "refuses columns of different length and keeps the connection",
            doc ->
                CraftedChanges.column(doc.make(), CraftedChanges.ACTION, _ -> Bytes.ofHex("0401"))),
        sendsError(
            "AD1",
            "refuses a column with invalid encoding and keeps the connection",
            doc ->
                CraftedChanges.column(doc.make(), CraftedChanges.KEY, _ -> Bytes.ofHex("7fffff"))),
        sendsError(
            "AD1",
            "refuses an actor that the change does not name and keeps the connection",
            doc -> {
              doc.make(new Edit.Put(Path.of("same"), new Value.Int(1)));
              var second = doc.make(new Edit.Put(Path.of("same"), new Value.Int(2)));
              return CraftedChanges.column(
                  second, CraftedChanges.PREDECESSOR_ACTOR, _ -> Bytes.ofHex("7f09"));
            }),
        sendsError(
            "AD2",
            "refuses an object that does not exist and keeps the connection",
            doc -> {
              doc.make(
                  new Edit.Put(Path.of("plain"), new Value.Int(1))); // counter 1, not an object
              SortedMap<String, Value> map = new TreeMap<>();
              doc.make(new Edit.Put(Path.of("map"), new Value.MapOf(map)));
              var second = doc.make(new Edit.Put(Path.of("map", "key"), new Value.Int(2)));
              return CraftedChanges.column(
                  second, CraftedChanges.OBJECT_COUNTER, _ -> Bytes.ofHex("7f01"));
            }),
        limitsSize(
            "refuses a change of more than 20 MiB and keeps the connection",
            "changes of 21 MiB are accepted",
            doc -> CraftedChanges.padded(doc.make(), 21 << 20)),
        limitsSize(
            "refuses a deflated change that inflates to 64 MiB and keeps the connection",
            "a change may inflate to 64 MiB",
            doc -> CraftedChanges.deflated(CraftedChanges.padded(doc.make(), 64 << 20))));
  }

  @FunctionalInterface
  private interface ChangeCrafter {
    Bytes craft(Doc doc);
  }

  /**
   * A check that the server closes the connection that sent a change, sends the change to no peer,
   * and keeps serving the document.
   */
  private static Check closes4422(String rule, String title, ChangeCrafter crafter) {
    return Check.alone(
        rule,
        title,
        probe -> {
          var end = offerAndPollEnd(probe, crafter);
          if (end.isEmpty()) {
            throw new Finding("close 4422", "no answer, and the connection stays open");
          }
          if (end.get().code() != 4422) {
            throw new Finding("close 4422", end.get().describe());
          }
        });
  }

  /** As {@link #closes4422}, but the server sends an error and the connection stays open. */
  private static Check sendsError(String rule, String title, ChangeCrafter crafter) {
    return Check.alone(
        rule,
        title,
        probe -> {
          var outcome = offerAndPollError(probe, crafter);
          if (outcome.error().isEmpty()) {
            throw new Finding("an error message that names the document", "no answer");
          }
          outcome.attacker().expectRefusal(outcome.error().get(), rule, outcome.document());
        });
  }

  private static Check limitsSize(String title, String reasonIfAccepted, ChangeCrafter crafter) {
    return Check.alone(
        "AD3",
        title,
        probe -> {
          var outcome = offerAndPollError(probe, crafter);
          if (outcome.error().isEmpty()) {
            throw new NotOfferedException(reasonIfAccepted);
          }
          outcome.attacker().expectRefusal(outcome.error().get(), "AD3", outcome.document());
        });
  }

  /** The connection that sent a crafted change, and the server's answer. */
  private record Outcome(
      ConformancePeer attacker, DocumentId document, Optional<WireMessage.ErrorMessage> error) {}

  /**
   * Sends a crafted change to a document in use. Returns the server's error message, if there is
   * one.
   */
  private static Outcome offerAndPollError(Probe probe, ChangeCrafter crafter) throws IOException {
    var honest = newDocumentInUse(probe);
    var attacker = probe.doc(probe.join(), honest.id);
    var crafted = sendCrafted(attacker, honest, crafter);
    var error = attacker.peer.pollError();
    checkNotForwarded(probe, honest, crafted);
    return new Outcome(attacker.peer, honest.id, error);
  }

  /**
   * Sends a crafted change to a document in use. Returns the end of the connection, if it ended.
   */
  private static Optional<ConformancePeer.End> offerAndPollEnd(Probe probe, ChangeCrafter crafter)
      throws IOException {
    var honest = newDocumentInUse(probe);
    var attacker = probe.doc(probe.join(), honest.id);
    var crafted = sendCrafted(attacker, honest, crafter);
    var end = attacker.peer.pollEnd();
    checkNotForwarded(probe, honest, crafted);
    return end;
  }

  private static Doc newDocumentInUse(Probe probe) throws IOException {
    var honest = probe.newDoc(probe.join());
    honest.edit();
    honest.awaitSaved();
    honest.peer.receiveUntilPong();
    return honest;
  }

  private static Bytes sendCrafted(Doc attacker, Doc honest, ChangeCrafter crafter)
      throws IOException {
    var crafted = crafter.craft(attacker);
    var made = attacker.made();
    var chunks = new java.util.ArrayList<>(made.subList(0, made.size() - 1));
    chunks.add(crafted);
    attacker.peer.sync(
        honest.id, SyncMessages.withChanges(attacker.heads(), chunks.toArray(Bytes[]::new)));
    return crafted;
  }

  /** Checks that no peer received the crafted change, and that honest peers still get changes. */
  private static void checkNotForwarded(Probe probe, Doc honest, Bytes crafted) throws IOException {
    for (var message : honest.peer.drain()) {
      if (message instanceof WireMessage.Sync sync
          && Doc.chunksOf(ConformancePeer.decode(sync)).contains(crafted)) {
        throw new Finding("a refusal", "the change is accepted and forwarded");
      }
    }
    // A change of another peer still arrives.
    var author = probe.doc(probe.join(), honest.id);
    author.make();
    var hash = Doc.hash(author.make());
    author.peer.sync(honest.id, SyncMessages.withChanges(List.of(hash), author.madeChanges()));
    for (var messages = 0; !honest.peer.nextSync(honest.id).heads().contains(hash); messages++) {
      if (messages == 50) {
        throw new Finding(
            "a document that still works", "the changes of honest peers no longer arrive");
      }
    }
  }

  private static void deflatedChange(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var change = writer.make(Bytes.wrap(new byte[5_000]));
    writer.peer.sync(
        writer.id, SyncMessages.withChanges(writer.heads(), CraftedChanges.deflated(change)));
    var reader = probe.doc(probe.join(), writer.id);
    reader.openAndAwait(Doc.hash(change));
  }

  private static String documentChunk(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.make();
    var documentChunk = Snapshots.build(Optional.empty(), writer.made());
    writer.peer.sync(writer.id, SyncMessages.withChanges(writer.heads(), documentChunk));
    var end = writer.peer.pollEnd();
    if (end.isEmpty()) {
      throw new NotOfferedException("document chunks are accepted");
    }
    if (end.get().code() != 4422) {
      throw new Finding("close 4422", end.get().describe());
    }
    return "";
  }
}
