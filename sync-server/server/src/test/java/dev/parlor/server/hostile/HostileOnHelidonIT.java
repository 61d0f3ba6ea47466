package dev.parlor.server.hostile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;

/** All attacks on a server with Helidon's WebSockets. */
@Isolated("the attacks load all processors")
@Tag("long")
class HostileOnHelidonIT extends AllAttacks {

  HostileOnHelidonIT() {
    super("helidon");
  }
}
