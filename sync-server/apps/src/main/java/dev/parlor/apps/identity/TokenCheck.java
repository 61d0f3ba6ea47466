package dev.parlor.apps.identity;

/** Proves the user of the tokens of one type. Safe from any thread; may block to fetch keys. */
@FunctionalInterface
public interface TokenCheck {

  /**
   * Proves a user.
   *
   * @return the user's id
   * @throws dev.parlor.apps.error.AppsException {@code bad-token} with the reason, or {@code
   *     unavailable}; the sentence contains no part of the token
   */
  String userOf(String token);
}
