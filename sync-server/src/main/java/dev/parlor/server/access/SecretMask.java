package dev.parlor.server.access;

import java.util.regex.Pattern;

/** Takes keys, tickets and tokens out of text that is going to a log. */
public final class SecretMask {
  private static final Pattern SYNC_KEY = Pattern.compile("(/sync/k/[^./?\\s]*\\.)[^/?\\s]+");
  private static final Pattern SYNC_OTHER = Pattern.compile("(/sync/[kt]/)[^./?\\s]+(?=[?/\\s]|$)");
  private static final Pattern QUERY =
      Pattern.compile("([?&#](?:k|key|ticket|token)=)[^&\\s#]+", Pattern.CASE_INSENSITIVE);
  private static final Pattern TOKEN = Pattern.compile("(id_[1-9A-Za-z]{22}\\.)[A-Za-z0-9_-]+");

  private SecretMask() {}

  /** The text with every secret replaced by {@code ***}; slugs and identities stay readable. */
  public static String mask(String text) {
    var masked = SYNC_KEY.matcher(text).replaceAll("$1***");
    masked = SYNC_OTHER.matcher(masked).replaceAll("$1***");
    masked = QUERY.matcher(masked).replaceAll("$1***");
    return TOKEN.matcher(masked).replaceAll("$1***");
  }
}
