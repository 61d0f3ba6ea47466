package dev.parlor.apps.site;

import static dev.parlor.apps.site.SiteServer.ADA;
import static dev.parlor.apps.site.SiteServer.BOB;
import static dev.parlor.apps.site.SiteServer.entry;
import static dev.parlor.apps.site.SiteServer.file;
import static dev.parlor.apps.site.SiteServer.get;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppSiteTest {
  private static final String HOST = "my-app--ada.localhost";
  private static final String PAGE = "Accept: text/html,*/*;q=0.8";
  private static final String APP =
      "import { useState } from \"react\"; import { x } from \"react-dom/client\"; export default 1";

  private static final String API =
      "(?s)<script type=\"application/json\" id=\"parlor-env\">.*?</script>\n<script>.*?</script>";

  private final SiteServer server = new SiteServer(Optional.of("localhost"));
  private final RawHttp http = server.http();

  AppSiteTest() throws Exception {}

  @AfterEach
  void close() {
    server.close();
  }

  private static SourceFile image(String name) {
    return new SourceFile(
        name,
        false,
        Optional.empty(),
        new SourceFile.Content.Binary(Bytes.wrap(new byte[] {1, 2, 3})));
  }

  @Test
  @DisplayName(
      "an app is served with the same bytes and tags on its own host and below /a/, latest and by"
          + " release")
  void sameBytes() throws Exception {
    var release =
        server.deploy(
            ADA,
            "my-app",
            Mode.PRODUCTION,
            file("/App.jsx", APP),
            file("/style.css", "p {}"),
            file("/ü b.txt", "text"),
            image("/logo.png"));
    var map = "/~~calculated~~/import-map.json";
    var source = release.files().getFirst();
    var paths =
        new String[] {
          "/",
          "/App.jsx",
          "/style.css",
          "/%C3%BC%20b.txt",
          "/logo.png",
          "/deep/link",
          map,
          "/~~transformed~~/" + source.assetId()
        };
    for (var path : paths) {
      var own = http.get(HOST, path, PAGE);
      assertEquals(200, own.status(), path);
      for (var prefix : new String[] {"/a/ada/my-app", "/a/ada/my-app/~" + release.fsId() + "~"}) {
        var other = http.get("localhost", prefix + path, PAGE);
        assertEquals(own.body(), other.body(), path);
        assertEquals(own.required("etag"), other.required("etag"), path);
        assertEquals(own.required("content-type"), other.required("content-type"), path);
        assertEquals("nosniff", other.required("x-content-type-options"));
      }
      assertEquals(own.body(), http.get(HOST, "/~" + release.fsId() + "~" + path, PAGE).body());
    }
    assertTrue(http.get(HOST, "/App.jsx").body().startsWith("// transformed\n"));
    assertEquals(
        "text/javascript; charset=utf-8", http.get(HOST, "/App.jsx").required("content-type"));
    assertEquals("image/png", http.get(HOST, "/logo.png").required("content-type"));
    assertEquals("application/importmap+json", http.get(HOST, map).required("content-type"));
    assertEquals(APP, http.get(HOST, "/~~source~~/App.jsx").body());
  }

  @Test
  @DisplayName("the root shows the latest production release; a release in mode dev needs its id")
  void productionOverDev() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/a.txt", "1"), file("/App.jsx", "1"));
    var dev = server.deploy(ADA, "my-app", Mode.DEV, file("/a.txt", "2"), file("/App.jsx", "1"));
    assertEquals("1", http.get(HOST, "/a.txt").body());
    assertEquals("2", http.get(HOST, "/~" + dev.fsId() + "~/a.txt").body());
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/a.txt", "3"), file("/App.jsx", "1"));
    assertEquals("3", http.get(HOST, "/a.txt").body());
  }

  @Test
  @DisplayName(
      "an address by release is immutable, the root is revalidated, and a current copy gets 304")
  void caching() throws Exception {
    var release = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    for (var path : new String[] {"/", "/App.jsx"}) {
      var latest = http.get(HOST, path);
      assertEquals("no-cache", latest.required("cache-control"));
      var fixed = http.get(HOST, "/~" + release.fsId() + "~" + path);
      assertEquals("public, max-age=31536000, immutable", fixed.required("cache-control"));
      var again = http.get(HOST, path, "If-None-Match: \"x\", W/" + latest.required("etag"));
      assertEquals(304, again.status());
      assertEquals("", again.body());
      assertEquals(latest.required("etag"), again.required("etag"));
      assertTrue(again.header("content-security-policy").isPresent());
      assertEquals(200, http.get(HOST, path, "If-None-Match: \"other\"").status());
    }
  }

  @Test
  @DisplayName("HEAD has the length and headers of GET, and no body; other methods are refused")
  void methods() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP), file("/a.txt", "12345"));
    for (var path : new String[] {"/", "/a.txt", "/missing.txt"}) {
      var full = http.get(HOST, path);
      var head = http.send("HEAD", HOST, path);
      assertEquals(full.status(), head.status());
      assertEquals("", head.body());
      assertEquals(full.required("content-length"), head.required("content-length"));
      assertEquals(full.header("etag"), head.header("etag"));
    }
    assertEquals("5", http.send("HEAD", HOST, "/a.txt").required("content-length"));
    for (var method : new String[] {"POST", "PUT", "DELETE", "OPTIONS"}) {
      var refused = http.send(method, HOST, "/a.txt");
      assertEquals(405, refused.status(), method);
      assertEquals("GET, HEAD", refused.required("allow"));
    }
  }

  @Test
  @DisplayName(
      "a path without extension shows the app to a client that accepts HTML; every other unknown path is 404")
  void singlePage() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP), file("/lib/Foo.js", "x"));
    assertEquals(404, http.get(HOST, "/deep/link").status());
    assertEquals(404, http.get(HOST, "/deep/link", "Accept: application/json").status());
    assertEquals(404, http.get(HOST, "/missing.png", PAGE).status());
    var deep = http.get(HOST, "/deep/link", PAGE);
    assertEquals(200, deep.status());
    assertTrue(deep.body().contains("import(\"../App.jsx\")"), deep.body());
    assertTrue(http.get(HOST, "/", PAGE).body().contains("import(\"./App.jsx\")"));
    assertEquals("// transformed\nx".substring(15), http.get(HOST, "/lib/Foo").body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../App.jsx",
        "/x/../App.jsx",
        "/./App.jsx",
        "//App.jsx",
        "/x//App.jsx",
        "/%2e%2e/App.jsx",
        "/%2E%2E%2FApp.jsx",
        "/%2fApp.jsx",
        "/%5cApp.jsx",
        "/..%2f..%2fApp.jsx",
        "/%252e%252e/App.jsx",
        "/App.jsx%00",
        "/%c0%ae%c0%ae/App.jsx",
        "/~z1234567~/App.jsx",
        "/~z12345678~/App.jsx",
        "/~z0000000000000000000000000000000000000000000~/App.jsx",
        "/~~transformed~~/",
        "/~~transformed~~/App.jsx",
        "/~~unknown~~/App.jsx",
        "/~/App.jsx",
        "/~~source~~/../App.jsx",
        "/~~source~~/~~calculated~~/other.json",
        "/~~vendor~~/../App.jsx",
        "/~~vendor~~/%2e%2e/App.jsx"
      })
  @DisplayName("a path with another spelling, a short id or an unknown reserved name is no file")
  void badPaths(String path) throws Exception {
    var release = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    var all =
        new String[] {
          path, "/~" + release.fsId() + "~" + path, "/a/ada/my-app" + path, "/a/ada" + path
        };
    for (var at = 0; at < all.length; at++) {
      var answer = http.get(at < 2 ? HOST : "localhost", all[at], PAGE);
      assertTrue(answer.status() == 404 || answer.status() == 400, all[at] + answer.status());
      assertFalse(answer.body().contains("export default"), all[at]);
    }
  }

  @Test
  @DisplayName("an id of another user's asset shows nothing in an app that does not use the asset")
  void foreignAssets() throws Exception {
    var other = server.deploy(BOB, "secret", Mode.DEV, file("/App.jsx", "a secret"));
    var own = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    for (var file : other.files()) {
      for (var path :
          new String[] {
            "/~~transformed~~/" + file.assetId(),
            "/~~source~~/" + file.assetId(),
            "/~~calculated~~/" + file.assetId(),
            "/~~vendor~~/" + file.assetId(),
            "/~" + file.assetId() + "~/",
            "/" + file.assetId()
          }) {
        assertEquals(404, http.get(HOST, path).status(), path);
        assertEquals(404, http.get("localhost", "/a/ada/my-app" + path).status(), path);
        assertEquals(404, http.get("localhost", path).status(), path);
      }
    }
    assertEquals(404, http.get(HOST, "/~" + other.fsId() + "~/").status());
    assertEquals(404, http.get("secret--bob.localhost", "/~" + own.fsId() + "~/").status());
    assertEquals(200, http.get("secret--bob.localhost", "/~" + other.fsId() + "~/").status());
  }

  @Test
  @DisplayName("the page of a module has import map, root, mount and the environment, all escaped")
  void modulePage() throws Exception {
    var env = Map.of("KEY", "</script><script>alert(1)</script><!-- & \u2028", "A", "1");
    server.deploy(ADA, "my-app", Mode.PRODUCTION, env, file("/App.jsx", APP));
    var page = http.get(HOST, "/").body();
    assertFalse(page.contains("alert(1)</script>"), page);
    assertFalse(page.contains("<!--"), page);
    assertTrue(
        page.contains(
            "id=\"parlor-env\">{\"A\":\"1\",\"KEY\":\"\\u003c/script\\u003e\\u003cscript\\u003ealert(1)"
                + "\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\"}</script>"),
        page);
    assertTrue(page.contains("<script type=\"importmap\">{\"imports\":{\"react\":"), page);
    assertTrue(page.contains("<div id=\"root\">"));
    assertTrue(page.contains("window.parlor = "));
    assertTrue(page.contains("createRoot(root).render(createElement(App))"));

    server.deploy(ADA, "plain", Mode.PRODUCTION, file("/main.js", "document.body.append(1)"));
    var plain = http.get("plain--ada.localhost", "/").body();
    assertTrue(plain.contains("import(\"./main.js\")"), plain);
    assertTrue(plain.contains("createRoot"), plain);
  }

  @Test
  @DisplayName(
      "the page names modules of the release relative to itself, so every address finds them")
  void modulesOfTheRelease() throws Exception {
    server.deploy(
        ADA,
        "my-app",
        Mode.PRODUCTION,
        file("/App.jsx", "import \"./x.js\"; import { y } from \"unknown\"; export default 1"));
    assertTrue(
        http.get(HOST, "/").body().contains("\"unknown\":\"./~~calculated~~/z"), "at the root");
    assertTrue(
        http.get(HOST, "/a/b/c", PAGE).body().contains("\"unknown\":\"../../~~calculated~~/z"));
  }

  @Test
  @DisplayName(
      "an HTML entry without scripts is served with its own bytes; it gets the import map only if it has none and needs one")
  void htmlPages() throws Exception {
    var page = "<!doctype html><html><head><title>x</title></head><body></body></html>";
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", page));
    assertEquals(page, http.get(HOST, "/").body());

    var importing = file("/main.js", APP);
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", page), importing);
    var injected = http.get(HOST, "/").body();
    assertTrue(injected.contains("<head><script type=\"importmap\">{\"imports\":{"), injected);
    assertEquals(page, injected.replaceAll("<script type=\"importmap\">.*?</script>", ""));

    var own = page.replace("<title>", "<script type='importmap'>{}</script><title>");
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", own), importing);
    assertEquals(own, http.get(HOST, "/").body().replaceAll(API, ""));
  }

  @Test
  @DisplayName(
      "an entry page in a folder is shown at its own path, and an index page wins over an entry point")
  void entries() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, entry("/pages/main.html", "main"));
    var root = http.get(HOST, "/");
    assertEquals(307, root.status());
    assertEquals("./pages/main.html", root.required("location"));
    assertEquals("main", http.get(HOST, "/pages/main.html").body());

    server.deploy(
        ADA, "my-app", Mode.PRODUCTION, entry("/App.jsx", APP), file("/index.html", "index"));
    assertTrue(http.get(HOST, "/").body().endsWith("index"));
  }

  @Test
  @DisplayName("an unknown app, an unpublished app and an app without production have one 404 page")
  void notFound() throws Exception {
    var release = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    server.deploy(ADA, "only-dev", Mode.DEV, file("/App.jsx", APP));
    get(server.apps.setUnpublished(ADA, "ada", "my-app", true));
    var unknown = http.get("unknown--ada.localhost", "/", PAGE);
    assertEquals(404, unknown.status());
    assertTrue(unknown.body().contains("There is no app here"));
    assertEquals("no-store", unknown.required("cache-control"));
    for (var answer :
        new RawHttp.Response[] {
          http.get(HOST, "/", PAGE),
          http.get(HOST, "/~" + release.fsId() + "~/", PAGE),
          http.get("only-dev--ada.localhost", "/", PAGE),
          http.get("localhost", "/a/ada/my-app/", PAGE),
          http.get("localhost", "/a/ada/unknown/", PAGE),
          http.get("localhost", "/vibe/ada/my-app", PAGE),
          http.get("localhost", "/vibe/ada/unknown", PAGE)
        }) {
      assertEquals(404, answer.status());
      assertEquals(unknown.body(), answer.body());
      assertEquals("no-store", answer.required("cache-control"));
    }
  }

  @Test
  @DisplayName("a path without its final slash is sent to the address with the slash")
  void slash() throws Exception {
    var release = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    var id = "/~" + release.fsId() + "~";
    assertEquals(
        "/a/ada/my-app/?x=1", http.get("localhost", "/a/ada/my-app?x=1").required("location"));
    assertEquals(id + "/", http.get(HOST, id).required("location"));
    assertEquals(
        "/a/ada/my-app" + id + "/",
        http.get("localhost", "/a/ada/my-app" + id).required("location"));
  }

  @Test
  @DisplayName(
      "an app on its own host has a policy for its own origin, and every site may embed it")
  void ownPolicy() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    for (var path : new String[] {"/", "/App.jsx", "/missing.png"}) {
      var answer = http.get(HOST, path);
      assertEquals(
          "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src"
              + " 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
              + " media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none';"
              + " base-uri 'self'; connect-src 'self'; form-action 'self'; frame-ancestors *",
          answer.required("content-security-policy"));
      assertEquals(Optional.empty(), answer.header("x-frame-options"));
      assertEquals(Optional.empty(), answer.header("access-control-allow-origin"));
      assertEquals("same-origin", answer.required("cross-origin-resource-policy"));
      assertEquals("nosniff", answer.required("x-content-type-options"));
      assertEquals("no-referrer", answer.required("referrer-policy"));
    }
  }

  @Test
  @DisplayName(
      "an app below a path runs in a sandbox, may load its own files, and has no service worker")
  void sandbox() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP), file("/sw.js", "1"));
    for (var path : new String[] {"/", "/App.jsx", "/missing.png", ""}) {
      var answer = http.get("localhost", "/a/ada/my-app" + path);
      var policy = answer.required("content-security-policy");
      assertTrue(
          policy.startsWith(
              "sandbox allow-scripts allow-forms allow-modals allow-popups allow-pointer-lock"
                  + " allow-downloads; default-src 'self';"),
          policy);
      assertTrue(policy.contains("form-action 'none'; frame-ancestors *"), policy);
      assertTrue(policy.contains("; connect-src localhost/a/ada/my-app/; "), policy);
      assertFalse(policy.contains("allow-same-origin"));
      assertEquals("*", answer.required("access-control-allow-origin"));
      assertEquals("cross-origin", answer.required("cross-origin-resource-policy"));
      assertEquals(Optional.empty(), answer.header("x-frame-options"));
      assertEquals(Optional.empty(), answer.header("cross-origin-opener-policy"));
    }
    assertTrue(
        http.get("[::1]:80", "/a/ada/my-app/")
            .required("content-security-policy")
            .contains("; connect-src 'none'; "));
    assertEquals(200, http.get("localhost", "/a/ada/my-app/sw.js").status());
    assertEquals(
        404, http.get("localhost", "/a/ada/my-app/sw.js", "Service-Worker: script").status());
  }

  @Test
  @DisplayName("packages of this server are immutable, and documents without origin may load them")
  void packages() throws Exception {
    var path = "/~~vendor~~/" + SiteServer.SET + "/react.js";
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", APP));
    for (var host : new String[] {"localhost", HOST, "run-abc.localhost"}) {
      var answer = http.get(host, path);
      assertEquals(200, answer.status(), host);
      assertEquals(SiteServer.REACT, answer.body());
      assertEquals("public, max-age=31536000, immutable", answer.required("cache-control"));
    }
    assertEquals("*", http.get("localhost", path).required("access-control-allow-origin"));
    var compressed = http.get(HOST, path, "Accept-Encoding: gzip, br");
    assertEquals("compressed", compressed.body());
    assertEquals("br", compressed.required("content-encoding"));
    assertEquals("Accept-Encoding", compressed.required("vary"));
    assertNotEquals(http.get(HOST, path).required("etag"), compressed.required("etag"));
    assertEquals(
        "no-cache", http.get("localhost", "/~~vendor~~/index.json").required("cache-control"));
    assertEquals(404, http.get("localhost", "/~~vendor~~/" + SiteServer.SET + "/vue.js").status());
  }

  @Test
  @DisplayName(
      "the first request fills the cache after its answer, and the second request is a hit")
  void cache() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", "1"), file("/a.txt", "12345"));
    assertEquals("12345", http.get(HOST, "/a.txt").body());
    assertEquals(0, server.cache.hits());
    assertEquals(1, server.cache.misses());
    assertEquals(0, server.cache.bytes());
    server.fillCache();
    assertEquals(5, server.cache.bytes());
    assertEquals("12345", http.get("localhost", "/a/ada/my-app/a.txt").body());
    assertEquals(1, server.cache.hits());
    assertEquals(1, server.cache.misses());
  }

  @Test
  @DisplayName("a republished app changes its tag, so a client never keeps an old page")
  void tagChanges() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", "1"));
    var before = http.get(HOST, "/App.jsx").required("etag");
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/App.jsx", "2"));
    var after = http.get(HOST, "/App.jsx", "If-None-Match: " + before);
    assertEquals(200, after.status());
    assertNotEquals(before, after.required("etag"));
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
    assertEquals(page, served.replaceAll(API, ""));
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
