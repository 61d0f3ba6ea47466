package dev.parlor.relay.token;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An issuer of JSON Web Tokens for tests. It signs with Java's own signatures and serves its keys
 * on loopback.
 */
public final class Issuer implements AutoCloseable {

  /** A signature algorithm. */
  public enum Kind {
    RS256("SHA256withRSA"),
    ES256("SHA256withECDSAinP1363Format"),
    EdDSA("Ed25519");

    private final String signature;

    Kind(String signature) {
      this.signature = signature;
    }
  }

  /** One of the issuer's keys. */
  public record Key(Kind kind, String id, KeyPair pair) {
    public static Key make(Kind kind, String id) {
      return make(kind, id, 2048);
    }

    public static Key make(Kind kind, String id, int rsaBits) {
      try {
        var family =
            switch (kind) {
              case RS256 -> "RSA";
              case ES256 -> "EC";
              case EdDSA -> "Ed25519";
            };
        var generator = KeyPairGenerator.getInstance(family);
        switch (kind) {
          case RS256 -> generator.initialize(rsaBits);
          case ES256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
          case EdDSA -> {}
        }
        return new Key(kind, id, generator.generateKeyPair());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    /** A token with these claims as JSON. */
    public String token(String claims) {
      return token("{\"alg\":\"" + kind + "\",\"kid\":\"" + id + "\"}", claims);
    }

    public String token(String header, String claims) {
      var text = base64(header) + "." + base64(claims);
      try {
        var signature = Signature.getInstance(kind.signature);
        signature.initSign(pair.getPrivate());
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + base64(signature.sign());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    public String jwk() {
      var members =
          switch (pair.getPublic()) {
            case RSAPublicKey rsa ->
                "\"kty\":\"RSA\",\"n\":\""
                    + base64(unsigned(rsa.getModulus().toByteArray()))
                    + "\",\"e\":\""
                    + base64(rsa.getPublicExponent().toByteArray())
                    + "\"";
            case ECPublicKey _ -> ecMembers(pair.getPublic().getEncoded());
            default -> {
              var encoded = pair.getPublic().getEncoded();
              yield "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                  + base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length))
                  + "\"";
            }
          };
      return "{" + members + ",\"kid\":\"" + id + "\",\"use\":\"sig\"}";
    }

    /** The members of an EC key. The last 64 bytes of its encoded form are x and y. */
    private static String ecMembers(byte[] encoded) {
      var end = encoded.length;
      return "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
          + base64(Arrays.copyOfRange(encoded, end - 64, end - 32))
          + "\",\"y\":\""
          + base64(Arrays.copyOfRange(encoded, end - 32, end))
          + "\"";
    }

    /** Writes the public half to a PEM file. */
    public Path pem(Path folder) {
      try {
        return Files.writeString(
            folder.resolve(id + ".pem"),
            "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Removes the leading zero that marks a positive number. */
    private static byte[] unsigned(byte[] number) {
      return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
    }
  }

  private final HttpServer server;
  private volatile String keys = "{\"keys\":[]}";
  private volatile boolean failing;
  private final AtomicInteger fetches = new AtomicInteger();

  public Issuer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/jwks",
        exchange -> {
          fetches.incrementAndGet();
          var body = keys.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(failing ? 500 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  /** Sets the keys that the URL returns. */
  public void serve(Key... served) {
    keys = "{\"keys\":[" + String.join(",", Arrays.stream(served).map(Key::jwk).toList()) + "]}";
  }

  /** Sets whether requests for the keys get 500. */
  public void setFailing(boolean isFailing) {
    failing = isFailing;
  }

  public int fetches() {
    return fetches.get();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
  }

  public static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
