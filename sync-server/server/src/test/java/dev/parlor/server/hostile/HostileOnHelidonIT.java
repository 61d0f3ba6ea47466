package dev.parlor.server.hostile;

import org.junit.jupiter.api.parallel.Isolated;

/** The attacks that aim at sockets, on a server with Helidon's sockets. */
@Isolated("the attacks load all processors")
class HostileOnHelidonIT extends SocketAttacks {

  HostileOnHelidonIT() {
    super("helidon");
  }
}
