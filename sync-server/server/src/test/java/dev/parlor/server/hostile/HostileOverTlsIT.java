package dev.parlor.server.hostile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;

/** All attacks on a server over TLS. */
@Isolated("the attacks load all processors, and this JVM trusts the server meanwhile")
@Tag("long")
class HostileOverTlsIT extends AllAttacks {

  HostileOverTlsIT() {
    super("tls");
  }
}
