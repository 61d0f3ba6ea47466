package dev.parlor.apps.release;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.limits.AppLimits;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** The rule of file names in a deploy: absolute paths that have one spelling only. */
final class FileNames {

  /** Names under this beginning are made by the server. */
  static final String RESERVED = "/~";

  private static final Pattern FORBIDDEN =
      Pattern.compile("[\\\\,|?#%:*\"<>\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private FileNames() {}

  /**
   * Checks a name.
   *
   * @param path the path of the field in the request
   * @throws AppsException naming the field and the broken part of the rule
   */
  static void require(String path, String name) {
    var reason = refusal(name);
    if (reason.isPresent()) {
      throw AppsException.field(path, path + " " + reason.get());
    }
  }

  private static Optional<String> refusal(String name) {
    if (!name.startsWith("/")) {
      return Optional.of("must start with /");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > AppLimits.FILENAME_BYTES_MAX) {
      return Optional.of("has more than " + AppLimits.FILENAME_BYTES_MAX + " bytes");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
      return Optional.of("has half of a surrogate pair");
    }
    if (FORBIDDEN.matcher(name).find()) {
      return Optional.of(
          "has a character that is not allowed: \\ , | ? # % : * \" < > or a control character");
    }
    if (name.startsWith(RESERVED)) {
      return Optional.of("starts with " + RESERVED + ", which is reserved for the server");
    }
    for (var part : name.substring(1).split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return Optional.of("has an empty part, or a part . or ..");
      }
      if (!part.strip().equals(part)) {
        return Optional.of("has a part that starts or ends with a space");
      }
    }
    return Optional.empty();
  }
}
