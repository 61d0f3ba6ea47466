package dev.parlor.relay;

import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.health.Metrics;
import dev.parlor.relay.quarantine.Quarantine;
import dev.parlor.relay.storage.StoreOnDisk;
import java.io.IOException;
import java.time.InstantSource;
import java.util.UUID;

/**
 * The open data directory of a relay.
 *
 * @param store the documents and tables on disk
 * @param quarantine the documents that are kept from native code
 * @param metrics the metrics of the whole process, to which the store already adds its own
 */
public record RelayStorage(StoreOnDisk store, Quarantine quarantine, Metrics metrics)
    implements AutoCloseable {

  /** The file in the data directory that lists the documents which native code is reading. */
  private static final String NATIVE_CALLS_FILE = "parlor.native";

  /**
   * Opens the data directory.
   *
   * @throws IOException with one sentence for the operator
   */
  public static RelayStorage open(RelayConfig config, InstantSource clock) throws IOException {
    var metrics = new Metrics().watchRuntime();
    var store =
        StoreOnDisk.open(
            config.data(), config.shards(), config.limits().storage(), metrics, UUID::randomUUID);
    try {
      var quarantine =
          Quarantine.open(
              config.data().resolve(NATIVE_CALLS_FILE), store.table("quarantine"), clock);
      metrics.watch(
          "parlor.documents.suspected",
          "Documents kept from native code because they may have crashed a process",
          quarantine::size);
      return new RelayStorage(store, quarantine, metrics);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
    quarantine.close();
  }
}
