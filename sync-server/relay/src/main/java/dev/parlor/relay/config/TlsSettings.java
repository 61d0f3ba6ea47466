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
 * Checks the certificate and key at start, so that the operator learns of a wrong file before the
 * server opens its port.
 */
final class TlsSettings {

  private TlsSettings() {}

  /**
   * Reads both files and reports a problem or a warning about them.
   *
   * @param problem receives a setting and the end of a sentence about it
   * @param notes receives warnings
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

  /** Adds warnings about settings that have no effect or are wrong with TLS. */
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
