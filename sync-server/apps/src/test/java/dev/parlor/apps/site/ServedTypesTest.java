package dev.parlor.apps.site;

import static dev.parlor.apps.site.SiteServer.ADA;
import static dev.parlor.apps.site.SiteServer.file;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.apps.release.Mode;
import dev.parlor.apps.release.SourceFile;
import dev.parlor.crdt.identity.Bytes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The types and bytes of served files. */
class ServedTypesTest {

  @Test
  @DisplayName(
      "a text file is served with the type of its name and nosniff, and an unknown name as octets")
  void types() throws Exception {
    var types = new LinkedHashMap<String, String>();
    types.put("/a.html", "text/html; charset=utf-8");
    types.put("/a.css", "text/css; charset=utf-8");
    types.put("/a.js", "text/javascript; charset=utf-8");
    types.put("/a.jsx", "text/javascript; charset=utf-8");
    types.put("/a.json", "application/json");
    types.put("/a.svg", "image/svg+xml");
    types.put("/a.txt", "text/plain; charset=utf-8");
    types.put("/a.webmanifest", "application/manifest+json");
    types.put("/a.unknown", "application/octet-stream");
    types.put("/A.PNG", "image/png");
    var files = new ArrayList<SourceFile>();
    types
        .keySet()
        .forEach(
            name ->
                files.add(
                    new SourceFile(
                        name, false, Optional.empty(), new SourceFile.Content.Text("{}"))));
    files.add(
        new SourceFile(
            "/b.bin",
            false,
            Optional.of("text/x-own; charset=utf-8"),
            new SourceFile.Content.Text("own")));
    types.put("/b.bin", "text/x-own; charset=utf-8");
    try (var server = new SiteServer(Optional.of("localhost"))) {
      server.deploy(ADA, "my-app", Mode.PRODUCTION, files.toArray(SourceFile[]::new));
      for (var type : types.entrySet()) {
        var answer = server.http().get("my-app--ada.localhost", type.getKey());
        assertEquals(200, answer.status(), type.getKey());
        assertEquals(type.getValue(), answer.required("content-type"), type.getKey());
        assertEquals("nosniff", answer.required("x-content-type-options"));
      }
    }
  }

  @Test
  @DisplayName("a picture is served byte for byte with its type and length")
  void picture() throws Exception {
    var bytes = new byte[100_000];
    new Random(12).nextBytes(bytes);
    var picture =
        new SourceFile(
            "/logo.png",
            false,
            Optional.empty(),
            new SourceFile.Content.Binary(Bytes.copyOf(bytes)));
    try (var server = new SiteServer(Optional.of("localhost"));
        var client = HttpClient.newHttpClient()) {
      server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", "x"), picture);
      var url = "http://localhost:" + server.port() + "/a/ada/my-app/logo.png";
      var answer =
          client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
      assertEquals(Optional.of("image/png"), answer.headers().firstValue("content-type"));
      assertArrayEquals(bytes, answer.body());
    }
  }
}
