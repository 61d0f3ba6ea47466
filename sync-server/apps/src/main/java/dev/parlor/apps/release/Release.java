package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A release of an app: files under a number that counts from 1 in each app without a gap.
 *
 * @param fsId the id of its files and environment
 */
public record Release(
    String userSlug,
    String appSlug,
    long releaseSeq,
    ContentId fsId,
    Mode mode,
    Map<String, String> environment,
    List<ReleasedFile> files,
    Instant created) {

  public Release {
    environment = Map.copyOf(environment);
    files = List.copyOf(files);
  }
}
