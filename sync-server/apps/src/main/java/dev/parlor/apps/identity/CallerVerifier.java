package dev.parlor.apps.identity;

/** Proves the user of a request. Safe from any thread; may block to fetch keys. */
public interface CallerVerifier {

  /**
   * Proves a user.
   *
   * @param type {@code clerk}, {@code device-id} or {@code parlor}
   * @return the user's id, for example {@code jwt:user_2abc}
   * @throws dev.parlor.apps.error.AppsException {@code invalid-auth-type} or {@code bad-token}
   */
  String verify(String type, String token);
}
