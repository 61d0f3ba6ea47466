package dev.parlor.nats;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.ChangeStoreContract;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link ChangeStoreContract} on a real server. */
class NatsChangeStoreTest extends ChangeStoreContract {

  @TempDir private static Path folder;
  private static NatsServer server;

  private ClusterSettings settings;
  private ClusterClient operator;

  @BeforeAll
  static void startServer() throws IOException {
    // A killed process loses nothing that it gave to the system; only a power failure would.
    server = NatsServer.start(folder, "2m");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  protected ChangeStore open() throws IOException {
    settings = server.settings();
    operator = new ClusterClient(settings);
    var _ = ClusterStreams.create(operator, new ClusterStreams.Created(2, 1, "id of the storage"));
    return NatsChangeStore.open(settings, new SecureRandom());
  }

  @AfterEach
  void deleteStreams() throws IOException, JetStreamApiException {
    store.close();
    for (var stream : operator.management().getStreamNames()) {
      var _ = operator.management().deleteStream(stream);
    }
    operator.close();
  }

  /** The server refuses every write, as it does when its disk is full. */
  @Override
  protected void setDiskFailing(boolean failing) throws IOException {
    try {
      for (var stream : operator.management().getStreams()) {
        var _ =
            operator
                .management()
                .updateStream(
                    StreamConfiguration.builder(stream.getConfiguration())
                        .maximumMessageSize(failing ? 1 : -1)
                        .build());
      }
    } catch (JetStreamApiException e) {
      throw new IOException(e);
    }
  }

  @Override
  protected ChangeStore afterCrash() throws IOException {
    try {
      ((NatsChangeStore) store).abandon();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return NatsChangeStore.open(settings, new SecureRandom());
  }

  @Override
  protected String commitQueue(DocumentId document) {
    return document.value();
  }

  @Override
  protected String commitQueueOfTables() {
    return "tables";
  }
}
