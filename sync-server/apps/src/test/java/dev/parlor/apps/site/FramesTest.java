package dev.parlor.apps.site;

import static dev.parlor.apps.site.SiteServer.ADA;
import static dev.parlor.apps.site.SiteServer.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.release.Attribution;
import dev.parlor.apps.release.Mode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The document of previews, and the page around an app. */
class FramesTest {
  private static final String PREVIEW_POLICY =
      "sandbox allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads;"
          + " default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src"
          + " 'self' 'unsafe-inline'; img-src data: blob:; font-src 'self' data:; media-src data:"
          + " blob:; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none';"
          + " frame-ancestors ";

  private final SiteServer server = new SiteServer(Optional.of("localhost"));
  private final RawHttp http = server.http();

  FramesTest() throws Exception {}

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  @DisplayName("the document of a preview is in a sandbox without popups, forms and network")
  void previewPolicy() throws Exception {
    var document = http.get("localhost", "/~run/");
    assertEquals(200, document.status());
    assertEquals(PREVIEW_POLICY + "'self'", document.required("content-security-policy"));
    assertEquals("text/html; charset=utf-8", document.required("content-type"));
    assertEquals("no-cache", document.required("cache-control"));
    assertEquals("(response-origin)", document.required("connection-allowlist"));
    assertEquals(Optional.empty(), document.header("x-frame-options"));
    assertTrue(document.body().contains("<script src=\"run.js\" crossorigin>"));
    assertEquals(
        304,
        http.get("localhost", "/~run/", "If-None-Match: " + document.required("etag")).status());

    var ownHost = http.get("run-k3v.localhost", "/~run/");
    assertEquals(document.body(), ownHost.body());
    assertEquals(
        PREVIEW_POLICY + server.addresses.frameAncestors(),
        ownHost.required("content-security-policy"));
    assertEquals("(response-origin)", ownHost.required("connection-allowlist"));
  }

  @Test
  @DisplayName("the script of previews is readable for a document without origin")
  void previewScript() throws Exception {
    for (var host : new String[] {"localhost", "run-k3v.localhost"}) {
      var script = http.get(host, "/~run/run.js", "Origin: null");
      assertEquals(SiteServer.RUN, script.body());
      assertEquals("*", script.required("access-control-allow-origin"));
      assertEquals("cross-origin", script.required("cross-origin-resource-policy"));
      assertEquals("text/javascript; charset=utf-8", script.required("content-type"));
      assertEquals(404, http.get(host, "/~run/other.js").status());
    }
    assertEquals(404, http.get("run-k3v.localhost", "/").status());
    assertEquals(404, http.get("run-k3v.localhost", "/api/health").status());
  }

  @Test
  @DisplayName(
      "the page of an app frames the app's own origin, addresses messages to it, and has no token")
  void page() throws Exception {
    var release = server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", "the app"));
    var origin = "http://my-app--ada.localhost:" + server.port();
    assertEquals(
        "http://localhost:" + server.port() + "/vibe/ada/my-app",
        server.addresses.page("ada", "my-app").toString());
    var page = http.get("localhost", "/vibe/ada/my-app");
    assertEquals(200, page.status());
    assertTrue(page.body().contains("data-src=\"" + origin + "/\" data-origin=\"" + origin + "\""));
    assertTrue(page.body().contains("postMessage({ type: \"init\" }, origin,"));
    assertTrue(page.body().contains("<a href=\"/?remix=ada/my-app\">Remix</a>"), page.body());
    assertFalse(page.body().contains("\"*\""));
    assertFalse(page.body().contains("me.token"));
    assertFalse(page.body().contains(ADA));
    assertFalse(page.body().contains("allow-top-navigation"));
    assertEquals("DENY", page.required("x-frame-options"));

    var script = page.body().substring(page.body().indexOf("<script>") + 8);
    var digest =
        MessageDigest.getInstance("SHA-256")
            .digest(
                script.substring(0, script.indexOf("</script>")).getBytes(StandardCharsets.UTF_8));
    assertEquals(
        "default-src 'none'; script-src 'sha256-"
            + Base64.getEncoder().encodeToString(digest)
            + "'; style-src 'unsafe-inline'; frame-src 'self' http://*.localhost:"
            + server.port()
            + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        page.required("content-security-policy"));

    var byId = http.get("localhost", "/vibe/ada/my-app/~" + release.fsId() + "~/");
    assertTrue(byId.body().contains("data-src=\"" + origin + "/~" + release.fsId() + "~/\""));
    for (var bad :
        new String[] {"/~z1234567~/", "/x", "/~" + release.fsId() + "~/x", "/../my-app"}) {
      assertEquals(404, http.get("localhost", "/vibe/ada/my-app" + bad).status(), bad);
    }
  }

  @Test
  @DisplayName(
      "without hosts for apps the page frames the path in a sandbox and hands nothing over")
  void pageByPath() throws Exception {
    try (var plain = new SiteServer(Optional.empty())) {
      var release = plain.deploy(ADA, "my-app", Mode.DEV, file("/index.html", "the app"));
      assertEquals(404, plain.http().get("localhost", "/vibe/ada/my-app").status());
      var url = plain.addresses.page("ada", "my-app", Optional.of(release.fsId()));
      var page = plain.http().get("localhost", url.getRawPath());
      assertEquals(200, page.status());
      var path = "/a/ada/my-app/~" + release.fsId() + "~/";
      assertTrue(page.body().contains("data-src=\"" + path + "\" data-origin=\"\""), page.body());
      assertFalse(page.body().contains("allow-same-origin"));
      assertEquals("the app", plain.http().get("localhost", path).body());
    }
  }

  @Test
  @DisplayName("the page of an app shows its author's name as text, and only if the author wishes")
  void author() throws Exception {
    server.deploy(ADA, "my-app", Mode.PRODUCTION, file("/index.html", "the app"));
    assertFalse(http.get("localhost", "/vibe/ada/my-app").body().contains("<bdi>"));
    publish(new Attribution.Shown("Ada <b>\"&\" $1"));
    var page = http.get("localhost", "/vibe/ada/my-app").body();
    assertTrue(page.contains("by <bdi>Ada &lt;b&gt;&quot;&amp;&quot; $1</bdi>"), page);
    publish(new Attribution.Hidden());
    assertFalse(http.get("localhost", "/vibe/ada/my-app").body().contains("Ada &lt;"));
  }

  private void publish(Attribution attribution) throws Exception {
    server
        .apps
        .publish(ADA, "ada", "my-app", Optional.empty(), attribution)
        .get(10, TimeUnit.SECONDS);
  }
}
