package dev.parlor.model;

import java.util.regex.Pattern;

/**
 * The two names of the parameter for the maximum number of tokens. OpenAI's newer models refuse the
 * first name, and many other endpoints refuse the second name. The client learns the accepted name
 * from an endpoint's refusal.
 */
enum LimitName {
  MAX_TOKENS("max_tokens"),
  MAX_COMPLETION_TOKENS("max_completion_tokens");

  /** Phrases of a refusal that can only be about the name of a parameter. */
  private static final Pattern ABOUT_NAME =
      Pattern.compile(
          "unsupported[ _](parameter|field|argument|property|name|key|option)"
              + "|unrecogni[sz]ed|unknown|unexpected"
              + "|extra (inputs|fields|keys|arguments|parameters)|extra_forbidden|\\.extra\\b"
              + "|additional propert|cannot find field"
              + "|no such (field|parameter|argument|property|name|key|option)");

  /** Phrases that may be about the name, unless the refusal also matches {@link #ABOUT_VALUE}. */
  private static final Pattern MAY_BE_ABOUT_NAME =
      Pattern.compile(
          "unsupported|not support|n.t support|incompatible|obsolete"
              + "|(not|n.t) (be )?"
              + "(permitted|allowed|accepted|recogni[sz]ed|available|known|defined)"
              + "|(not|n.t) (be )?(used|specified|set)"
              + "|not a valid (field|parameter|argument|property|name|key|option)"
              + "|invalid (field|parameter|argument|property|name|key|option)"
              + "|disabled|deprecated|no longer|removed|renamed|replaced");

  /** Phrases of a refusal of the parameter's value. */
  private static final Pattern ABOUT_VALUE =
      Pattern.compile(
          "too (large|high|big|long|many|small|low)|exceed|at (most|least)|maximum|minimum"
              + "|greater than|less than|larger than|smaller than|higher|lower|range|reached"
              + "|above|below|more than|up to|between|positive|integer");

  private final String jsonName;
  private final Pattern pattern;

  LimitName(String jsonName) {
    this.jsonName = jsonName;
    this.pattern = Pattern.compile("(?<![a-z_])" + jsonName + "(?![a-z_])");
  }

  String jsonName() {
    return jsonName;
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
    boolean mentionsThis = pattern.matcher(text).find();
    boolean mentionsOther = other().pattern.matcher(text).find();
    if (ABOUT_NAME.matcher(text).find()) {
      return mentionsThis || mentionsOther;
    }
    boolean mayBeAboutName = MAY_BE_ABOUT_NAME.matcher(text).find();
    // If the refusal may also be about the value, both signs of a refused name are required.
    if (ABOUT_VALUE.matcher(text).find()) {
      return mayBeAboutName && mentionsOther;
    }
    return mentionsOther || (mayBeAboutName && mentionsThis);
  }
}
