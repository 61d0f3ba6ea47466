package dev.parlor.apps.release;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to deploy files.
 *
 * @param appSlug the app; empty draws a new slug
 * @param userSlug the user's slug; empty takes the first of the user, or draws one
 * @param environment variables for the app
 */
public record DeployRequest(
    Mode mode,
    Optional<String> appSlug,
    Optional<String> userSlug,
    Map<String, String> environment,
    List<SourceFile> files) {

  public DeployRequest {
    environment = Map.copyOf(environment);
    files = List.copyOf(files);
  }
}
