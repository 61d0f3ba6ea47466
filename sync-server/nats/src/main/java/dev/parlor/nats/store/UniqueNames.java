package dev.parlor.nats.store;

import dev.parlor.crdt.identity.Bytes;
import java.util.random.RandomGenerator;

/** Random numbers and names that do not repeat on any node. Safe from any thread. */
final class UniqueNames {

  private static final int BYTES = 16;

  private final RandomGenerator random;

  UniqueNames(RandomGenerator random) {
    this.random = random;
  }

  Bytes next() {
    var bytes = new byte[BYTES];
    synchronized (random) {
      random.nextBytes(bytes);
    }
    return Bytes.wrap(bytes);
  }

  String nextName() {
    return next().toHex();
  }
}
