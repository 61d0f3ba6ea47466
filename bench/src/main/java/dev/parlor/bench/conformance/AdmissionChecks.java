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
 * Changes that must not enter a document [SY3] [SY4] [AD1] to [AD3]. This suite never passes them
 * to the Automerge bindings, which they might crash.
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
            AdmissionChecks::deflated),
        refused(
            "SY4",
            "refuses a change with a wrong checksum with 4422",
            doc -> {
              var bytes = doc.make().toArray();
              bytes[bytes.length - 1] ^= 1;
              return Bytes.wrap(bytes);
            }),
        refused(
            "SY4",
            "refuses a chunk of unknown type with 4422",
            doc -> {
              var bytes = doc.make().toArray();
              bytes[8] = 9;
              return Bytes.wrap(bytes);
            }),
        told(
            "AD1",
            "refuses a number that is not in its shortest form and keeps the connection",
            doc -> Crafted.longNumber(doc.make())),
        refused(
            "SY4",
            "refuses a change that ends early with 4422",
            doc -> {
              var chunk = doc.make();
              return chunk.slice(0, chunk.length() - 3);
            }),
        Check.detailed(
            "SY3",
            "refuses a whole document with 4422",
            Check.Pace.ALONE,
            AdmissionChecks::document));
  }

  private static List<Check> changes() {
    return List.of(
        told(
            "AD1",
            "refuses a sequence number with a gap and keeps the connection",
            doc -> Crafted.sequence(doc.make(), 7)),
        told(
            "AD1",
            "refuses a second change under one number and keeps the connection",
            doc -> {
              doc.make();
              return Crafted.sequence(doc.make(), 1);
            }),
        told(
            "AD1",
            "refuses an unknown action and keeps the connection",
            doc -> Crafted.column(doc.make(), Crafted.ACTION, _ -> Bytes.ofHex("7f63"))),
        told(
            "AD1",
            "refuses columns of different length and keeps the connection",
            doc -> Crafted.column(doc.make(), Crafted.ACTION, _ -> Bytes.ofHex("0401"))),
        told(
            "AD1",
            "refuses a column that is no column and keeps the connection",
            doc -> Crafted.column(doc.make(), Crafted.KEY, _ -> Bytes.ofHex("7fffff"))),
        told(
            "AD1",
            "refuses an actor that the change does not name and keeps the connection",
            doc -> {
              doc.make(new Edit.Put(Path.of("same"), new Value.Int(1)));
              var second = doc.make(new Edit.Put(Path.of("same"), new Value.Int(2)));
              return Crafted.column(second, Crafted.PREDECESSOR_ACTOR, _ -> Bytes.ofHex("7f09"));
            }),
        told(
            "AD2",
            "refuses an object that does not exist and keeps the connection",
            doc -> {
              doc.make(
                  new Edit.Put(Path.of("plain"), new Value.Int(1))); // counter 1, not an object
              SortedMap<String, Value> map = new TreeMap<>();
              doc.make(new Edit.Put(Path.of("map"), new Value.MapOf(map)));
              var second = doc.make(new Edit.Put(Path.of("map", "key"), new Value.Int(2)));
              return Crafted.column(second, Crafted.OBJECT_COUNTER, _ -> Bytes.ofHex("7f01"));
            }),
        limited(
            "refuses a change of more than 8 MiB and keeps the connection",
            "changes of 9 MiB are taken",
            doc -> Crafted.padded(doc.make(), 9 << 20)),
        limited(
            "refuses a deflated change that inflates to 64 MiB and keeps the connection",
            "a change may inflate to 64 MiB",
            doc -> Crafted.deflated(Crafted.padded(doc.make(), 64 << 20))));
  }

  @FunctionalInterface
  private interface Craft {
    Bytes make(Doc doc);
  }

  /**
   * A check that the server refuses a change, sends it to no peer, and keeps serving the document.
   */
  private static Check refused(String rule, String title, Craft craft) {
    return Check.alone(
        rule,
        title,
        probe -> {
          var end = offer(probe, craft);
          if (end.isEmpty()) {
            throw new Finding("close 4422", "nothing is said, the connection stays");
          }
          if (end.get().code() != 4422) {
            throw new Finding("close 4422", end.get().describe());
          }
        });
  }

  /** As {@link #refused}, but the connection stays open: the refusal concerns this document. */
  private static Check told(String rule, String title, Craft craft) {
    return Check.alone(
        rule,
        title,
        probe -> {
          var outcome = offered(probe, craft);
          if (outcome.error().isEmpty()) {
            throw new Finding("an error message that names the document", "nothing is said");
          }
          outcome.mallory().hearsOfRefusal(outcome.error().get(), rule, outcome.document());
        });
  }

  private static Check limited(String title, String otherwise, Craft craft) {
    return Check.alone(
        "AD3",
        title,
        probe -> {
          var outcome = offered(probe, craft);
          if (outcome.error().isEmpty()) {
            throw new NotOffered(otherwise);
          }
          outcome.mallory().hearsOfRefusal(outcome.error().get(), "AD3", outcome.document());
        });
  }

  /** What a peer heard that brought a refused change. */
  private record Outcome(
      ConformancePeer mallory, DocumentId document, Optional<WireMessage.ErrorMessage> error) {}

  /** Offers a change to a document in use, on a connection that stays open. */
  private static Outcome offered(Probe probe, Craft craft) throws IOException {
    var honest = documentInUse(probe);
    var mallory = probe.doc(probe.join(), honest.id);
    var crafted = bring(mallory, honest, craft);
    var error = mallory.peer.errorSoon();
    goesOn(probe, honest, crafted);
    return new Outcome(mallory.peer, honest.id, error);
  }

  /** Offers a change to a document in use; how the connection ended, if it did. */
  private static Optional<ConformancePeer.End> offer(Probe probe, Craft craft) throws IOException {
    var honest = documentInUse(probe);
    var mallory = probe.doc(probe.join(), honest.id);
    var crafted = bring(mallory, honest, craft);
    var end = mallory.peer.endSoon();
    goesOn(probe, honest, crafted);
    return end;
  }

  private static Doc documentInUse(Probe probe) throws IOException {
    var honest = probe.newDoc(probe.join());
    honest.edit();
    honest.saved();
    honest.peer.untilPong();
    return honest;
  }

  private static Bytes bring(Doc mallory, Doc honest, Craft craft) throws IOException {
    var crafted = craft.make(mallory);
    var before = List.copyOf(mallory.made());
    var bringing = new java.util.ArrayList<>(before.subList(0, before.size() - 1));
    bringing.add(crafted);
    mallory.peer.sync(honest.id, Syncs.bringing(mallory.heads(), bringing.toArray(Bytes[]::new)));
    return crafted;
  }

  /** The crafted change reaches nobody, and the others write and read on. */
  private static void goesOn(Probe probe, Doc honest, Bytes crafted) throws IOException {
    for (var message : honest.peer.lately()) {
      if (message instanceof WireMessage.Sync sync
          && Doc.chunksOf(ConformancePeer.decode(sync)).contains(crafted)) {
        throw new Finding("a refusal", "it is taken and passed on to others");
      }
    }
    // The other peers write and read as before.
    var author = probe.doc(probe.join(), honest.id);
    author.make();
    var hash = Doc.hash(author.make());
    author.peer.sync(honest.id, Syncs.bringing(List.of(hash), author.all()));
    for (var heard = 0; !honest.peer.nextSync(honest.id).heads().contains(hash); heard++) {
      if (heard == 50) {
        throw new Finding("others that go on", "others no longer hear of each other's changes");
      }
    }
  }

  private static void deflated(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    var change = writer.make(Bytes.wrap(new byte[5_000]));
    writer.peer.sync(writer.id, Syncs.bringing(writer.heads(), Crafted.deflated(change)));
    var reader = probe.doc(probe.join(), writer.id);
    reader.opened(Doc.hash(change));
  }

  private static String document(Probe probe) throws IOException {
    var writer = probe.newDoc(probe.join());
    writer.make();
    var whole = Snapshots.build(Optional.empty(), writer.made());
    writer.peer.sync(writer.id, Syncs.bringing(writer.heads(), whole));
    var end = writer.peer.endSoon();
    if (end.isEmpty()) {
      throw new NotOffered("whole documents are opened");
    }
    if (end.get().code() != 4422) {
      throw new Finding("close 4422", end.get().describe());
    }
    return "";
  }
}
