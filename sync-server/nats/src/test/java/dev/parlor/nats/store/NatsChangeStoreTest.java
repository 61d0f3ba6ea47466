package dev.parlor.nats.store;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.nats.NatsServer;
import dev.parlor.nats.client.ClusterClient;
import dev.parlor.nats.client.ClusterSettings;
import dev.parlor.nats.client.ClusterStreams;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.relay.storage.ChangeStoreContract;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link ChangeStoreContract} on a real server. */
class NatsChangeStoreTest extends ChangeStoreContract {

  @TempDir private static Path folder;
  private static NatsServer server;

  private ClusterSettings settings = ClusterSettings.of(List.of("nats://127.0.0.1"));
  private @Nullable ClusterClient operator;

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
    var client = new ClusterClient(settings);
    operator = client;
    var _ = ClusterStreams.create(client, new ClusterStreams.Created(2, 1, "id of the storage"));
    return NatsChangeStore.open(settings, new SecureRandom());
  }

  @AfterEach
  void deleteStreams() throws IOException, JetStreamApiException {
    store.close();
    var client = Objects.requireNonNull(operator);
    for (var stream : client.management().getStreamNames()) {
      var _ = client.management().deleteStream(stream);
    }
    client.close();
  }

  /** The server refuses every write, as it does when its disk is full. */
  @Override
  protected void setDiskFailing(boolean failing) throws IOException {
    var management = Objects.requireNonNull(operator).management();
    try {
      for (var stream : management.getStreams()) {
        var _ =
            management.updateStream(
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
