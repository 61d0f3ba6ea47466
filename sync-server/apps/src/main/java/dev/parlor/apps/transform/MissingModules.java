package dev.parlor.apps.transform;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.parlor.crdt.identity.Bytes;
import java.util.Collection;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes modules in the place of imports that the server does not have. An import of a missing name
 * would stop the whole app before its first line. With these modules it starts, and the use of the
 * import throws an error with a sentence.
 */
final class MissingModules {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][\\w$]*");

  private MissingModules() {}

  /** A module for a package that is not there. */
  static Bytes ofPackage(String sentence, Collection<String> names) {
    var exported = new TreeSet<>(names);
    exported.remove("*");
    exported.add("default");
    return Bytes.utf8(missing(sentence) + exports(exported));
  }

  /**
   * A module that exports everything of another module, and in addition names that it lacks.
   *
   * @param url of the other module
   * @param hasDefault whether the other module has a default export
   */
  static Bytes around(
      String url, boolean hasDefault, String sentence, Collection<String> missingNames) {
    var from = " from " + quoted(url) + ";\n";
    return Bytes.utf8(
        "export *"
            + from
            + (hasDefault ? "export { default }" + from : "")
            + missing(sentence)
            + exports(missingNames));
  }

  private static String missing(String sentence) {
    return """
    const sentence = %s;
    const refuse = () => {
      throw new Error(sentence);
    };
    console.warn(sentence);
    const missing = new Proxy(function () {}, {
      apply: refuse,
      construct: refuse,
      get: refuse,
      set: refuse,
      has: refuse,
    });
    """
        .formatted(quoted(sentence));
  }

  private static String exports(Collection<String> names) {
    return names.stream()
        .map(name -> "missing as " + (IDENTIFIER.matcher(name).matches() ? name : quoted(name)))
        .collect(Collectors.joining(", ", "export { ", " };\n"));
  }

  private static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
