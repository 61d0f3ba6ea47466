package dev.parlor.apps.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppAddressesTest {
  private static final ContentId ID = ContentId.of(Bytes.utf8("files"));

  private static AppAddresses addresses(String publicUrl, String base) {
    return new AppAddresses(
        () -> URI.create(publicUrl), Optional.of(base).filter(host -> !host.isEmpty()));
  }

  @Test
  @DisplayName("an app has a host under the base, with the scheme and port of the public URL")
  void hosts() {
    var https = addresses("https://Parlor.example/", "apps.example");
    assertEquals(
        URI.create("https://my-app--ada.apps.example/"),
        https.app("ada", "my-app", Optional.empty()));
    assertEquals(
        URI.create("https://my-app--ada.apps.example/~" + ID + "~/"),
        https.app("ada", "my-app", Optional.of(ID)));
    assertEquals(URI.create("https://parlor.example/vibe/ada/my-app"), https.page("ada", "my-app"));
    assertEquals("https://parlor.example", https.frameAncestors());
    assertEquals("'self' https://*.apps.example", https.frameSources());
    assertEquals(
        URI.create("http://my-app--ada.localhost:8787/"),
        addresses("http://127.0.0.1:8787", "localhost").app("ada", "my-app", Optional.empty()));
  }

  @Test
  @DisplayName("without a base an app has a path on the public URL")
  void paths() {
    var paths = addresses("https://parlor.example:8443", "");
    assertEquals(
        URI.create("https://parlor.example:8443/a/ada/my-app/~" + ID + "~/"),
        paths.app("ada", "my-app", Optional.of(ID)));
    assertEquals(
        URI.create("https://parlor.example:8443/vibe/ada/my-app/~" + ID + "~/"),
        paths.page("ada", "my-app", Optional.of(ID)));
    assertEquals("'self'", paths.frameSources());
    assertEquals(Optional.empty(), paths.origin(new AppName("ada", "my-app")));
    assertEquals(Optional.empty(), paths.ofHost("my-app--ada.localhost"));
    assertFalse(paths.isPreviewHost("run-abc.localhost"));
  }

  @Test
  @DisplayName("the host of every app with the longest slugs is read back to the app")
  void readBack() {
    var addresses = addresses("https://parlor.example", "apps.example");
    for (var name :
        new AppName[] {
          new AppName("ada", "my-app"),
          new AppName("a".repeat(30), "b".repeat(30)),
          new AppName("a-1-b", "0-0-0")
        }) {
      var host = URI.create(addresses.origin(name).orElseThrow()).getHost();
      assertEquals(Optional.of(name), addresses.ofHost(host));
      assertEquals(Optional.of(name), addresses.ofHost(host + ":443"));
      assertTrue(host.length() - ".apps.example".length() <= 63);
      assertFalse(addresses.isPreviewHost(host));
    }
    assertTrue(addresses.isPreviewHost("run-k3v9.apps.example:443"));
    assertEquals(Optional.empty(), addresses.ofHost("run-k3v9.apps.example"));
  }

  @Test
  @DisplayName("a server on loopback may be framed under both of its names")
  void loopback() {
    assertEquals(
        "http://localhost:1 http://127.0.0.1:1",
        addresses("http://[::1]:1", "localhost").frameAncestors());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Apps.example",
        "apps.example.",
        ".example",
        "apps..example",
        "apps.example:80",
        "*.example",
        "-apps.example",
        "apps-.example",
        "apps example",
        "http://apps.example"
      })
  @DisplayName("a base that is no host name in lower case is refused")
  void badBase(String base) {
    assertThrows(IllegalArgumentException.class, () -> addresses("https://parlor.example", base));
  }

  @Test
  @DisplayName("a base that leaves no space for the slugs is refused")
  void longBase() {
    var base = ("a".repeat(49) + ".").repeat(4);
    assertThrows(
        IllegalArgumentException.class,
        () -> addresses("https://parlor.example", base.substring(0, base.length() - 1)));
  }

  @Test
  @DisplayName("The addresses of apps and pages on the server's host have the server's base path")
  void basePath() {
    var url = URI.create("https://tools.example:8443/parlor");
    var byPath = new AppAddresses(() -> url, Optional.empty());
    assertEquals(
        URI.create("https://tools.example:8443/parlor/a/ada/tea/"),
        byPath.app("ada", "tea", Optional.empty()));
    assertEquals(
        URI.create("https://tools.example:8443/parlor/vibe/ada/tea"), byPath.page("ada", "tea"));
    assertEquals("https://tools.example:8443/parlor/a/{user}/{app}/", byPath.template());
    assertEquals("https://tools.example:8443", byPath.publicOrigin());
    var byHost = new AppAddresses(() -> url, Optional.of("apps.example"));
    assertEquals(
        URI.create("https://tea--ada.apps.example:8443/"),
        byHost.app("ada", "tea", Optional.empty()));
  }
}
