package dev.parlor.apps.site;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes the absolute paths in a page or style sheet relative, for addresses at which the root of
 * the app is not the root of its host. It reads the text once, from left to right, and changes only
 * URLs: all other characters stay. Comments and scripts stay as they are. Used by one thread.
 */
final class PageUrls {
  private static final Set<String> ATTRIBUTES =
      Set.of("src", "href", "action", "formaction", "poster", "data", "background", "xlink:href");

  /** Attributes with a list of URLs. */
  private static final Set<String> LISTS = Set.of("srcset", "imagesrcset");

  /** Elements whose content is no markup. */
  private static final Set<String> RAW =
      Set.of("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes");

  /** Packages of the server have the same path on every host. */
  private static final String VENDORED = "~~vendor~~/";

  private static final String ABSOLUTE = "/(?![/\\\\]|" + VENDORED + ")";
  private static final Pattern IN_LIST = Pattern.compile("(^\\s*+|,\\s++)" + ABSOLUTE);
  private static final Pattern IN_STYLE =
      Pattern.compile("(url\\(\\s*+[\"']?|@import\\s++[\"'])" + ABSOLUTE);

  private final String html;
  private final StringBuilder out = new StringBuilder();
  private String prefix;
  private int at;

  private PageUrls(String html, int depth) {
    this.html = html;
    this.prefix = prefix(depth);
  }

  /**
   * A page with relative URLs.
   *
   * @param depth the number of slashes in the path of the page below the root of the app
   */
  static String ofPage(String html, int depth) {
    var urls = new PageUrls(html, depth);
    while (urls.at < html.length()) {
      urls.next();
    }
    return urls.out.toString();
  }

  /** A style sheet with relative URLs; the depth is as in {@link #ofPage}. */
  static String ofStyle(String css, int depth) {
    return style(css, prefix(depth));
  }

  private static String style(String css, String prefix) {
    return IN_STYLE.matcher(css).replaceAll(match -> match.group(1) + prefix);
  }

  private static String prefix(int depth) {
    return depth <= 1 ? "./" : "../".repeat(depth - 1);
  }

  /** Copies the text to the next tag or comment, and then the tag or comment. */
  private void next() {
    var start = html.indexOf('<', at);
    if (start < 0) {
      copyTo(html.length());
      return;
    }
    copyTo(start);
    if (html.startsWith("<!--", start)) {
      var end = html.indexOf("-->", start + 4);
      copyTo(end < 0 ? html.length() : end + 3);
    } else if (start + 1 < html.length() && isLetter(html.charAt(start + 1))) {
      tag();
    } else {
      copyTo(start + 1);
    }
  }

  private void copyTo(int end) {
    out.append(html, at, end);
    at = end;
  }

  private void tag() {
    var nameStart = at + 1;
    var position = nameStart;
    while (position < html.length() && !endsName(html.charAt(position))) {
      position++;
    }
    var name = html.substring(nameStart, position).toLowerCase(Locale.ROOT);
    copyTo(position);
    while (attribute(name)) {
      // Each call copies one attribute.
    }
    if (RAW.contains(name)) {
      rawContent(name);
    }
  }

  /** Copies an attribute, or the end of the tag; returns whether the tag continues. */
  private boolean attribute(String tag) {
    var position = at;
    while (position < html.length()
        && (isSpace(html.charAt(position)) || html.charAt(position) == '/')) {
      position++;
    }
    if (position >= html.length() || html.charAt(position) == '>') {
      copyTo(Math.min(position + 1, html.length()));
      return false;
    }
    var nameStart = position++;
    while (position < html.length()
        && !endsName(html.charAt(position))
        && html.charAt(position) != '=') {
      position++;
    }
    var name = html.substring(nameStart, position).toLowerCase(Locale.ROOT);
    position = afterSpace(position);
    if (position >= html.length() || html.charAt(position) != '=') {
      copyTo(position);
      return true;
    }
    position = afterSpace(position + 1);
    var quote = position < html.length() ? html.charAt(position) : '>';
    var isQuoted = quote == '"' || quote == '\'';
    var valueStart = isQuoted ? position + 1 : position;
    var valueEnd = isQuoted ? html.indexOf(quote, valueStart) : unquotedEnd(valueStart);
    if (valueEnd < 0) {
      copyTo(html.length());
      return false;
    }
    copyTo(valueStart);
    out.append(value(tag, name, html.substring(valueStart, valueEnd)));
    at = isQuoted ? valueEnd + 1 : valueEnd;
    if (isQuoted) {
      out.append(quote);
    }
    return true;
  }

  private int afterSpace(int position) {
    var after = position;
    while (after < html.length() && isSpace(html.charAt(after))) {
      after++;
    }
    return after;
  }

  private int unquotedEnd(int start) {
    var end = start;
    while (end < html.length() && !isSpace(html.charAt(end)) && html.charAt(end) != '>') {
      end++;
    }
    return end;
  }

  private String value(String tag, String name, String value) {
    if (LISTS.contains(name)) {
      return IN_LIST.matcher(value).replaceAll(match -> match.group(1) + prefix);
    }
    if (!ATTRIBUTES.contains(name)) {
      return value;
    }
    var path = rest(value.strip());
    if (path.isEmpty()) {
      return value;
    }
    var relative = prefix + path.get();
    if (tag.equals("base") && name.equals("href")) {
      // From here on, relative URLs count from the base and no longer from the page.
      prefix = prefix(1 + Math.toIntExact(path.get().chars().filter(c -> c == '/').count()));
    }
    return relative;
  }

  /** An absolute path without its first slash; empty for all other URLs. */
  private static Optional<String> rest(String url) {
    var isPath =
        url.startsWith("/")
            && !url.startsWith("//")
            && !url.startsWith("/\\")
            && !url.startsWith(VENDORED, 1);
    return isPath ? Optional.of(url.substring(1)) : Optional.empty();
  }

  /** Copies the content of an element that has no markup. */
  private void rawContent(String name) {
    var end = at;
    while (true) {
      end = html.indexOf("</", end);
      if (end < 0) {
        end = html.length();
        break;
      }
      if (html.regionMatches(true, end + 2, name, 0, name.length())) {
        break;
      }
      end += 2;
    }
    if (name.equals("style")) {
      out.append(style(html.substring(at, end), prefix));
      at = end;
    } else {
      copyTo(end);
    }
  }

  private static boolean endsName(char c) {
    return isSpace(c) || c == '/' || c == '>';
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
