package dev.parlor.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides from a refusal (400 or 422) with which other parameters the same request may be sent
 * again. Pure.
 */
final class ParameterRefusal {
  /** A refusal of a parameter that it does not name. */
  private static final Pattern SOME_PARAMETER =
      Pattern.compile(
          "(unsupported|unrecogni[sz]ed|unknown|unexpected|extra|additional)[ _-]?"
              + "(request |body |json )?"
              + "(parameter|param|field|argument|propert|key|option|input|keyword)"
              + "|extra_forbidden");

  private static final Pattern NOT_ACCEPTED =
      Pattern.compile(
          "unsupported|not support|n.t support|unrecogni[sz]ed|unknown|unexpected|extra"
              + "|(not|n.t) (be )?(permitted|allowed|accepted|available|implemented)"
              + "|invalid|disabled|must be false|incompatible|propert");

  private ParameterRefusal() {}

  /**
   * The parameters of the next request.
   *
   * @param body the body of the refusal, in any format
   * @param sent the parameters of the refused request
   * @param hasLimit whether the refused request has a token limit
   * @param triedOtherName whether the limit's other name was tried in this call
   * @return empty if another request cannot help
   */
  static Optional<AcceptedParameters> next(
      Dialect dialect,
      String body,
      AcceptedParameters sent,
      boolean hasLimit,
      boolean triedOtherName) {
    String text = body.toLowerCase(Locale.ROOT);
    Optional<String> optional = refusedOptional(dialect, text, sent);
    if (optional.isPresent()) {
      return optional.map(sent::without);
    }
    if (dialect instanceof ChatDialect && hasLimit && sent.limitName().isRefusedBy(body)) {
      return triedOtherName ? Optional.empty() : Optional.of(sent.withOtherLimitName());
    }
    boolean namesNone = SOME_PARAMETER.matcher(text).find() && !text.contains("max_");
    List<String> remaining = dialect.optionalParameters().stream().filter(sent::has).toList();
    // The first optional parameter may be left out without another effect; "stream" may not.
    return namesNone && remaining.size() > 1
        ? Optional.of(sent.without(remaining.getFirst()))
        : Optional.empty();
  }

  private static Optional<String> refusedOptional(
      Dialect dialect, String text, AcceptedParameters sent) {
    for (String parameter : dialect.optionalParameters()) {
      boolean isNamed =
          names(text, parameter)
              || (parameter.equals("stream_options") && names(text, "include_usage"));
      if (sent.has(parameter) && isNamed && NOT_ACCEPTED.matcher(text).find()) {
        return Optional.of(parameter);
      }
    }
    return Optional.empty();
  }

  private static boolean names(String text, String parameter) {
    return Pattern.compile("(?<![a-z_])" + parameter + "(?![a-z_])").matcher(text).find();
  }
}
