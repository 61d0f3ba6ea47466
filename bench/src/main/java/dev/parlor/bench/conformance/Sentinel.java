package dev.parlor.bench.conformance;

import dev.parlor.bench.conformance.Line.Frame;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * A well-behaved peer that stays connected. If its connection ends, a check has harmed other peers.
 * It counts these outages and joins again. It runs on its own virtual thread.
 */
final class Sentinel implements AutoCloseable {

  private static final long AGAIN_MILLIS = 50;
  private static final long JOIN_MILLIS = 1_000;

  private final Probe.Surroundings surroundings;
  private final RandomGenerator random;
  private final AtomicInteger outages = new AtomicInteger();
  private final Thread thread;
  private volatile boolean joined;

  Sentinel(Probe.Surroundings surroundings, RandomGenerator random) {
    this.surroundings = surroundings;
    this.random = random;
    thread = Thread.ofVirtual().name("sentinel").start(this::run);
  }

  /** The number of unexpected ends of the connection. */
  int outages() {
    return outages.get();
  }

  /** Waits until the sentinel has joined, now or after a restart of the server. */
  boolean awaitJoined(long millis) throws InterruptedException {
    for (var left = millis; !joined; left -= AGAIN_MILLIS) {
      if (left <= 0) {
        return false;
      }
      Thread.sleep(AGAIN_MILLIS);
    }
    return true;
  }

  /** Waits briefly until the sentinel has noticed an outage that a check has seen. */
  void awaitOutageAfter(int before) throws InterruptedException {
    for (var left = JOIN_MILLIS; outages.get() == before && left > 0; left -= AGAIN_MILLIS) {
      Thread.sleep(AGAIN_MILLIS);
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try (var probe = new Probe(surroundings, random)) {
        var peer = probe.open();
        peer.send(peer.join());
        peer.next(JOIN_MILLIS);
        joined = true;
        watch(peer);
        joined = false;
        outages.incrementAndGet();
      } catch (IOException | Finding _) {
        // The server is not back yet.
        pause();
      }
    }
  }

  private static void watch(ConformancePeer peer) {
    while (true) {
      switch (peer.line.read(60_000)) {
        case Frame.Ping(var payload) ->
            peer.line.write(RawFrames.of(RawFrames.FIN | RawFrames.PONG, payload));
        case Frame.Data _, Frame.Pong _ -> {}
        case Frame.Close _, Frame.Gone _ -> {
          return;
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(AGAIN_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
