package dev.parlor.server.socket;

import dev.parlor.server.tls.ServerCertificate;
import dev.parlor.server.tls.TlsContext;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServerConfig;
import java.time.Duration;

/** Puts TLS on Helidon's port, for HTTP and WebSockets alike. */
public final class SecureListener {

  private SecureListener() {}

  /** Lets a server that is about to be built speak TLS only. */
  public static void secure(WebServerConfig.Builder server, ServerCertificate certificate) {
    var handshakeMax = Duration.ofMillis(TlsContext.HANDSHAKE_MILLIS_MAX);
    server.tls(Tls.builder().sslContext(TlsContext.of(certificate, handshakeMax)).build());
    // With channels, Helidon looks up the name of each client in DNS, which blocks threads, and
    // does not ask the context for a socket, which limits the time of a handshake.
    server.useNio(false);
  }
}
