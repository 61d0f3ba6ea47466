package dev.parlor.relay.health;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Masks secrets in text before it is shown: link keys and tickets in paths, queries and fragments,
 * bearer tokens, and keys in headers. Every log line is masked, so that no log message can leak a
 * secret by mistake.
 */
public final class Masking {

  private static final String MASK = "***";

  /** Patterns of secrets. The first group is the text before the secret, which is kept. */
  private static final List<Pattern> SECRETS =
      List.of(
          Pattern.compile("(?i)(/sync/[akt]/)[^\\s/?#\"'&]+"),
          Pattern.compile("(?i)([?&#](?:k|key|ticket|token|access_token)=)[^\\s&#\"']+"),
          Pattern.compile("(?i)(\\bBearer\\s+)[^\\s\"',]+"),
          Pattern.compile("(?i)(\\bParlor-Key\\s*[:=]\\s*)[^\\s\"',]+"),
          Pattern.compile("(?i)(\\bAuthorization\\s*[:=]\\s*)(?!Bearer\\b)[^\"'\\r\\n,]+"),
          Pattern.compile("(\\bps1\\.)[A-Za-z0-9_.-]+"),
          Pattern.compile("(\\bid_[1-9A-HJ-NP-Za-km-z]{22}\\.)[A-Za-z0-9_-]{20,}"),
          Pattern.compile("(\\binv_[1-9A-HJ-NP-Za-km-z]{22}_)[A-Za-z0-9_-]+"),
          Pattern.compile("(\\bsk-)[A-Za-z0-9_-]{6,}"));

  private Masking() {}

  /** The text with every secret replaced by a mask. */
  public static String mask(String text) {
    var masked = text;
    for (var secret : SECRETS) {
      masked = secret.matcher(masked).replaceAll("$1" + MASK.replace("*", "\\*"));
    }
    return masked;
  }
}
