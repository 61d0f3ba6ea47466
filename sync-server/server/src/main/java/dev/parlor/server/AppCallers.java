package dev.parlor.server;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.identity.Callers;
import dev.parlor.apps.identity.DeviceCa;
import dev.parlor.apps.identity.DeviceIds;
import dev.parlor.apps.identity.RevokedDevices;
import dev.parlor.apps.identity.TokenCheck;
import dev.parlor.apps.identity.TrustedAuthorities;
import dev.parlor.relay.storage.StoreUnavailableException;
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
   * @throws IOException with one sentence for the operator, if a file about device certificates is
   *     bad
   */
  static Callers of(AppsConfig config, AccessServices access, InstantSource clock)
      throws IOException {
    var tokens = new TokenVerifier(access.identities(), access.sessions(), access.jwtIdentities());
    Optional<TokenCheck> clerk =
        access.jwtIdentities().map(jwt -> token -> user(jwt.verify(token)));
    Optional<TokenCheck> deviceIds =
        config.deviceCa().isEmpty()
            ? Optional.empty()
            : Optional.of(new DeviceIds(authorities(config), revoked(config), clock));
    return new Callers(clerk, deviceIds, token -> user(verify(tokens, token)));
  }

  private static TrustedAuthorities authorities(AppsConfig config) throws IOException {
    var current = TrustedAuthorities.of(DeviceCa.read(config.deviceCa().orElseThrow()));
    var old = config.oldDeviceCa();
    return old.isEmpty()
        ? current
        : current.withOld(DeviceCa.read(old.get().value()), old.get().until());
  }

  private static RevokedDevices revoked(AppsConfig config) throws IOException {
    return config.revokedDevices().isEmpty()
        ? RevokedDevices.none()
        : RevokedDevices.of(config.revokedDevices().get());
  }

  private static Verification verify(TokenVerifier tokens, String token) {
    try {
      return tokens.verify(token);
    } catch (StoreUnavailableException _) {
      throw AppsException.of(
          ErrorCode.UNAVAILABLE, "the server cannot check the token now; try again");
    }
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
