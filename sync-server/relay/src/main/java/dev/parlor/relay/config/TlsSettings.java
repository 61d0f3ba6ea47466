package dev.parlor.relay.config;

import dev.parlor.relay.config.RelayConfig.Tls;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.tls.TlsFileException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Checks the certificate and key at start, so that the operator reads of a wrong file before the
 * server opens its port.
 */
final class TlsSettings {

  private TlsSettings() {}

  /**
   * @param problem takes a setting and the rest of a sentence about it
   * @param notes takes warnings
   * @param now the time that the certificate's dates are compared with
   */
  static Optional<Tls> check(
      Tls files, BiConsumer<Setting, String> problem, List<String> notes, Instant now) {
    try {
      ServerCertificate.read(files.certificate(), files.key())
          .warning(now)
          .ifPresent(
              warning ->
                  notes.add(
                      RelaySetting.TLS_CERT.both() + ": " + files.certificate() + " " + warning));
    } catch (TlsFileException e) {
      var setting =
          switch (e.part()) {
            case CERTIFICATE -> RelaySetting.TLS_CERT;
            case KEY -> RelaySetting.TLS_KEY;
          };
      problem.accept(setting, String.valueOf(e.getMessage()));
    }
    return Optional.of(files);
  }

  /** Notes settings that do not go with TLS. */
  static void noteConflicts(SocketTransport sockets, Optional<URI> publicUrl, List<String> notes) {
    if (sockets == SocketTransport.LOOP) {
      notes.add(
          RelaySetting.SOCKETS.both()
              + ": the loop serves plain TCP only; with TLS, Helidon serves the WebSockets");
    }
    if (publicUrl.filter(url -> "http".equalsIgnoreCase(url.getScheme())).isPresent()) {
      notes.add(
          RelaySetting.PUBLIC_URL.both()
              + " begins with http://, but with "
              + RelaySetting.TLS_CERT.both()
              + " the server speaks https only");
    }
  }
}
