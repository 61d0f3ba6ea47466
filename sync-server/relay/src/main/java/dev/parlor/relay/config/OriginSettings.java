package dev.parlor.relay.config;

import dev.parlor.relay.address.Origins;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses the origins whose pages may connect. Used once by one thread. */
final class OriginSettings {

  /** An origin of an app that has its own scheme, for example {@code capacitor://localhost}. */
  private static final Pattern APP =
      Pattern.compile("[a-z][a-z0-9+.-]{0,30}://[a-z0-9-]+(\\.[a-z0-9-]+)*(:[0-9]{1,5})?");

  /** Pages from files send {@code null} as their origin. */
  private static final Pattern FILES = Pattern.compile("file://+");

  private OriginSettings() {}

  /** The origins in lower case; adds a problem at the first malformed one. */
  static List<String> read(SettingsReader reader) {
    var origins = new ArrayList<String>();
    for (var part : reader.text(RelaySetting.ORIGINS).split(",", -1)) {
      var text = part.strip();
      if (text.isEmpty()) {
        continue;
      }
      var origin = origin(text.toLowerCase(Locale.ROOT));
      if (origin.isEmpty()) {
        reader.problem(
            RelaySetting.ORIGINS,
            "must list origins like https://example.org, separated by commas");
        return origins;
      }
      origins.add(origin.get());
    }
    if (origins.contains(Origins.NULL)) {
      reader
          .notes()
          .add(
              RelaySetting.ORIGINS.both()
                  + ": every page can send the origin null, so null and file:// count only for"
                  + " requests with a token, a ticket or a room's key");
    }
    return origins;
  }

  private static Optional<String> origin(String text) {
    if (text.equals("*") || text.equals(Origins.NULL)) {
      return Optional.of(text);
    }
    if (FILES.matcher(text).matches()) {
      return Optional.of(Origins.NULL);
    }
    if (!text.startsWith("http")) {
      return APP.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }
    return SettingsReader.httpUrl(text)
        .filter(url -> url.getPath().isEmpty())
        .map(Object::toString);
  }
}
