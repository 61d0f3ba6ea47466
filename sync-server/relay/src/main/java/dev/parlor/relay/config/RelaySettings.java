package dev.parlor.relay.config;

import dev.parlor.relay.config.RelayConfig.Log;
import dev.parlor.relay.config.RelayConfig.Shards;
import dev.parlor.relay.config.RelayConfig.Tls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** Reads the settings of a relay. Used once by one thread. */
final class RelaySettings {

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
    var idleSeconds = reader.number(RelaySetting.IDLE_SECONDS, 1, 30 * 86_400);
    var peers = reader.number(RelaySetting.ROOM_PEERS, 1, 100_000);
    var origins = origins();
    var publicUrl = reader.url(RelaySetting.PUBLIC_URL);
    var clients = ProxySettings.read(reader, reader::problem, reader.notes());
    var sockets = reader.choice(RelaySetting.SOCKETS, SocketTransport.class, SocketTransport.AUTO);
    var tls = tls();
    if (tls.isPresent()) {
      TlsSettings.noteConflicts(sockets, publicUrl, reader.notes());
      sockets = SocketTransport.HELIDON;
    }
    var sync = SyncSettings.read(reader, host);
    var log =
        new Log(
            reader.choice(RelaySetting.LOG, Log.Level.class, Log.Level.INFO),
            reader.choice(RelaySetting.LOG_FORMAT, Log.Format.class, Log.Format.LOGFMT));
    return new RelayConfig(
        host,
        port,
        data,
        shards,
        origins,
        publicUrl,
        clients,
        sync,
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

  private List<String> origins() {
    var origins = new ArrayList<String>();
    for (var part : reader.text(RelaySetting.ORIGINS).split(",", -1)) {
      var origin = part.strip();
      if (origin.isEmpty()) {
        continue;
      }
      var url = SettingsReader.httpUrl(origin);
      if (origin.equals("*")) {
        origins.add(origin);
      } else if (url.isPresent() && url.get().getPath().isEmpty()) {
        origins.add(url.get().toString().toLowerCase(Locale.ROOT));
      } else {
        reader.problem(
            RelaySetting.ORIGINS,
            "must list origins like https://example.org, separated by commas");
        return origins;
      }
    }
    return origins;
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
