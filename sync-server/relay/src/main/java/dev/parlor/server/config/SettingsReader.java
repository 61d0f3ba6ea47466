package dev.parlor.server.config;

import dev.parlor.server.config.ServerConfig.InForce;
import dev.parlor.server.config.ServerConfig.Jwt;
import dev.parlor.server.config.ServerConfig.Log;
import dev.parlor.server.config.ServerConfig.ModelEndpoint;
import dev.parlor.server.config.ServerConfig.Shards;
import dev.parlor.server.config.ServerConfig.Tls;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Parses the text of each setting and collects all problems before it fails. Used once by one
 * thread.
 */
final class SettingsReader {

  private final SettingSources sources;
  private final Path workingDirectory;
  private final InstantSource clock;
  private final List<String> problems;
  private final List<String> notes;

  /**
   * @param clock the time that a certificate's dates are compared with
   */
  SettingsReader(SettingSources sources, Path workingDirectory, InstantSource clock) {
    this.sources = sources;
    this.workingDirectory = workingDirectory;
    this.clock = clock;
    this.problems = new ArrayList<>(sources.problems());
    this.notes = new ArrayList<>(sources.notes());
  }

  ServerConfig read() throws ConfigException {
    var host = host();
    var port = number(Setting.PORT, 0, 65_535);
    var data = path(Setting.DATA);
    var shards = shards();
    var endpoint = modelEndpoint();
    var answerTokens = number(Setting.LLM_MAX_TOKENS, 0, FixedLimits.MODEL_TOKENS_MAX);
    var idleSeconds = number(Setting.IDLE_SECONDS, 1, 30 * 86_400);
    var archiveDays = number(Setting.ARCHIVE_DAYS, 0, 36_500);
    var roomPeers = number(Setting.ROOM_PEERS, 1, 100_000);
    var origins = origins();
    var publicUrl = url(Setting.PUBLIC_URL);
    var clients = ProxySettings.read(sources, this::problem, notes);
    var sockets = choice(Setting.SOCKETS, SocketTransport.class, SocketTransport.AUTO);
    var tls = tls();
    if (tls.isPresent()) {
      TlsSettings.noteConflicts(sockets, publicUrl, notes);
      sockets = SocketTransport.HELIDON;
    }
    var openSync = openSync(host);
    var jwt = jwt();
    var adminToken = adminToken();
    var log =
        new Log(
            choice(Setting.LOG, Log.Level.class, Log.Level.INFO),
            choice(Setting.LOG_FORMAT, Log.Format.class, Log.Format.LOGFMT));
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new ServerConfig(
        host,
        port,
        data,
        shards,
        endpoint,
        origins,
        publicUrl,
        clients,
        sockets,
        tls,
        openSync,
        jwt,
        adminToken,
        log,
        Limits.defaults()
            .withIdleSeconds(idleSeconds)
            .withRoomPeers(roomPeers)
            .withAnswerTokens(answerTokens)
            .withArchiveDays(archiveDays),
        inForce(openSync, sockets),
        notes);
  }

  private List<InForce> inForce(boolean openSync, SocketTransport sockets) {
    var lines = new ArrayList<InForce>();
    for (var setting : Setting.values()) {
      var found = sources.of(setting);
      var shown = found.text();
      if (setting == Setting.OPEN_SYNC && shown.isEmpty()) {
        shown = openSync ? "open" : "closed";
      } else if (setting == Setting.SOCKETS) {
        shown = sockets.name().toLowerCase(Locale.ROOT);
      } else if (shown.isEmpty()) {
        shown = "-";
      } else if (setting.secret()) {
        shown = new Secret(shown).toString();
      }
      lines.add(new InForce(setting, shown, found.source()));
    }
    return lines;
  }

  private String host() {
    var host = sources.of(Setting.HOST).text();
    if (host.isEmpty() || host.contains("/") || host.contains(" ")) {
      problem(Setting.HOST, "is not an address; try 127.0.0.1");
    }
    return host;
  }

  private int number(Setting setting, int least, int most) {
    var number = number(sources.of(setting).text(), least, most);
    if (number.isEmpty()) {
      problem(setting, "must be a whole number from " + least + " to " + most);
    }
    return number.orElse(least);
  }

  private static OptionalInt number(String text, int least, int most) {
    try {
      var number = Integer.parseInt(text);
      return number >= least && number <= most ? OptionalInt.of(number) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  private Shards shards() {
    var count =
        sources.of(Setting.SHARDS).text().isEmpty()
            ? OptionalInt.empty()
            : OptionalInt.of(number(Setting.SHARDS, 1, FixedLimits.SHARDS_MAX));
    var without = new TreeSet<Integer>();
    for (var part : sources.of(Setting.WITHOUT_SHARDS).text().split(",", -1)) {
      if (!part.isBlank()) {
        var number = number(part.strip(), 0, FixedLimits.SHARDS_MAX - 1);
        if (number.isEmpty()) {
          problem(
              Setting.WITHOUT_SHARDS,
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

  private Path path(Setting setting) {
    var text = sources.of(setting).text();
    try {
      if (!text.isEmpty()) {
        return workingDirectory.resolve(text).toAbsolutePath().normalize();
      }
    } catch (InvalidPathException e) {
      // The check below reports it.
    }
    problem(setting, "is not a path");
    return workingDirectory;
  }

  private Optional<ModelEndpoint> modelEndpoint() {
    var url = url(Setting.LLM_URL);
    var key = sources.of(Setting.LLM_KEY).text();
    var model = sources.of(Setting.LLM_MODEL).text();
    if (sources.of(Setting.LLM_URL).text().isEmpty()) {
      return Optional.empty();
    }
    if (model.isEmpty()) {
      problems.add(
          Setting.LLM_MODEL.variable()
              + " is missing: "
              + Setting.LLM_URL.variable()
              + " needs the name of a model");
    }
    return url.map(
        at ->
            new ModelEndpoint(
                at,
                key.isEmpty() ? Optional.empty() : Optional.of(new Secret(key)),
                model,
                furtherModels(model)));
  }

  private List<String> furtherModels(String model) {
    var models = new ArrayList<String>();
    for (var part : sources.of(Setting.LLM_MODELS).text().split(",", -1)) {
      var name = part.strip();
      if (name.length() > FixedLimits.MODEL_NAME_LENGTH_MAX) {
        problem(
            Setting.LLM_MODELS,
            "has a name of more than " + FixedLimits.MODEL_NAME_LENGTH_MAX + " characters");
      } else if (!name.isEmpty() && !name.equals(model) && !models.contains(name)) {
        models.add(name);
      }
    }
    return models;
  }

  private Optional<URI> url(Setting setting) {
    var text = sources.of(setting).text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var url = httpUrl(text);
    if (url.isEmpty()) {
      problem(setting, "must be a URL that starts with http:// or https://");
    }
    return url;
  }

  private static Optional<URI> httpUrl(String text) {
    try {
      var uri = new URI(text.replaceFirst("/+$", ""));
      var scheme = uri.getScheme();
      var good =
          scheme != null
              && (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null;
      return good ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private List<String> origins() {
    var origins = new ArrayList<String>();
    for (var part : sources.of(Setting.ORIGINS).text().split(",", -1)) {
      var origin = part.strip();
      if (origin.isEmpty()) {
        continue;
      }
      var url = httpUrl(origin);
      if (origin.equals("*")) {
        origins.add(origin);
      } else if (url.isPresent() && url.get().getPath().isEmpty()) {
        origins.add(url.get().toString().toLowerCase(Locale.ROOT));
      } else {
        problem(Setting.ORIGINS, "must list origins like https://example.org, separated by commas");
        return origins;
      }
    }
    return origins;
  }

  private Optional<Jwt> jwt() {
    var file = sources.of(Setting.JWT_KEY).text();
    var url = url(Setting.JWT_JWKS_URL);
    var issuer = notEmpty(Setting.JWT_ISSUER);
    var audience = notEmpty(Setting.JWT_AUDIENCE);
    if (!file.isEmpty() && url.isPresent()) {
      problem(Setting.JWT_KEY, "and " + Setting.JWT_JWKS_URL.variable() + " exclude each other");
    }
    if (url.filter(at -> !"https".equalsIgnoreCase(at.getScheme()) && !isLoopback(at.getHost()))
        .isPresent()) {
      problem(
          Setting.JWT_JWKS_URL,
          "must be https; otherwise an attacker on the network" + " could replace the keys");
    }
    if (!file.isEmpty()) {
      return Optional.of(new Jwt(new Jwt.Keys.PemFile(path(Setting.JWT_KEY)), issuer, audience));
    }
    if (url.isEmpty() && (issuer.isPresent() || audience.isPresent())) {
      problems.add(
          Setting.JWT_KEY.variable()
              + " or "
              + Setting.JWT_JWKS_URL.variable()
              + " is missing: an issuer or audience without a key checks nothing");
    }
    return url.map(at -> new Jwt(new Jwt.Keys.JwksUrl(at), issuer, audience));
  }

  private Optional<Tls> tls() {
    var certificate = sources.of(Setting.TLS_CERT).text();
    var key = sources.of(Setting.TLS_KEY).text();
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      var missing = certificate.isEmpty() ? Setting.TLS_CERT : Setting.TLS_KEY;
      problems.add(missing.both() + " is missing: TLS needs a certificate and its private key");
      return Optional.empty();
    }
    var files = new Tls(path(Setting.TLS_CERT), path(Setting.TLS_KEY));
    return TlsSettings.check(files, this::problem, notes, clock.instant());
  }

  private Optional<String> notEmpty(Setting setting) {
    return Optional.of(sources.of(setting).text()).filter(text -> !text.isEmpty());
  }

  private Optional<Secret> adminToken() {
    var text = sources.of(Setting.ADMIN_TOKEN).text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() < FixedLimits.ADMIN_TOKEN_LENGTH_MIN) {
      problem(
          Setting.ADMIN_TOKEN,
          "must have at least " + FixedLimits.ADMIN_TOKEN_LENGTH_MIN + " characters");
    }
    return Optional.of(new Secret(text));
  }

  private boolean openSync(String host) {
    return switch (sources.of(Setting.OPEN_SYNC).text()) {
      case "open" -> true;
      case "closed" -> false;
      case "" -> isLoopback(host);
      default -> {
        problem(Setting.OPEN_SYNC, "must be open or closed");
        yield false;
      }
    };
  }

  /**
   * True for loopback addresses and {@code localhost}. Other names are not resolved, since the
   * answer decides whether sync is open.
   */
  private static boolean isLoopback(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    if (!host.matches("[0-9.]+|\\[?[0-9a-fA-F:]+]?")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private <E extends Enum<E>> E choice(Setting setting, Class<E> type, E fallback) {
    var text = sources.of(setting).text().toUpperCase(Locale.ROOT);
    var names = new ArrayList<String>();
    for (var constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    problem(setting, "must be one of " + String.join(", ", names));
    return fallback;
  }

  private void problem(Setting setting, String rule) {
    var found = sources.of(setting);
    var shown = setting.secret() ? "" : " \"" + found.text() + "\"";
    var source = found.source();
    var where =
        source.startsWith("--") || source.equals(setting.variable())
            ? source
            : setting.key() + " (" + source + ")";
    problems.add(where + shown + " " + rule);
  }
}
