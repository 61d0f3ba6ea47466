package dev.parlor.model;

import java.util.regex.Pattern;

/**
 * The two names of the parameter for the maximum number of tokens. OpenAI's newer models refuse the
 * first name, and many other endpoints refuse the second. The client learns the right name from an
 * endpoint's refusal.
 */
enum LimitName {
  MAX_TOKENS("max_tokens"),
  MAX_COMPLETION_TOKENS("max_completion_tokens");

  /** Phrases in a refusal of the parameter's name. */
  private static final Pattern ABOUT_A_NAME =
      Pattern.compile(
          "unsupported|not supported|n.t supported|not support|unrecogni[sz]ed|unknown|unexpected"
              + "|extra (inputs|fields|keys|arguments|parameters)|extra_forbidden|\\.extra\\b"
              + "|not (permitted|allowed|accepted|recogni[sz]ed|available|known|defined)"
              + "|additional propert|deprecated|no longer|removed|renamed|replaced|cannot find field"
              + "|not a valid (field|parameter|argument|property|name|key|option)"
              + "|invalid (field|parameter|argument|property|name|key|option)"
              + "|no such (field|parameter|argument|property|name|key|option)");

  /** Phrases in a refusal of the parameter's value. */
  private static final Pattern ABOUT_A_NUMBER =
      Pattern.compile(
          "too (large|high|big|long|many|small|low)|exceed|at (most|least)|maximum|minimum"
              + "|greater than|less than|larger than|smaller than|higher|lower|range|reached");

  private final String wire;
  private final Pattern word;

  LimitName(String wire) {
    this.wire = wire;
    this.word = Pattern.compile("(?<![a-z_])" + wire + "(?![a-z_])");
  }

  String wire() {
    return wire;
  }

  LimitName other() {
    return this == MAX_TOKENS ? MAX_COMPLETION_TOKENS : MAX_TOKENS;
  }

  /**
   * Whether a refusal of a request with this name is about the name, and not about the value or
   * another parameter.
   *
   * @param refusal the body of a 400 or 422 response, in any format
   */
  boolean isRefusedBy(String refusal) {
    String text = refusal.toLowerCase(java.util.Locale.ROOT);
    boolean namesIt = word.matcher(text).find();
    boolean namesOther = other().word.matcher(text).find();
    if (ABOUT_A_NAME.matcher(text).find()) {
      return namesIt || namesOther;
    }
    return namesOther && !ABOUT_A_NUMBER.matcher(text).find();
  }
}
