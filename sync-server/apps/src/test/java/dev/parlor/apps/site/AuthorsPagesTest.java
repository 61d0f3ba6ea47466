package dev.parlor.apps.site;

import static dev.parlor.apps.site.SiteServer.ADA;
import static dev.parlor.apps.site.SiteServer.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.release.Mode;
import dev.parlor.apps.release.SourceFile;
import dev.parlor.crdt.identity.Bytes;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the server adds to pages and style sheets that an author wrote. */
class AuthorsPagesTest {
  private static final String HOST = "my-app--ada.localhost";
  private static final String PAGE = "Accept: text/html,*/*;q=0.8";
  private static final String APP = "import { useState } from \"react\"; export default 1";

  private final SiteServer server = new SiteServer(Optional.of("localhost"));
  private final RawHttp http = server.http();

  AuthorsPagesTest() throws Exception {}

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  @DisplayName(
      "an app may load scripts from the origin of the operator's further packages, and nothing else from there")
  void outsidePackages() throws Exception {
    server.outsideOrigin = Optional.of("https://esm.sh");
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    for (var answer :
        new RawHttp.Response[] {http.get(HOST, "/"), http.get("localhost", "/a/ada/my-app/")}) {
      var policy = answer.required("content-security-policy");
      assertTrue(
          policy.contains(
              "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: https://esm.sh; style-src"),
          policy);
      assertEquals(policy.indexOf("esm.sh"), policy.lastIndexOf("esm.sh"));
    }
    var preview = http.get("localhost", "/~run/").required("content-security-policy");
    assertFalse(preview.contains("esm.sh"), preview);
  }

  @Test
  @DisplayName(
      "an HTML page with a script has the API of apps before its first script, and its source has not")
  void apiInHtml() throws Exception {
    var page = "<!doctype html><html><head></head><body><script>run()</script></body></html>";
    var env = Map.of("KEY", "</script><b>");
    server.deploy(ADA, "my-app", Mode.PRODUCTION, env, file("/index.html", page));
    var served = http.get(HOST, "/").body();
    assertTrue(
        served.contains(
            "<head><script type=\"application/json\" id=\"parlor-env\">"
                + "{\"KEY\":\"\\u003c/script\\u003e\\u003cb\\u003e\"}</script>\n<script>"),
        served);
    assertTrue(served.indexOf("window.parlor = ") < served.indexOf("run()"));
    assertEquals(page, served.replaceAll(AppSiteTest.API, ""));
    assertEquals(page, http.get(HOST, "/~~source~~/index.html").body());

    server.deploy(ADA, "my-app", Mode.PRODUCTION, Map.of("KEY", "2"), file("/index.html", page));
    assertTrue(http.get(HOST, "/").body().contains("{\"KEY\":\"2\"}"));
  }

  @Test
  @DisplayName(
      "absolute paths in pages and style sheets stay inside the app below a path and at a release's address")
  void absolutePaths() throws Exception {
    var page = "<link href=\"/style.css\"><a href=\"/\">home</a>";
    var style = "a { background: url(/x.png) }";
    var release =
        server.deploy(
            ADA,
            "my-app",
            Mode.PRODUCTION,
            file("/index.html", page),
            file("/sub/page.html", page),
            file("/sub/style.css", style));
    assertEquals(page, http.get(HOST, "/").body());
    assertEquals(style, http.get(HOST, "/sub/style.css").body());
    var id = "/~" + release.fsId() + "~";
    for (var root : new String[] {"/a/ada/my-app", "/a/ada/my-app" + id, id}) {
      var host = root.startsWith("/a/") ? "localhost" : HOST;
      var index = http.get(host, root + "/");
      assertEquals("<link href=\"./style.css\"><a href=\"./\">home</a>", index.body(), root);
      assertEquals("text/html; charset=utf-8", index.required("content-type"));
      assertEquals(
          "<link href=\"../style.css\"><a href=\"../\">home</a>",
          http.get(host, root + "/sub/page.html").body());
      assertEquals(
          "<link href=\"../style.css\"><a href=\"../\">home</a>",
          http.get(host, root + "/some/where", PAGE).body());
      var css = http.get(host, root + "/sub/style.css");
      assertEquals("a { background: url(../x.png) }", css.body());
      assertEquals("text/css; charset=utf-8", css.required("content-type"));
      assertNotEquals(http.get(HOST, "/").required("etag"), index.required("etag"));
      var again = "If-None-Match: " + index.required("etag");
      assertEquals(304, http.get(host, root + "/", again).status());
      server.fillCache();
      assertEquals(index.body(), http.get(host, root + "/").body());
    }
  }

  @Test
  @DisplayName("a page whose bytes are no UTF-8 is served as it is")
  void otherEncoding() throws Exception {
    var latin = Bytes.wrap(new byte[] {'<', 's', 'c', 'r', 'i', 'p', 't', '>', (byte) 0xe9});
    server.deploy(
        ADA,
        "my-app",
        Mode.PRODUCTION,
        new SourceFile(
            "/index.html",
            false,
            Optional.of("text/html; charset=iso-8859-1"),
            new SourceFile.Content.Binary(latin)));
    var answer = http.get(HOST, "/");
    assertEquals("text/html; charset=iso-8859-1", answer.required("content-type"));
    assertEquals(9, Integer.parseInt(answer.required("content-length")));
  }
}
