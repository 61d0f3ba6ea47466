package dev.parlor.room.http;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.address.BasePath;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page from files of the class path. The names of files in {@code /assets/} contain a
 * hash of the content, so clients may cache these files for a year. Clients revalidate all other
 * files and get 304 if a file is unchanged. If a file has a compressed version ({@code .br} or
 * {@code .gz}), clients that accept the encoding get it.
 *
 * <p>The URLs in the page's HTML are paths below the root. With a base path, they get it when the
 * HTML is read. The page finds the base path in its HTML.
 *
 * <p>Files are cached in memory, since the built page has only a few megabytes.
 */
final class StaticSite {
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._@-]*)+");
  private static final String INDEX = "/index.html";
  private static final String FOREVER = "public, max-age=31536000, immutable";
  private static final List<String> ENCODINGS = List.of("br", "gzip");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("wasm", "application/wasm"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("webp", "image/webp"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("woff", "font/woff"),
          Map.entry("txt", "text/plain; charset=utf-8"));

  private static final String NOT_BUILT =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>Parlor: the page is not built</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style>body{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}
      code{background:#8882;padding:.1em .3em;border-radius:.3em}</style></head>
      <body><h1>The server runs; its page is not built</h1>
      <p>Build it with <code>npm ci &amp;&amp; npm run build</code> in <code>web-ui/</code>, then start
      the server again, or let <code>./parlor serve</code> do both.</p>
      <p>The HTTP interface works without it: see <a href="/api/health">/api/health</a>.</p>
      </body></html>
      """;

  /** A file in one encoding. */
  private record Content(Bytes bytes, String etag) {}

  private final ClassLoader loader;
  private final String root;
  private final BasePath base;
  private final Map<String, Content> cache = new ConcurrentHashMap<>();

  /**
   * @param root the folder of the page on the class path, without leading or trailing slash
   */
  StaticSite(ClassLoader loader, String root, BasePath base) {
    this.loader = loader;
    this.root = root;
    this.base = base;
  }

  boolean isBuilt() {
    return content(INDEX).isPresent();
  }

  /** The HTML of the page, for every path that the page itself handles in the browser. */
  Reply index(HttpCall call) {
    requireGetOrHead(call);
    return isBuilt()
        ? file(call, INDEX)
        : Reply.text(200, "text/html; charset=utf-8", withBase(NOT_BUILT))
            .header("Cache-Control", "no-store");
  }

  /** The file of this path, or 404. */
  Reply file(HttpCall call) {
    return file(call, call.path());
  }

  private Reply file(HttpCall call, String path) {
    var type = type(path);
    var uncompressed =
        type == null || !PATH.matcher(path).matches() ? Optional.<Content>empty() : content(path);
    if (type == null || uncompressed.isEmpty()) {
      throw ProblemDetail.notFound("there is nothing at this URL").thrown();
    }
    requireGetOrHead(call);
    var accepted = call.header(HeaderNames.ACCEPT_ENCODING).orElse("");
    for (var encoding : ENCODINGS) {
      if (accepts(accepted, encoding)) {
        var compressed = content(path + (encoding.equals("br") ? ".br" : ".gz"));
        if (compressed.isPresent()) {
          return reply(call, path, type, compressed.get()).header("Content-Encoding", encoding);
        }
      }
    }
    return reply(call, path, type, uncompressed.get());
  }

  private static void requireGetOrHead(HttpCall call) {
    if (!call.method().equals("GET") && !call.isHead()) {
      throw Endpoints.notAllowed(call, "GET, HEAD");
    }
  }

  private static Reply reply(HttpCall call, String path, String type, Content content) {
    var unchanged =
        call.header(HeaderNames.IF_NONE_MATCH)
            .map(ifNoneMatch -> ETags.matches(ifNoneMatch, content.etag()))
            .orElse(false);
    var reply = unchanged ? Reply.empty(304) : new Reply(200, type, content.bytes(), Map.of());
    return reply
        .header("Cache-Control", path.startsWith("/assets/") ? FOREVER : "no-cache")
        .header("ETag", content.etag())
        .header("Vary", "Accept-Encoding");
  }

  /** Whether an Accept-Encoding header contains the encoding with a quality above zero. */
  static boolean accepts(String header, String encoding) {
    return Arrays.stream(header.toLowerCase(Locale.ROOT).split(",", -1))
        .map(part -> part.replace(" ", ""))
        .anyMatch(
            part ->
                part.equals(encoding)
                    || (part.startsWith(encoding + ";") && !part.matches(".*;q=0(\\.0*)?")));
  }

  private static @Nullable String type(String path) {
    return TYPES.get(path.substring(path.lastIndexOf('.') + 1));
  }

  /**
   * The content of a file. Missing files are not cached: clients could fill the cache with them.
   */
  private Optional<Content> content(String path) {
    if (path.startsWith(INDEX + ".") && !base.isRoot()) {
      return Optional.empty(); // the compressed copies have the URLs of a server at the root
    }
    var cached = cache.get(path);
    if (cached != null) {
      return Optional.of(cached);
    }
    try (var in = loader.getResourceAsStream(root + path)) {
      if (in == null) {
        return Optional.empty();
      }
      var bytes = path.equals(INDEX) ? withBase(in.readAllBytes()) : in.readAllBytes();
      var content = new Content(Bytes.wrap(bytes), etag(bytes));
      cache.put(path, content);
      return Optional.of(content);
    } catch (IOException e) {
      throw new UncheckedIOException("the file " + path + " of the page is unreadable", e);
    }
  }

  private byte[] withBase(byte[] html) {
    return withBase(new String(html, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
  }

  private String withBase(String html) {
    return base.isRoot() ? html : html.replace("=\"/", "=\"" + base.with("/"));
  }

  private static String etag(byte[] bytes) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "\"" + HexFormat.of().formatHex(digest, 0, 12) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
