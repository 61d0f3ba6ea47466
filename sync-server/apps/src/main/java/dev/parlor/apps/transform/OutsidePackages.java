package dev.parlor.apps.transform;

import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Packages that browsers load from another host, by the operator's choice. An import of a package
 * in the list gets a URL of that host; this server requests nothing from it. Immutable; any thread.
 */
public final class OutsidePackages {
  private static final String NAME = "(?:@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._~-]*";
  private static final Pattern ENTRY = Pattern.compile("(" + NAME + ")(?:@([A-Za-z0-9.^~+-]+))?");
  private static final Pattern SPECIFIER = Pattern.compile("(" + NAME + ")(/[A-Za-z0-9._/-]+)?");

  /** The packages of this server that others must share, or a page would have two of them. */
  private static final String SHARED = "?external=react,react-dom";

  private final String base;
  private final String origin;
  private final Map<String, String> allowed;

  private OutsidePackages(URI base, Map<String, String> allowed) {
    this.base = base + "/";
    this.origin = base.getScheme() + "://" + base.getRawAuthority();
    this.allowed = allowed;
  }

  /**
   * Reads the operator's choice.
   *
   * @param base the URL below which the packages are, without a slash at its end
   * @param allowed names of packages, each with or without {@code @version}
   * @throws IllegalArgumentException with the rest of a sentence about the entry at fault
   */
  public static OutsidePackages of(URI base, List<String> allowed) {
    var byName = new LinkedHashMap<String, String>();
    for (var entry : allowed) {
      var parts = ENTRY.matcher(entry);
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "has \"" + entry + "\", which is no name of an npm package with or without @version");
      }
      if (byName.putIfAbsent(parts.group(1), entry) != null) {
        throw new IllegalArgumentException("has " + parts.group(1) + " twice");
      }
    }
    return new OutsidePackages(base, Map.copyOf(byName));
  }

  /** Whether pages may load scripts from this URL: https, without a character of a policy. */
  public static boolean isBase(URI url) {
    return "https".equals(url.getScheme())
        && url.toString().chars().noneMatch(c -> c == ';' || c == ',' || c == '\'');
  }

  /** The origin that pages of apps may load scripts from. */
  public String origin() {
    return origin;
  }

  /** The URL of an import; empty if its package is not in the list. */
  Optional<String> url(String specifier) {
    var parts = SPECIFIER.matcher(specifier);
    if (!parts.matches()) {
      return Optional.empty();
    }
    var path = Optional.ofNullable(parts.group(2)).orElse("");
    if (Arrays.asList(path.split("/", -1)).contains("..")) {
      return Optional.empty();
    }
    return Optional.ofNullable(allowed.get(parts.group(1)))
        .map(entry -> base + entry + path + SHARED);
  }
}
