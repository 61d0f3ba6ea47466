package dev.parlor.room.http;

import dev.parlor.relay.config.Secret;
import dev.parlor.relay.documents.http.OperatorRequests;
import dev.parlor.room.http.AdminAuthorizer.Decision;
import dev.parlor.room.http.Administration.OldToken;
import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;

/** Requests that may use the admin API, for other interfaces of the same server. */
public final class AdminRequests implements OperatorRequests {
  private final AdminAuthorizer authorizer;
  private final boolean hasAdminToken;

  public AdminRequests(
      Optional<Secret> token,
      Optional<OldToken> oldToken,
      Optional<URI> publicUrl,
      InstantSource clock) {
    this.authorizer = new AdminAuthorizer(token, oldToken, publicUrl, clock);
    this.hasAdminToken = token.isPresent();
  }

  @Override
  public boolean isOperator(ServerRequest request, boolean hasToken) {
    return hasToken == hasAdminToken
        && authorizer.decide(HttpCall.adminRequest(request)) == Decision.ALLOWED;
  }
}
