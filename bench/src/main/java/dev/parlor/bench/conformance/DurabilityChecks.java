package dev.parlor.bench.conformance;

import java.io.IOException;
import java.util.List;

/** Checks of acknowledgements [DU1] [DU2]. */
final class DurabilityChecks {

  private DurabilityChecks() {}

  static List<Check> all() {
    return List.of(
        Check.quick(
            "DU1",
            "keeps acknowledged changes after the author has left",
            DurabilityChecks::acknowledged),
        Check.quick(
            "DU2",
            "reports saved changes to their author by its heads",
            probe -> {
              var writer = probe.newDoc(probe.join());
              if (writer.peer.welcome().metadata().storageId().isEmpty()) {
                throw new NotOfferedException("it has no storage id");
              }
              for (var i = 0; i < 5; i++) {
                writer.edit();
                writer.awaitSaved();
              }
            }));
  }

  private static void acknowledged(Probe probe) throws IOException {
    for (var round = 0; round < 5; round++) {
      var writer = probe.newDoc(probe.join());
      for (var i = 0; i < 10; i++) {
        writer.make();
      }
      var hash = writer.edit();
      writer.awaitSaved();
      writer.peer.connection.reset();
      var reader = probe.doc(probe.join(), writer.id);
      reader.openAndAwait(hash);
      if (reader.size() != 11) {
        throw new Finding("11 changes", reader.size() + " changes");
      }
    }
  }
}
