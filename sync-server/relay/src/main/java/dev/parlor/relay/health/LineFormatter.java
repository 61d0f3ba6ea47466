package dev.parlor.relay.health;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/**
 * Formats each log record as one line of logfmt or JSON. Masks secrets, and escapes control
 * characters so that no peer can inject a line into the log.
 */
final class LineFormatter extends Formatter {

  /** A value that logfmt shows without quotation marks. */
  private static final Pattern UNQUOTED = Pattern.compile("[A-Za-z0-9_./:@+\\-*]+");

  private final boolean json;

  LineFormatter(boolean json) {
    this.json = json;
  }

  @Override
  public String format(LogRecord record) {
    var fields = new LinkedHashMap<String, String>();
    fields.put(
        "time", Instant.ofEpochMilli(record.getMillis()).truncatedTo(ChronoUnit.MILLIS).toString());
    fields.put("level", level(record.getLevel()));
    fields.put("logger", shortName(record.getLoggerName()));
    fields.put("message", Masking.mask(formatMessage(record)));
    if (record.getThrown() != null) {
      var text = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(text, true));
      fields.put("error", Masking.mask(text.toString().stripTrailing()));
    }
    return json ? asJson(fields) : asLogfmt(fields);
  }

  private static String level(Level level) {
    var value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (value >= Level.WARNING.intValue()) {
      return "warn";
    }
    return value >= Level.INFO.intValue() ? "info" : "debug";
  }

  private static String shortName(@org.jspecify.annotations.Nullable String name) {
    return name == null || name.isEmpty() ? "root" : name.substring(name.lastIndexOf('.') + 1);
  }

  private static String asJson(Map<String, String> fields) {
    var out = new StringBuilder(200).append('{');
    fields.forEach(
        (name, value) -> {
          out.append(out.length() > 1 ? "," : "");
          quote(name, out);
          out.append(':');
          quote(value, out);
        });
    return out.append("}\n").toString();
  }

  private static String asLogfmt(Map<String, String> fields) {
    var out = new StringBuilder(200);
    fields.forEach(
        (name, value) -> {
          out.append(out.isEmpty() ? "" : " ").append(name).append('=');
          if (UNQUOTED.matcher(value).matches()) {
            out.append(value);
          } else {
            quote(value, out);
          }
        });
    return out.append('\n').toString();
  }

  private static void quote(String value, StringBuilder out) {
    out.append('"');
    for (var i = 0; i < value.length(); i++) {
      var character = value.charAt(i);
      switch (character) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (Character.isISOControl(character)
              || character == '\u2028'
              || character == '\u2029'
              || (Character.isSurrogate(character) && !isPaired(value, i))) {
            out.append(String.format("\\u%04x", (int) character));
          } else {
            out.append(character);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }
}
