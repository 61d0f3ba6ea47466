package dev.parlor.relay.token;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The public keys of an issuer of JSON Web Tokens: one key from a file, or a key set from a URL. A
 * key set is cached for five minutes. It is fetched again for an unknown key id, at most twice in
 * 30 s. If the URL does not answer, the cached set stays in use for an hour.
 */
public final class JwtKeys {

  private final JWKSource<SecurityContext> source;
  private final boolean hasKeyIds;
  private final Optional<Old> old;

  /** The keys from before a rotation, which count until a set time. */
  private record Old(JwtKeys keys, Instant until, InstantSource clock) {
    boolean counts() {
      return clock.instant().isBefore(until);
    }
  }

  private JwtKeys(JWKSource<SecurityContext> source, boolean hasKeyIds, Optional<Old> old) {
    this.source = source;
    this.hasKeyIds = hasKeyIds;
    this.old = old;
  }

  /** The same keys, and beside them the keys from before until this time. */
  public JwtKeys withOld(JwtKeys keys, Instant until, InstantSource clock) {
    return new JwtKeys(source, hasKeyIds, Optional.of(new Old(keys, until, clock)));
  }

  /** The time at which the keys from before stop to count; empty if there are none. */
  Optional<Instant> oldUntil() {
    return old.map(Old::until);
  }

  /** Fetches keys from a URL; the first token causes the first fetch. */
  public static JwtKeys ofUrl(URI url) throws IOException {
    var retriever =
        new DefaultResourceRetriever(
            FixedLimits.JWKS_CONNECT_MILLIS_MAX,
            FixedLimits.JWKS_READ_MILLIS_MAX,
            FixedLimits.JWKS_BYTES_MAX);
    return new JwtKeys(
        JWKSourceBuilder.<SecurityContext>create(url.toURL(), retriever)
            .cache(FixedLimits.JWKS_CACHED_MILLIS_MAX, FixedLimits.JWKS_REFRESH_MILLIS_MAX)
            .refreshAheadCache(false)
            .outageTolerant(FixedLimits.JWKS_OUTAGE_MILLIS_MAX)
            .build(),
        true,
        Optional.empty());
  }

  /**
   * Reads the key from a PEM file (SubjectPublicKeyInfo): RSA, P-256 or Ed25519.
   *
   * @throws IOException if the file cannot be read or contains no such key
   */
  public static JwtKeys ofPem(Path file) throws IOException {
    return ofPem(Files.readString(file), file.toString());
  }

  /**
   * As {@link #ofPem(Path)}, from the text of such a file.
   *
   * @param name the source of the text, for error messages
   */
  public static JwtKeys ofPem(String text, String name) throws IOException {
    var header = text.indexOf("-----BEGIN PUBLIC KEY-----");
    var footer = text.indexOf("-----END PUBLIC KEY-----");
    if (header < 0 || footer < header) {
      throw new IOException(name + " contains no PUBLIC KEY in PEM");
    }
    byte[] encoded;
    try {
      encoded =
          Base64.getMimeDecoder()
              .decode(text.substring(header + "-----BEGIN PUBLIC KEY-----".length(), footer));
    } catch (IllegalArgumentException e) {
      throw new IOException(name + " is not in base64", e);
    }
    for (var family : List.of("RSA", "EC", "Ed25519")) {
      try {
        var spec = new X509EncodedKeySpec(encoded);
        var jwk =
            switch (KeyFactory.getInstance(family).generatePublic(spec)) {
              case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
              case ECPublicKey ec -> new ECKey.Builder(Curve.P_256, ec).build();
              default -> ed25519(encoded);
            };
        return new JwtKeys(new ImmutableJWKSet<>(new JWKSet(jwk)), false, Optional.empty());
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        // the key has another algorithm: try the next one
      }
    }
    throw new IOException(name + " contains a key that is not RSA, P-256 or Ed25519");
  }

  /** Reads an Ed25519 key. The raw key is the last 32 bytes of the SubjectPublicKeyInfo. */
  private static JWK ed25519(byte[] encoded) {
    var raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw)).build();
  }

  /**
   * The keys that match the header of a token. The key from a file has no id, so for this key the
   * header's key id is ignored.
   *
   * @throws IOException if the keys cannot be fetched
   */
  List<JWK> matching(JWSHeader header) throws IOException {
    var type = KeyType.forAlgorithm(header.getAlgorithm());
    var matcher =
        hasKeyIds
            ? JWKMatcher.forJWSHeader(header)
            : new JWKMatcher.Builder().keyType(type).build();
    try {
      var current = matcher == null ? List.<JWK>of() : source.get(new JWKSelector(matcher), null);
      var earlier = old.filter(Old::counts);
      return earlier.isEmpty()
          ? current
          : Stream.concat(current.stream(), earlier.get().keys().matching(header).stream())
              .toList();
    } catch (KeySourceException e) {
      throw new IOException("the issuer's keys cannot be fetched", e);
    }
  }
}
