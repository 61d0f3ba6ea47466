package dev.parlor.server;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.identity.Callers;
import dev.parlor.apps.identity.DeviceCa;
import dev.parlor.apps.identity.DeviceIds;
import dev.parlor.apps.identity.TokenCheck;
import dev.parlor.room.access.AccessServices;
import dev.parlor.room.access.TokenVerifier;
import dev.parlor.room.access.TokenVerifier.Verification;
import dev.parlor.server.config.AppsConfig;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** Constructs the authentication of the apps API from the server's own access control. */
final class AppCallers {
  private static final int UNAVAILABLE = 503;

  private AppCallers() {}

  /**
   * @throws IOException with one sentence for the operator, if the file of the device CA is bad
   */
  static Callers of(AppsConfig config, AccessServices access, InstantSource clock)
      throws IOException {
    var tokens = new TokenVerifier(access.identities(), access.sessions(), access.jwtVerifier());
    Optional<TokenCheck> clerk = access.jwtVerifier().map(jwt -> token -> user(jwt.verify(token)));
    Optional<TokenCheck> deviceIds =
        config.deviceCa().isEmpty()
            ? Optional.empty()
            : Optional.of(new DeviceIds(DeviceCa.read(config.deviceCa().get()), clock));
    return new Callers(clerk, deviceIds, token -> user(tokens.verify(token)));
  }

  private static String user(Verification verification) {
    return switch (verification) {
      case Verification.Proved(var identity, _) -> identity;
      case Verification.Refused(var refusal) when refusal.status() == UNAVAILABLE ->
          throw AppsException.of(ErrorCode.UNAVAILABLE, refusal.reason());
      case Verification.Refused(var refusal) ->
          throw AppsException.of(ErrorCode.BAD_TOKEN, refusal.reason());
    };
  }
}
