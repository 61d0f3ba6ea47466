package dev.parlor.server.hostile;

import org.junit.jupiter.api.parallel.Isolated;

/** All attacks on a server with WebSockets on the event loop. */
@Isolated("the attacks load all processors")
class HostileIT extends AllAttacks {

  HostileIT() {
    super("loop");
  }
}
