package dev.parlor.server.hostile;

import org.junit.jupiter.api.parallel.Isolated;

/** All attacks on a server with Helidon's WebSockets. */
@Isolated("the attacks load all processors")
class HostileOnHelidonIT extends AllAttacks {

  HostileOnHelidonIT() {
    super("helidon");
  }
}
