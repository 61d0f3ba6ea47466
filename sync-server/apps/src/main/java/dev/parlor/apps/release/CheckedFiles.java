package dev.parlor.apps.release;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.content.MediaTypes;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.release.SourceFile.Content;
import dev.parlor.crdt.identity.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of a request after the checks that need no store: names, sizes, mimetypes, environment.
 *
 * @param entryPoint the file that the client named; of several, the last
 * @param warnings sentences about parts of the request that do not count
 */
record CheckedFiles(List<Checked> files, Optional<String> entryPoint, List<String> warnings) {
  private static final Set<String> CODE = Set.of("js", "mjs", "jsx", "ts", "tsx", "html", "htm");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /**
   * A file.
   *
   * @param given the mimetype as the client gave it
   * @param mimeType the type to serve it with
   * @param path its field in the request
   */
  record Checked(
      String name, Optional<String> given, String mimeType, Source source, String path) {}

  /** Where the bytes of a file are. */
  sealed interface Source {
    record Inline(Bytes bytes) implements Source {}

    record Stored(ContentId id) implements Source {}
  }

  static CheckedFiles of(DeployRequest request) {
    checkEnvironment(request.environment());
    if (request.files().size() > AppLimits.FILES_MAX) {
      throw AppsException.of(
              ErrorCode.TOO_LARGE, "a deploy has at most " + AppLimits.FILES_MAX + " files")
          .at("fileSystem");
    }
    var files = new ArrayList<Checked>();
    var warnings = new ArrayList<String>();
    var positions = new HashMap<String, Integer>();
    Optional<String> entryPoint = Optional.empty();
    for (var at = 0; at < request.files().size(); at++) {
      var file = request.files().get(at);
      var checked = check("fileSystem[" + at + "]", file);
      var before = positions.putIfAbsent(checked.name(), at);
      if (before != null) {
        var path = "fileSystem[" + at + "].filename";
        throw AppsException.field(
            path, path + " is the same as fileSystem[" + before + "].filename: " + checked.name());
      }
      files.add(checked);
      if (file.entryPoint()) {
        entryPoint.ifPresent(
            earlier ->
                warnings.add(
                    "fileSystem names several entry points; " + earlier + " does not count"));
        entryPoint = Optional.of(checked.name());
      }
    }
    if (files.stream().noneMatch(CheckedFiles::isCode)) {
      throw AppsException.of(ErrorCode.APP_SLUG_INVALID, "fileSystem needs a file of HTML or code")
          .at("fileSystem");
    }
    return new CheckedFiles(List.copyOf(files), entryPoint, warnings);
  }

  private static boolean isCode(Checked file) {
    return CODE.contains(MediaTypes.extension(file.name()));
  }

  private static Checked check(String path, SourceFile file) {
    FileNames.require(path + ".filename", file.filename());
    file.mimetype().ifPresent(type -> requireMimetype(path + ".mimetype", type));
    var mimeType =
        file.mimetype()
            .flatMap(MediaTypes::parse)
            .orElseGet(() -> MediaTypes.ofName(file.filename()));
    return new Checked(file.filename(), file.mimetype(), mimeType, source(path, file), path);
  }

  private static void requireMimetype(String path, String type) {
    if (type.length() > AppLimits.MIMETYPE_LENGTH_MAX || MediaTypes.parse(type).isEmpty()) {
      throw AppsException.field(
          path, path + " must be a media type, for example text/css, without comma or |");
    }
  }

  private static Source source(String path, SourceFile file) {
    return switch (file.content()) {
      case Content.Code(_, var text) -> text(path, text);
      case Content.Text(var text) -> text(path, text);
      case Content.Binary(var bytes) -> {
        requireSize(path, bytes.length(), AppLimits.BINARY_BYTES_MAX);
        yield new Source.Inline(bytes);
      }
      case Content.Reference(var refId) ->
          new Source.Stored(ContentId.parse(refId).orElseThrow(() -> unknownReference(path)));
    };
  }

  private static Source text(String path, String text) {
    var bytes = Bytes.utf8(text);
    requireSize(path, bytes.length(), AppLimits.TEXT_BYTES_MAX);
    return new Source.Inline(bytes);
  }

  private static void requireSize(String path, int bytes, int bytesMax) {
    if (bytes > bytesMax) {
      throw AppsException.of(
              ErrorCode.TOO_LARGE,
              path + ".content has " + bytes + " bytes; at most " + bytesMax + " fit")
          .at(path + ".content");
    }
  }

  /** The refusal of a reference that is unknown, or that only another user may use. */
  static AppsException unknownReference(String path) {
    return AppsException.of(
            ErrorCode.ASSET_REF_UNKNOWN,
            path + ".refId is not the id of an asset of yours; deploy its content once first")
        .at(path + ".refId");
  }

  private static void checkEnvironment(Map<String, String> environment) {
    if (environment.size() > AppLimits.ENVIRONMENT_MAX) {
      throw AppsException.of(
              ErrorCode.TOO_LARGE, "env has at most " + AppLimits.ENVIRONMENT_MAX + " variables")
          .at("env");
    }
    environment.forEach(
        (name, value) -> {
          if (name.length() > AppLimits.VARIABLE_NAME_LENGTH_MAX
              || !VARIABLE.matcher(name).matches()) {
            throw AppsException.field(
                "env",
                "a name in env must be letters, digits and _, at most "
                    + AppLimits.VARIABLE_NAME_LENGTH_MAX
                    + " characters");
          }
          if (Bytes.utf8(value).length() > AppLimits.VARIABLE_BYTES_MAX) {
            throw AppsException.of(
                    ErrorCode.TOO_LARGE,
                    "a value in env has at most " + AppLimits.VARIABLE_BYTES_MAX + " bytes")
                .at("env." + name);
          }
        });
  }
}
