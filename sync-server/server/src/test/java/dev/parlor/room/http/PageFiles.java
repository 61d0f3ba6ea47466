package dev.parlor.room.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** A small substitute for the built page, with the same layout as in the jar. */
final class PageFiles {
  static final String INDEX = "<!doctype html><title>Parlor</title>";
  static final String SCRIPT = "console.log('hello')\n".repeat(100);

  private PageFiles() {}

  /** Writes the page into a folder. The returned class loader finds it under {@code web/}. */
  static ClassLoader in(Path folder) throws IOException {
    var web = Files.createDirectories(folder.resolve("web"));
    var assets = Files.createDirectories(web.resolve("assets"));
    Files.writeString(web.resolve("index.html"), INDEX);
    Files.writeString(web.resolve("sw.js"), "self.oninstall = () => {}");
    Files.writeString(web.resolve("manifest.webmanifest"), "{}");
    Files.writeString(assets.resolve("index-4f3a.js"), SCRIPT);
    Files.write(assets.resolve("index-4f3a.js.gz"), gzip(SCRIPT));
    Files.writeString(assets.resolve("index-4f3a.js.br"), "stands for brotli");
    Files.writeString(folder.resolve("secret.txt"), "not for the web");
    return of(folder);
  }

  /** A class loader that finds resources only in this folder. */
  static ClassLoader of(Path folder) throws IOException {
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
  }

  private static byte[] gzip(String text) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
