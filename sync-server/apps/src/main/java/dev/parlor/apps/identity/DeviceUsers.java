package dev.parlor.apps.identity;

/**
 * The user ids in device certificates. An identity that this server made, {@code id_...}, stands in
 * a certificate as it is. Any other user id is the subject of an issuer's tokens, and its identity
 * is {@code jwt:<subject>}; so a person has the same identity with a device and with a token.
 */
final class DeviceUsers {
  private static final String OWN = "id_";
  private static final String OF_ISSUER = "jwt:";

  private DeviceUsers() {}

  /** The identity of a user id in a certificate. */
  static String identity(String userId) {
    return userId.startsWith(OWN) ? userId : OF_ISSUER + userId;
  }

  /** The user id of an identity in a certificate. */
  static String userId(String identity) {
    return identity.startsWith(OF_ISSUER) ? identity.substring(OF_ISSUER.length()) : identity;
  }
}
