package dev.parlor.server.backup;

import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.Secret;
import dev.parlor.relay.tls.ServerCertificate;
import dev.parlor.relay.tls.TlsFileException;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The admin API of the server that runs on this machine with the same settings. Used by the main
 * thread of a command.
 */
final class RunningServer {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int PROBLEM_CHARACTERS_MAX = 500;

  private final URI url;
  private final Optional<Secret> token;
  private final HttpClient client;

  private RunningServer(URI url, Optional<Secret> token, HttpClient client) {
    this.url = url;
    this.token = token;
    this.client = client;
  }

  /** The server of these settings. */
  static RunningServer of(
      List<String> settings, Map<String, String> environment, Path workingDirectory)
      throws ConfigException, IOException {
    var config = ServerConfig.read(settings, environment, workingDirectory);
    var relay = config.relay();
    var client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT);
    if (relay.tls().isPresent()) {
      client.sslContext(trusting(relay.tls().get().certificate(), relay.tls().get().key()));
    }
    // The admin API answers loopback addresses only, whatever address the server listens on.
    var scheme = relay.tls().isPresent() ? "https" : "http";
    var host = relay.host().equals("::1") || relay.host().equals("[::1]") ? "[::1]" : "127.0.0.1";
    var url = URI.create(scheme + "://" + host + ":" + relay.port() + "/api/admin/backup");
    return new RunningServer(url, config.adminToken(), client.build());
  }

  /** A context that accepts exactly the server's own certificate, whatever name is in it. */
  private static SSLContext trusting(Path certificate, Path key) throws IOException {
    try {
      var own = ServerCertificate.read(certificate, key).certificate();
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new OwnCertificateOnly(own)}, null);
      return context;
    } catch (TlsFileException | GeneralSecurityException e) {
      throw new IOException("the certificate of the server cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * The stream of a backup.
   *
   * @throws IOException with one sentence for the operator
   */
  InputStream openBackup() throws IOException {
    var request = HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.noBody());
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.value()));
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (ConnectException e) {
      throw new IOException(
          "no server answers at "
              + url.resolve("/")
              + "; start it, or give this command the settings of the server (--port, --config)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (IOException e) {
      throw new IOException("the server at " + url.resolve("/") + " does not answer: " + e, e);
    }
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (var body = response.body()) {
      throw new IOException(sentence(response.statusCode(), body));
    }
  }

  private String sentence(int status, InputStream body) throws IOException {
    return switch (status) {
      case 401 ->
          "the server needs its admin token: set PARLOR_ADMIN_TOKEN for this command as for the"
              + " server";
      case 404 ->
          "the server at "
              + url.resolve("/")
              + " shows no admin API to this command; set PARLOR_ADMIN_TOKEN for the server and for"
              + " this command, and check that the server has this version";
      default -> {
        var text = new String(body.readNBytes(PROBLEM_CHARACTERS_MAX), StandardCharsets.UTF_8);
        yield "the server made no backup (status " + status + "): " + text;
      }
    };
  }
}
