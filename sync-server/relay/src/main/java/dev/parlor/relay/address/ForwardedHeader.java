package dev.parlor.relay.address;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The header in which proxies name the address that a request came from. Both headers are lists:
 * each proxy adds an element at the right. Only the right end is reliable, since the client itself
 * may have written the left. So both are read from the right, and only as far as needed: invalid
 * elements at the left do not affect the elements that proxies add after them.
 */
public enum ForwardedHeader {
  /** {@code X-Forwarded-For: 192.0.2.1, 10.0.0.7}: addresses separated by commas. */
  X_FORWARDED_FOR {
    @Override
    Optional<String> node(String element) {
      return Optional.of(element);
    }
  },

  /** {@code Forwarded: for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"} (RFC 7239). */
  FORWARDED {
    @Override
    Optional<String> node(String element) {
      var found = Optional.<String>empty();
      for (var pair : split(element, ';', Integer.MAX_VALUE)) {
        var equals = pair.indexOf('=');
        if (equals < 0 || !TOKEN.matcher(pair.substring(0, equals)).matches()) {
          return Optional.empty();
        }
        var value = value(pair.substring(equals + 1));
        var isFor = pair.substring(0, equals).equalsIgnoreCase("for");
        if (value.isEmpty() || (isFor && found.isPresent())) {
          return Optional.empty();
        }
        found = isFor ? value : found;
      }
      return found;
    }
  };

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** Strict proxies quote a value that has a colon or brackets, others do not. */
  private static final Pattern BARE = Pattern.compile("[^\\s\"\\\\,;=]+");

  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"");

  /**
   * Maximum characters of one element; usual elements have about 100. A longer element is
   * malformed.
   */
  private static final int ELEMENT_LENGTH_MAX = 512;

  /** The node that an element names: an address or a placeholder for one; empty when malformed. */
  abstract Optional<String> node(String element);

  /** The address that an element names; empty when the element is malformed or names none. */
  Optional<InetAddress> address(String element) {
    return element.length() > ELEMENT_LENGTH_MAX
        ? Optional.empty()
        : node(element).flatMap(IpAddress::ofNode);
  }

  /**
   * The elements of one line from right to left, without empty ones.
   *
   * @param most the maximum number of elements to read; the rest at the left is ignored
   */
  List<String> elements(String line, int most) {
    return split(line, ',', most);
  }

  /** The header's name as requests write it, in lower case. */
  public String headerName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The header with this name, in any case. */
  public static Optional<ForwardedHeader> ofName(String name) {
    for (var header : values()) {
      if (header.headerName().equalsIgnoreCase(name)) {
        return Optional.of(header);
      }
    }
    return Optional.empty();
  }

  /**
   * Splits outside quoted strings, from the right: an open quotation mark of a client affects only
   * the part that the client wrote.
   */
  private static List<String> split(String text, char separator, int most) {
    var parts = new ArrayList<String>();
    var quoted = false;
    var end = text.length();
    for (var at = end - 1; at >= -1 && parts.size() < most; at--) {
      if (at >= 0 && text.charAt(at) == '"' && !isEscaped(text, at)) {
        quoted = !quoted;
      }
      if (at < 0 || (text.charAt(at) == separator && !quoted)) {
        var part = text.substring(at + 1, end).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        end = at;
      }
    }
    return parts;
  }

  private static boolean isEscaped(String text, int quote) {
    var at = quote;
    while (at > 0 && text.charAt(at - 1) == '\\') {
      at--;
    }
    return (quote - at) % 2 == 1;
  }

  private static Optional<String> value(String text) {
    var quoted = QUOTED.matcher(text);
    if (quoted.matches()) {
      return Optional.of(quoted.group(1).replaceAll("\\\\(.)", "$1"));
    }
    return BARE.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }
}
