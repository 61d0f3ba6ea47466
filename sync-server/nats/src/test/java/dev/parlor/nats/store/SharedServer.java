package dev.parlor.nats.store;

import dev.parlor.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One real server for all tests of a class, and a new cluster on it for each test. A test class has
 * it in a static field with {@code @RegisterExtension}.
 */
public final class SharedServer
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {

  private @Nullable Path folder;
  private @Nullable NatsServer server;
  private @Nullable StoreFixture fixture;

  /** The server. */
  public NatsServer server() {
    return Objects.requireNonNull(server);
  }

  /** The cluster of the test that runs. */
  public StoreFixture fixture() {
    return Objects.requireNonNull(fixture);
  }

  @Override
  public void beforeAll(ExtensionContext tests) throws IOException {
    var created = Files.createTempDirectory("nats");
    folder = created;
    // A killed process loses nothing that it gave to the system; only a power failure would.
    server = NatsServer.start(created, "2m");
  }

  @Override
  public void beforeEach(ExtensionContext test) throws IOException {
    fixture = new StoreFixture(server().settings(), 1);
  }

  @Override
  public void afterEach(ExtensionContext test) throws IOException {
    var opened = fixture;
    if (opened != null) {
      fixture = null;
      opened.close();
    }
  }

  @Override
  public void afterAll(ExtensionContext tests) throws IOException {
    if (server != null) {
      server.close();
    }
    if (folder != null) {
      try (var files = Files.walk(folder)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
