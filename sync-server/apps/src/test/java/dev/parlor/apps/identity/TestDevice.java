package dev.parlor.apps.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device with a certificate; signs tokens as the package {@code @vibes.diy/identity} does. */
public final class TestDevice {
  private static final ObjectMapper JSON = new ObjectMapper();

  final ECKey key;
  final String certificateJwt;
  final String certificate;

  TestDevice(ECKey key, String certificateJwt, String certificate) {
    this.key = key;
    this.certificateJwt = certificateJwt;
    this.certificate = certificate;
  }

  /** The device of the file that the command {@code device-cert} writes. */
  public static TestDevice of(String json) {
    try {
      JsonNode item = JSON.readTree(json).path("item");
      return new TestDevice(
          ECKey.parse(item.path("deviceId").toString()),
          item.path("cert").path("certificateJWT").asText(),
          item.path("cert").path("certificatePayload").toString());
    } catch (IOException | ParseException e) {
      throw new IllegalArgumentException("not the file of a device", e);
    }
  }

  static TestDevice certifiedBy(DeviceAuthority authority, String identity, Instant now) {
    return of(authority.certify(identity, "laptop", Duration.ofDays(365), now));
  }

  /** A device with other claims in its certificate, signed with the given key and type. */
  TestDevice with(ECKey signer, String type, String claims) {
    return new TestDevice(key, signed(signer, header(type), claims), claims);
  }

  TestDevice withCertificate(String embedded) {
    return new TestDevice(key, certificateJwt, embedded);
  }

  private static JWSHeader header(String type) {
    return new JWSHeader.Builder(JWSAlgorithm.ES256).type(new JOSEObjectType(type)).build();
  }

  private static String signed(ECKey key, JWSHeader header, String claims) {
    try {
      var jwt = new SignedJWT(header, JWTClaimsSet.parse(claims));
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException | ParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A token that is valid for two minutes. */
  public String token(Instant now) {
    return token(key, Optional.of(certificateJwt), now, now.plusSeconds(120));
  }

  String token(ECKey signer, Optional<String> caSignature, Instant issued, Instant expires) {
    var claims =
        new JWTClaimsSet.Builder()
            .issuer("app-id")
            .subject("device-id")
            .issueTime(Date.from(issued))
            .expirationTime(Date.from(expires))
            .build();
    var embedded = Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8));
    var members = new LinkedHashMap<String, Object>();
    members.put("alg", "ES256");
    members.put("typ", "JWT");
    members.put("x5c", List.of(embedded));
    members.put("x5t", "zSha1");
    members.put("x5t#S256", "zSha256");
    caSignature.ifPresent(signature -> members.put("x5c#jwt", signature));
    return signed(signer, parsed(members), claims.toString());
  }

  private static JWSHeader parsed(Map<String, Object> members) {
    try {
      return JWSHeader.parse(members);
    } catch (ParseException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
