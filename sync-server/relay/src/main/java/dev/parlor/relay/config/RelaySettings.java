package dev.parlor.relay.config;

import dev.parlor.relay.address.BasePath;
import dev.parlor.relay.config.RelayConfig.Log;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.config.RelayConfig.Tls;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** Reads the settings of a relay. Used once by one thread. */
final class RelaySettings {

  private static final String BASE_PATH_RULE =
      "must begin with a slash and have plain segments like /parlor, and its first segment must not"
          + " be one of the server's own, such as api or r";

  private final SettingsReader reader;

  RelaySettings(SettingsReader reader) {
    this.reader = reader;
  }

  /** Reads all settings. Problems are collected in the reader. */
  RelayConfig read() {
    var host = host();
    var port = reader.number(RelaySetting.PORT, 0, 65_535);
    var data = reader.path(RelaySetting.DATA);
    var shards = shards();
    var cluster = ClusterSettingsReader.read(reader);
    var idleSeconds = reader.number(RelaySetting.IDLE_SECONDS, 1, 30 * 86_400);
    var peers = reader.number(RelaySetting.ROOM_PEERS, 1, 100_000);
    var origins = OriginSettings.read(reader);
    var publicUrl = reader.url(RelaySetting.PUBLIC_URL);
    var basePath = basePath(publicUrl);
    var clients = ProxySettings.read(reader, reader::problem, reader.notes());
    var sockets = reader.choice(RelaySetting.SOCKETS, SocketTransport.class, SocketTransport.AUTO);
    var tls = tls();
    if (tls.isPresent()) {
      TlsSettings.noteConflicts(sockets, publicUrl, reader.notes());
      sockets = SocketTransport.HELIDON;
    }
    var sync = SyncSettings.read(reader, host);
    var policy = PolicySettings.read(reader);
    var documents = DocumentSettings.read(reader);
    var log =
        new Log(
            reader.choice(RelaySetting.LOG, Log.Level.class, Log.Level.INFO),
            reader.choice(RelaySetting.LOG_FORMAT, Log.Format.class, Log.Format.LOGFMT));
    return new RelayConfig(
        host,
        port,
        data,
        shards,
        cluster,
        origins,
        publicUrl.map(url -> withPath(url, basePath)),
        basePath,
        clients,
        sync,
        policy,
        documents,
        sockets,
        tls,
        log,
        Limits.defaults().withIdleSeconds(idleSeconds).withRoomPeers(peers));
  }

  private String host() {
    var host = reader.text(RelaySetting.HOST);
    if (host.isEmpty() || host.contains("/") || host.contains(" ")) {
      reader.problem(RelaySetting.HOST, "is not an address; try 127.0.0.1");
    }
    return host;
  }

  /** The base path of its own setting, or else the path of the public URL. */
  private BasePath basePath(Optional<URI> publicUrl) {
    var publicPath = publicUrl.map(URI::getRawPath).orElse("");
    var ofUrl = BasePath.parse(publicPath);
    if (ofUrl.isEmpty()) {
      reader.problem(RelaySetting.PUBLIC_URL, "has a path that " + BASE_PATH_RULE);
    }
    var own = BasePath.parse(reader.text(RelaySetting.BASE_PATH));
    if (own.isEmpty()) {
      reader.problem(RelaySetting.BASE_PATH, BASE_PATH_RULE);
      return BasePath.ROOT;
    }
    if (!reader.isSet(RelaySetting.BASE_PATH)) {
      return ofUrl.orElse(BasePath.ROOT);
    }
    if (!publicPath.isEmpty() && ofUrl.isPresent() && !ofUrl.equals(own)) {
      reader.problem(
          RelaySetting.BASE_PATH,
          "differs from the path of " + RelaySetting.PUBLIC_URL.both() + ", " + publicPath);
    }
    return own.get();
  }

  private static URI withPath(URI url, BasePath base) {
    return url.getRawPath().isEmpty() ? URI.create(url + base.text()) : url;
  }

  private Shards shards() {
    var count =
        reader.text(RelaySetting.SHARDS).isEmpty()
            ? OptionalInt.empty()
            : OptionalInt.of(reader.number(RelaySetting.SHARDS, 1, FixedLimits.SHARDS_MAX));
    var without = new TreeSet<Integer>();
    for (var part : reader.text(RelaySetting.WITHOUT_SHARDS).split(",", -1)) {
      if (!part.isBlank()) {
        var number = SettingsReader.number(part.strip(), 0, FixedLimits.SHARDS_MAX - 1);
        if (number.isEmpty()) {
          reader.problem(
              RelaySetting.WITHOUT_SHARDS,
              "must list numbers from 0 to "
                  + (FixedLimits.SHARDS_MAX - 1)
                  + ", separated by commas");
          break;
        }
        without.add(number.getAsInt());
      }
    }
    return new Shards(count, without);
  }

  private Optional<Tls> tls() {
    var certificate = reader.text(RelaySetting.TLS_CERT);
    var key = reader.text(RelaySetting.TLS_KEY);
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      var missing = certificate.isEmpty() ? RelaySetting.TLS_CERT : RelaySetting.TLS_KEY;
      reader.problem(missing.both() + " is missing: TLS needs a certificate and its private key");
      return Optional.empty();
    }
    var files = new Tls(reader.path(RelaySetting.TLS_CERT), reader.path(RelaySetting.TLS_KEY));
    return TlsSettings.check(files, reader::problem, reader.notes(), reader.clock().instant());
  }
}
