package dev.parlor.apps.transform;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The first error of a source.
 *
 * @param line counted from 1
 * @param column counted from 1 in UTF-16 code units, as in an editor
 * @param message the compiler's sentence, cut and without control characters
 */
record CompileError(int line, int column, String message) {
  private static final Pattern MESSAGE =
      Pattern.compile("^\\S+ \\[ERROR] (.+)$", Pattern.MULTILINE);
  // Only a place in the source counts: another path would be a path of this machine.
  private static final Pattern PLACE =
      Pattern.compile("^ {4}<stdin>:(\\d{1,9}):(\\d{1,9}):$", Pattern.MULTILINE);
  private static final String JSX_IN_JS = "The JSX syntax extension is not currently enabled";

  /** Reads esbuild's error output; empty if it does not name a place in the source. */
  static Optional<CompileError> parse(String errors, Bytes source) {
    var message = MESSAGE.matcher(errors);
    var place = PLACE.matcher(errors);
    if (!message.find() || !place.find(message.end())) {
      return Optional.empty();
    }
    var line = Integer.parseInt(place.group(1));
    var column = column(source, line, Integer.parseInt(place.group(2)));
    return Optional.of(new CompileError(line, column, readable(message.group(1))));
  }

  /** The refusal of a deploy with this source. */
  AppsException in(String fileName) {
    return AppsException.of(
            ErrorCode.TRANSFORM_FAILED, fileName + ":" + line + ":" + column + ": " + message)
        .with("file", fileName)
        .with("line", line)
        .with("column", column);
  }

  private static String readable(String message) {
    var clean = new StringBuilder();
    message
        .codePoints()
        .limit(AppLimits.TRANSFORM_MESSAGE_LENGTH_MAX)
        .map(point -> Character.isISOControl(point) ? ' ' : point)
        .forEach(clean::appendCodePoint);
    return clean.toString().equals(JSX_IN_JS)
        ? "JSX is only read in a file with the extension .jsx or .tsx"
        : clean.toString();
  }

  /** The column of a byte offset in a line. */
  private static int column(Bytes source, int line, int offset) {
    var start = lineStart(source, line);
    var count = Math.min(offset, source.length() - start);
    return source.slice(start, count).toUtf8().length() + 1;
  }

  private static int lineStart(Bytes source, int line) {
    var at = 0;
    for (var number = 1; number < line && at < source.length(); at++) {
      var isReturn = source.at(at) == '\r';
      var isPair = isReturn && at + 1 < source.length() && source.at(at + 1) == '\n';
      if ((isReturn && !isPair) || source.at(at) == '\n') {
        number++;
      }
    }
    return at;
  }
}
