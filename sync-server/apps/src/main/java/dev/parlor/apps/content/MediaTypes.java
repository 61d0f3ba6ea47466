package dev.parlor.apps.content;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The media types of files by the extensions of their names. */
public final class MediaTypes {
  private static final Pattern FORM =
      Pattern.compile(
          "[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?charset=[a-z0-9-]+)?");
  private static final String FALLBACK = "application/octet-stream";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("htm", "text/html; charset=utf-8"),
          Map.entry("js", JAVASCRIPT),
          Map.entry("mjs", JAVASCRIPT),
          Map.entry("jsx", JAVASCRIPT),
          Map.entry("ts", JAVASCRIPT),
          Map.entry("tsx", JAVASCRIPT),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("md", "text/markdown; charset=utf-8"),
          Map.entry("csv", "text/csv; charset=utf-8"),
          Map.entry("xml", "application/xml"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("avif", "image/avif"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff", "font/woff"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("mp3", "audio/mpeg"),
          Map.entry("wav", "audio/wav"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("webm", "video/webm"),
          Map.entry("wasm", "application/wasm"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("webmanifest", "application/manifest+json"));

  private MediaTypes() {}

  /** The type of a file; {@code application/octet-stream} for an unknown extension. */
  public static String ofName(String fileName) {
    return TYPES.getOrDefault(extension(fileName), FALLBACK);
  }

  /** The extension of a file's name in lower case, without its dot; empty if it has none. */
  public static String extension(String fileName) {
    var name = fileName.substring(fileName.lastIndexOf('/') + 1);
    var dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** A type from outside in lower case; empty if it is no media type. */
  public static Optional<String> parse(String text) {
    var lower = text.strip().toLowerCase(Locale.ROOT);
    return FORM.matcher(lower).matches() ? Optional.of(lower) : Optional.empty();
  }
}
