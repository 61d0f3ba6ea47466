package dev.parlor.apps.identity;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import java.util.Optional;

/**
 * Proves users by the type of their token. A type that this server is not configured for refuses
 * every token and names the missing setting. Safe from any thread.
 */
public final class Callers implements CallerVerifier {
  private static final String TYPE_FIELD = "auth.type";
  private static final String TOKEN_FIELD = "auth.token";

  private final Optional<TokenCheck> clerk;
  private final Optional<TokenCheck> deviceIds;
  private final TokenCheck parlor;

  /**
   * @param clerk checks the JSON Web Tokens of an issuer; empty if no issuer is configured
   * @param deviceIds checks the tokens of devices; empty if no certificate authority is configured
   * @param parlor checks the server's own tokens
   */
  public Callers(Optional<TokenCheck> clerk, Optional<TokenCheck> deviceIds, TokenCheck parlor) {
    this.clerk = clerk;
    this.deviceIds = deviceIds;
    this.parlor = parlor;
  }

  @Override
  public String verify(String type, String token) {
    var check =
        switch (type) {
          case "clerk" ->
              clerk.orElseThrow(() -> notConfigured(type, "PARLOR_JWT_KEY or PARLOR_JWT_JWKS_URL"));
          case "device-id" -> deviceIds.orElseThrow(() -> notConfigured(type, "PARLOR_DEVICE_CA"));
          case "parlor" -> parlor;
          default ->
              throw AppsException.of(
                      ErrorCode.INVALID_AUTH_TYPE, "auth.type must be clerk, device-id or parlor")
                  .at(TYPE_FIELD);
        };
    if (token.length() > AppLimits.TOKEN_LENGTH_MAX) {
      throw AppsException.of(
              ErrorCode.BAD_TOKEN,
              "the token has more than " + AppLimits.TOKEN_LENGTH_MAX + " characters")
          .at(TOKEN_FIELD);
    }
    try {
      return check.userOf(token);
    } catch (AppsException refusal) {
      throw refusal.at(TOKEN_FIELD);
    }
  }

  private static AppsException notConfigured(String type, String settings) {
    return AppsException.of(
            ErrorCode.BAD_TOKEN,
            "this server accepts no token of type " + type + "; its operator must set " + settings)
        .at(TYPE_FIELD);
  }
}
