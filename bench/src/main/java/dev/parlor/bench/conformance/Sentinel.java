package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.RawConnection.Frame;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * A well-behaved peer that stays connected. The end of its connection shows that a check harmed
 * other peers. The sentinel counts these outages and joins again. It runs on its own virtual
 * thread.
 */
final class Sentinel implements AutoCloseable {

  private static final long RETRY_MILLIS = 50;
  private static final long JOIN_MILLIS_MAX = 1_000;

  private final Probe.ServerInfo serverInfo;
  private final RandomGenerator random;
  private final AtomicInteger outages = new AtomicInteger();
  private final Thread thread;
  private volatile boolean joined;

  Sentinel(Probe.ServerInfo serverInfo, RandomGenerator random) {
    this.serverInfo = serverInfo;
    this.random = random;
    thread = Thread.ofVirtual().name("sentinel").start(this::run);
  }

  /** The number of unexpected ends of the connection. */
  int outages() {
    return outages.get();
  }

  /** Waits until the sentinel has joined, now or after a restart of the server. */
  boolean awaitJoined(long millisMax) throws InterruptedException {
    for (var remainingMillis = millisMax; !joined; remainingMillis -= RETRY_MILLIS) {
      if (remainingMillis <= 0) {
        return false;
      }
      Thread.sleep(RETRY_MILLIS);
    }
    return true;
  }

  /** Waits for at most a second until the sentinel has counted another outage. */
  void awaitOutageAfter(int outagesBefore) throws InterruptedException {
    for (var remainingMillis = JOIN_MILLIS_MAX;
        outages.get() == outagesBefore && remainingMillis > 0;
        remainingMillis -= RETRY_MILLIS) {
      Thread.sleep(RETRY_MILLIS);
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try (var probe = new Probe(serverInfo, random)) {
        var peer = probe.open();
        peer.send(peer.joinMessage());
        peer.next(JOIN_MILLIS_MAX);
        joined = true;
        watch(peer);
        joined = false;
        outages.incrementAndGet();
      } catch (IOException | Finding _) {
        // The server has not restarted yet.
        pause();
      }
    }
  }

  private static void watch(ConformancePeer peer) {
    while (true) {
      switch (peer.connection.read(60_000)) {
        case Frame.Ping(var payload) ->
            peer.connection.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        case Frame.Data _, Frame.Pong _ -> {}
        case Frame.Close _, Frame.Disconnected _ -> {
          return;
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
