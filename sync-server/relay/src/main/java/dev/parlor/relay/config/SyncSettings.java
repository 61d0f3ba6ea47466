package dev.parlor.relay.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Access to the documents that are not rooms.
 *
 * @param access which clients may connect
 * @param issuer the issuer of the tokens; present if, and only if, tokens are required
 * @param authorizer the URL of the app's backend that decides about documents which a token does
 *     not name; empty if the claims alone decide
 * @param backendToken the token with which the app's backend may end its answers early, from any
 *     address; empty if it may not
 */
public record SyncSettings(
    Access access,
    Optional<Issuer> issuer,
    Optional<URI> authorizer,
    Optional<Secret> backendToken) {

  /** Settings without orders of the app's backend. */
  public SyncSettings(Access access, Optional<Issuer> issuer, Optional<URI> authorizer) {
    this(access, issuer, authorizer, Optional.empty());
  }

  /** Which clients may sync documents that are not rooms. */
  public enum Access {
    /** Every client. */
    OPEN,
    /** The clients with a token of the issuer, each within its token's permissions. */
    TOKEN,
    /** No client. */
    CLOSED
  }

  /**
   * An issuer of JSON Web Tokens.
   *
   * @param issuer the required {@code iss}; empty for any
   * @param audience the required entry of {@code aud}; empty for any
   */
  public record Issuer(Keys keys, Optional<String> issuer, Optional<String> audience) {}

  /** The source of an issuer's public keys. */
  public sealed interface Keys {
    /** A PEM file. */
    record PemFile(Path path) implements Keys {}

    /** The URL of a JWK set. */
    record JwksUrl(URI url) implements Keys {}
  }

  static SyncSettings open() {
    return new SyncSettings(Access.OPEN, Optional.empty(), Optional.empty());
  }

  /** Reads the settings. Problems are collected in the reader. */
  static SyncSettings read(SettingsReader reader, String host) {
    var access = access(reader, host);
    var issuer = issuer(reader);
    if (access == Access.TOKEN && issuer.isEmpty()) {
      reader.problem(
          RelaySetting.SYNC_ACCESS,
          "needs the key of the tokens' issuer: set "
              + RelaySetting.SYNC_KEY.both()
              + " or "
              + RelaySetting.SYNC_JWKS_URL.both());
    } else if (access != Access.TOKEN
        && (issuer.isPresent() || reader.notEmpty(RelaySetting.SYNC_AUTHORIZER).isPresent())) {
      reader
          .notes()
          .add(
              "the settings of tokens for documents have no effect: "
                  + RelaySetting.SYNC_ACCESS.variable()
                  + " is not token");
    }
    var authorizer = reader.url(RelaySetting.SYNC_AUTHORIZER);
    if (authorizer.filter(SyncSettings::isUnprotected).isPresent()) {
      reader.problem(
          RelaySetting.SYNC_AUTHORIZER,
          "must be https; otherwise an attacker on the network could give permissions");
    }
    var backendToken = backendToken(reader);
    if (backendToken.isPresent() && authorizer.isEmpty()) {
      reader.problem(
          RelaySetting.SYNC_BACKEND_TOKEN,
          "is the token of a backend that decides about documents: set "
              + RelaySetting.SYNC_AUTHORIZER.both()
              + " too");
    }
    if (access != Access.TOKEN) {
      return new SyncSettings(access, Optional.empty(), Optional.empty());
    }
    return new SyncSettings(access, issuer, authorizer, backendToken);
  }

  private static Optional<Secret> backendToken(SettingsReader reader) {
    var text = reader.text(RelaySetting.SYNC_BACKEND_TOKEN);
    if (!text.isEmpty() && text.length() < FixedLimits.BACKEND_TOKEN_LENGTH_MIN) {
      reader.problem(
          RelaySetting.SYNC_BACKEND_TOKEN,
          "must have at least " + FixedLimits.BACKEND_TOKEN_LENGTH_MIN + " characters");
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(new Secret(text));
  }

  private static Access access(SettingsReader reader, String host) {
    var access = named(reader, RelaySetting.SYNC_ACCESS);
    var older = named(reader, RelaySetting.OPEN_SYNC);
    if (access.isPresent() && older.isPresent() && !access.equals(older)) {
      reader.problem(
          RelaySetting.OPEN_SYNC.both()
              + " is an older name of "
              + RelaySetting.SYNC_ACCESS.both()
              + ", and both are set to different values; set only the latter");
    }
    return access
        .or(() -> older)
        .orElse(SettingsReader.isLoopback(host) ? Access.OPEN : Access.CLOSED);
  }

  private static Optional<Access> named(SettingsReader reader, RelaySetting setting) {
    return switch (reader.text(setting)) {
      case "open" -> Optional.of(Access.OPEN);
      case "token" -> Optional.of(Access.TOKEN);
      case "closed" -> Optional.of(Access.CLOSED);
      case "" -> Optional.empty();
      default -> {
        reader.problem(setting, "must be open, token or closed");
        yield Optional.of(Access.CLOSED);
      }
    };
  }

  private static Optional<Issuer> issuer(SettingsReader reader) {
    var file = reader.notEmpty(RelaySetting.SYNC_KEY);
    var url = reader.url(RelaySetting.SYNC_JWKS_URL);
    var issuer = reader.notEmpty(RelaySetting.SYNC_ISSUER);
    var audience = reader.notEmpty(RelaySetting.SYNC_AUDIENCE);
    if (file.isPresent() && url.isPresent()) {
      reader.problem(
          RelaySetting.SYNC_KEY,
          "and " + RelaySetting.SYNC_JWKS_URL.variable() + " exclude each other");
    }
    if (url.filter(SyncSettings::isUnprotected).isPresent()) {
      reader.problem(
          RelaySetting.SYNC_JWKS_URL,
          "must be https; otherwise an attacker on the network could replace the keys");
    }
    if (file.isEmpty() && url.isEmpty() && (issuer.isPresent() || audience.isPresent())) {
      reader.problem(
          RelaySetting.SYNC_KEY.variable()
              + " or "
              + RelaySetting.SYNC_JWKS_URL.variable()
              + " is missing: an issuer or audience without a key checks nothing");
    }
    return url.<Keys>map(Keys.JwksUrl::new)
        .or(() -> file.map(_ -> new Keys.PemFile(reader.path(RelaySetting.SYNC_KEY))))
        .map(keys -> new Issuer(keys, issuer, audience));
  }

  private static boolean isUnprotected(URI url) {
    return !"https".equalsIgnoreCase(url.getScheme()) && !SettingsReader.isLoopback(url.getHost());
  }
}
