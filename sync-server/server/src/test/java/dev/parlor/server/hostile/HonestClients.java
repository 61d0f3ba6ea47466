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
 * Twenty honest clients in one document. Each makes a change four times a second and measures the
 * time until the server acknowledges the change as committed.
 */
final class HonestClients implements AutoCloseable {

  static final int CLIENTS = 20;
  private static final long GAP_MILLIS = 250;

  private final DocumentId document;
  private final List<HonestClient> clients = new ArrayList<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("crowd-clock").factory());
  private final ConcurrentLinkedQueue<Long> roundTrips = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Semaphore counted = new Semaphore(0);
  private final AtomicInteger ephemerals = new AtomicInteger();
  private volatile boolean over;

  HonestClients(URI url, DocumentId document) throws IOException {
    this.document = document;
    for (var i = 0; i < CLIENTS; i++) {
      var client = RawClient.join(url, "honest-" + i);
      var honest = new HonestClient(client, document, actor(i));
      clients.add(honest);
      Thread.ofVirtual().name("honest-" + i).start(() -> listen(honest));
      // The clients do not all start in the same millisecond.
      var _ =
          clock.scheduleAtFixedRate(
              () -> edit(honest),
              GAP_MILLIS + GAP_MILLIS * i / CLIENTS,
              GAP_MILLIS,
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

  /** The number of ephemeral messages that all clients have received together. */
  int ephemerals() {
    return ephemerals.get();
  }

  /** Returns when this many changes have been acknowledged since the last take. */
  void awaitRoundTrips(int count) throws InterruptedException {
    if (!counted.tryAcquire(count, 30, TimeUnit.SECONDS)) {
      throw new AssertionError("the honest clients no longer get answers: " + failures);
    }
    counted.release(count);
  }

  int roundTrips() {
    return counted.availablePermits();
  }

  /** Round trips since the last call, ascending, in milliseconds. */
  double[] takeRoundTrips() {
    counted.drainPermits();
    var taken = new ArrayList<Long>();
    for (var next = roundTrips.poll(); next != null; next = roundTrips.poll()) {
      taken.add(next);
    }
    var millis = taken.stream().mapToDouble(nanos -> nanos / 1e6).toArray();
    Arrays.sort(millis);
    return millis;
  }

  /** Returns when each client has acknowledgements for all changes that it has made so far. */
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
    clock.shutdown();
    try {
      if (!clock.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IOException("the last edits do not end");
      }
      awaitAllAcknowledged();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return clients.stream().map(HonestClient::last).toList();
  }

  /** The failures of all clients; there should be none. */
  List<Throwable> failures() {
    return List.copyOf(failures);
  }

  private void edit(HonestClient honest) {
    try {
      honest.edit();
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void listen(HonestClient honest) {
    try {
      while (!over) {
        switch (honest.read()) {
          case WireMessage.Sync sync ->
              honest
                  .take(sync)
                  .ifPresent(
                      took -> {
                        roundTrips.add(took);
                        counted.release();
                      });
          case WireMessage.Ephemeral _ -> ephemerals.incrementAndGet();
          case WireMessage.ErrorMessage refusal ->
              failed(new AssertionError("an honest change was refused: " + refusal.message()));
          default -> {}
        }
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      failed(e);
    }
  }

  private void failed(Throwable cause) {
    if (!over) {
      failures.add(cause);
    }
  }

  @Override
  public void close() throws IOException {
    over = true;
    clock.shutdownNow();
    for (var client : clients) {
      client.end();
    }
  }
}
