package dev.parlor.server.hostile;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.wire.WireMessage;
import dev.parlor.relay.socket.RawClient;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Twenty honest clients in one document. Each makes up to four changes a second and measures each
 * round trip: the time until the server acknowledges the change as committed.
 */
final class HonestClients implements AutoCloseable {

  static final int CLIENTS = 20;
  private static final long EDIT_INTERVAL_MILLIS = 250;

  private final DocumentId document;
  private final List<HonestClient> clients = new ArrayList<>();
  private final ScheduledExecutorService editScheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("honest-clients").factory());
  private final ConcurrentLinkedQueue<Long> roundTrips = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Semaphore acknowledged = new Semaphore(0);
  private final AtomicInteger ephemerals = new AtomicInteger();
  private volatile boolean closed;

  HonestClients(URI url, DocumentId document) throws IOException {
    this.document = document;
    for (var i = 0; i < CLIENTS; i++) {
      var client = RawClient.join(url, "honest-" + i);
      var honest = new HonestClient(client, document, actor(i));
      clients.add(honest);
      Thread.ofVirtual().name("honest-" + i).start(() -> listen(honest));
      // The clients start at different times within one interval.
      var _ =
          editScheduler.scheduleAtFixedRate(
              () -> edit(honest),
              EDIT_INTERVAL_MILLIS + EDIT_INTERVAL_MILLIS * i / CLIENTS,
              EDIT_INTERVAL_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  DocumentId document() {
    return document;
  }

  /** The actor of one client. */
  static ActorId actor(int number) {
    return new ActorId(Bytes.wrap(ByteBuffer.allocate(16).putInt(7).putInt(number).array()));
  }

  /** The number of ephemeral messages that the clients have received, in total. */
  int ephemerals() {
    return ephemerals.get();
  }

  /** Waits until this many changes were acknowledged since {@link #takeRoundTrips}. */
  void awaitRoundTrips(int count) throws InterruptedException {
    if (!acknowledged.tryAcquire(count, 30, TimeUnit.SECONDS)) {
      throw new AssertionError("the honest clients get no acknowledgements: " + failures);
    }
    acknowledged.release(count);
  }

  /** The number of changes that were acknowledged since {@link #takeRoundTrips}. */
  int roundTrips() {
    return acknowledged.availablePermits();
  }

  /** The round trips since the last call in milliseconds, ascending. */
  double[] takeRoundTrips() {
    acknowledged.drainPermits();
    var latencies = new ArrayList<Long>();
    for (var next = roundTrips.poll(); next != null; next = roundTrips.poll()) {
      latencies.add(next);
    }
    var millis = latencies.stream().mapToDouble(nanos -> nanos / 1e6).toArray();
    Arrays.sort(millis);
    return millis;
  }

  /** Waits until all changes that the clients have made so far are acknowledged. */
  void awaitAllAcknowledged() throws InterruptedException {
    for (var client : clients) {
      if (!client.awaitAcknowledged(client.edits())) {
        throw new AssertionError(client.name() + " has no acknowledgement: " + failures);
      }
    }
  }

  /**
   * Stops the clients' edits, waits until the server has acknowledged all of them, and returns the
   * last change of each client.
   */
  List<ChangeHash> stopEditing() throws IOException {
    editScheduler.shutdown();
    try {
      if (!editScheduler.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IOException("the last edits did not end in time");
      }
      awaitAllAcknowledged();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return clients.stream().map(HonestClient::lastChange).toList();
  }

  /** The failures of all clients; there should be none. */
  List<Throwable> failures() {
    return List.copyOf(failures);
  }

  private void edit(HonestClient honest) {
    try {
      honest.edit();
    } catch (IOException | RuntimeException e) {
      addFailure(e);
    }
  }

  private void listen(HonestClient honest) {
    try {
      while (!closed) {
        switch (honest.read()) {
          case WireMessage.Sync sync ->
              honest
                  .receive(sync)
                  .ifPresent(
                      latencyNanos -> {
                        roundTrips.add(latencyNanos);
                        acknowledged.release();
                      });
          case WireMessage.Ephemeral _ -> ephemerals.incrementAndGet();
          case WireMessage.ErrorMessage refusal ->
              addFailure(new AssertionError("an honest change was refused: " + refusal.message()));
          default -> {}
        }
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      addFailure(e);
    }
  }

  private void addFailure(Throwable cause) {
    if (!closed) {
      failures.add(cause);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    editScheduler.shutdownNow();
    for (var client : clients) {
      client.close();
    }
  }
}
