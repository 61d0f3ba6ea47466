package dev.parlor.apps.release;

import static dev.parlor.apps.release.AppsFixture.ADA;
import static dev.parlor.apps.release.AppsFixture.BOB;
import static dev.parlor.apps.release.AppsFixture.binary;
import static dev.parlor.apps.release.AppsFixture.code;
import static dev.parlor.apps.release.AppsFixture.get;
import static dev.parlor.apps.release.AppsFixture.reference;
import static dev.parlor.apps.release.AppsFixture.refusal;
import static dev.parlor.apps.release.AppsFixture.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.crdt.identity.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeployTest {
  private final AppsFixture fixture = new AppsFixture();
  private final StoredApps apps = fixture.apps;

  @Test
  @DisplayName("a first deploy draws a slug for the user and for the app, and is release 1")
  void first() throws Exception {
    fixture.slugs.addAll(List.of("warm-wild-otter", "quick-red-fox"));
    var request =
        new DeployRequest(
            Mode.PRODUCTION,
            Optional.empty(),
            Optional.empty(),
            Map.of("K", "v"),
            List.of(code("/App.jsx", "x REACT")));
    var release = get(apps.deploy(ADA, request)).release();
    assertEquals("warm-wild-otter", release.userSlug());
    assertEquals("quick-red-fox", release.appSlug());
    assertEquals(1, release.releaseSeq());
    assertEquals(
        Optional.of(release), get(apps.reader().production("warm-wild-otter", "quick-red-fox")));
    var second = fixture.deploy(ADA, "other-app", Mode.DEV, "y");
    assertEquals("warm-wild-otter", second.userSlug(), "the user's slug is used again");
  }

  @Test
  @DisplayName(
      "a release lists each source, its JavaScript under the id of the source, and the import map")
  void files() throws Exception {
    var release = fixture.deploy(ADA, "my-app", Mode.DEV, "x REACT");
    var source = ContentId.of(Bytes.utf8("x REACT"));
    assertEquals(
        List.of("/App.jsx", "/~~transformed~~/" + source, "/~~calculated~~/import-map.json"),
        release.files().stream().map(ReleasedFile::fileName).toList());
    assertEquals(
        Optional.of(Bytes.utf8("// transformed\nx REACT")),
        get(fixture.assets.get(release.files().get(1).assetId())));
    assertTrue(release.files().getFirst().entryPoint());
    assertEquals(
        Optional.of(new ReleasedFile.Transform.ImportMap(List.of(source))),
        release.files().get(2).transform());
  }

  @Test
  @DisplayName(
      "the same files again are the same release, and production promotes a release in mode dev")
  void sameFiles() throws Exception {
    var dev = fixture.deploy(ADA, "my-app", Mode.DEV, "x");
    assertEquals(dev, fixture.deploy(ADA, "my-app", Mode.DEV, "x"));
    var production = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    assertEquals(1, production.releaseSeq());
    assertEquals(Mode.PRODUCTION, production.mode());
    assertEquals(production, fixture.deploy(ADA, "my-app", Mode.DEV, "x"), "production stays");
    assertEquals(2, fixture.deploy(ADA, "my-app", Mode.DEV, "y").releaseSeq());
  }

  @Test
  @DisplayName("fifty deploys of different files at once have the numbers 1 to 50")
  void fiftyAtOnce() throws Exception {
    var all = new ArrayList<CompletableFuture<Deployment>>();
    for (var i = 0; i < 50; i++) {
      all.add(apps.deploy(ADA, request(Mode.DEV, "my-app", code("/App.jsx", "x" + i))));
    }
    var numbers = new HashSet<Long>();
    var slugs = new HashSet<String>();
    for (var one : all) {
      var release = get(one).release();
      numbers.add(release.releaseSeq());
      slugs.add(release.userSlug());
    }
    assertEquals(Set.copyOf(LongStream.rangeClosed(1, 50).boxed().toList()), numbers);
    assertEquals(50, get(apps.versions(ADA, slugs.iterator().next(), "my-app")).size());
  }

  @Test
  @DisplayName("twenty first deploys at once under one name make one user slug and one app")
  void oneSlug() throws Exception {
    var all = new ArrayList<CompletableFuture<Deployment>>();
    for (var i = 0; i < 20; i++) {
      all.add(apps.deploy(ADA, request(Mode.DEV, "my-app", code("/App.jsx", "same"))));
    }
    for (var one : all) {
      assertEquals(1, get(one).release().releaseSeq());
    }
    assertEquals(1, fixture.keys("appslugs").size());
    assertEquals(1, fixture.keys("userslugs").size());
    assertEquals(1, fixture.keys("apps").size());
  }

  @Test
  @DisplayName(
      "the 51st release removes the six oldest releases in mode dev and none in production")
  void eviction() throws Exception {
    for (var i = 1; i <= 50; i++) {
      fixture.deploy(ADA, "my-app", i <= 3 || i == 7 ? Mode.PRODUCTION : Mode.DEV, "x" + i);
    }
    var last = fixture.deploy(ADA, "my-app", Mode.DEV, "x51");
    assertEquals(51, last.releaseSeq());
    var left =
        get(apps.versions(ADA, last.userSlug(), "my-app")).stream()
            .map(AppService.Version::releaseSeq)
            .toList();
    var expected =
        LongStream.rangeClosed(1, 51)
            .filter(number -> !Set.of(4L, 5L, 6L, 8L, 9L, 10L).contains(number))
            .boxed()
            .toList()
            .reversed();
    assertEquals(expected, left);
  }

  @Test
  @DisplayName(
      "a further release is refused if all fifty are in production, and set-mode-fs makes room")
  void onlyProduction() throws Exception {
    Release first = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x0");
    for (var i = 1; i < 50; i++) {
      fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x" + i);
    }
    var more = request(Mode.DEV, "my-app", code("/App.jsx", "more"));
    assertEquals(ErrorCode.MAX_APPS_REACHED, refusal(apps.deploy(ADA, more)).code());
    get(apps.setMode(ADA, first.userSlug(), "my-app", first.fsId(), Mode.DEV));
    assertEquals(51, get(apps.deploy(ADA, more)).release().releaseSeq());
  }

  @Test
  @DisplayName("an eleventh app and an eleventh user slug are refused, each with its code")
  void counts() throws Exception {
    for (var i = 0; i < 10; i++) {
      fixture.deploy(ADA, "app-" + i, Mode.DEV, "x");
      get(apps.bindUserSlug(BOB, Optional.of("bob-" + i)));
    }
    assertEquals(
        ErrorCode.MAX_APP_SLUGS_REACHED,
        refusal(apps.deploy(ADA, request(Mode.DEV, "app-10", code("/App.jsx", "x")))).code());
    assertEquals(
        ErrorCode.MAX_USER_SLUGS_REACHED,
        refusal(apps.bindUserSlug(BOB, Optional.of("bob-10"))).code());
    assertEquals("bob-3", get(apps.bindUserSlug(BOB, Optional.of("bob-3"))).userSlug());
    assertTrue(get(apps.removeUserSlug(BOB, "bob-3")));
    assertEquals("bob-10", get(apps.bindUserSlug(BOB, Optional.of("bob-10"))).userSlug());
  }

  @Test
  @DisplayName("another user's slug is refused with owned-by-another, also in a deploy")
  void ownedByAnother() throws Exception {
    get(apps.bindUserSlug(ADA, Optional.of("ada")));
    assertEquals(
        ErrorCode.OWNED_BY_ANOTHER, refusal(apps.bindUserSlug(BOB, Optional.of("ada"))).code());
    var request =
        new DeployRequest(
            Mode.DEV,
            Optional.of("my-app"),
            Optional.of("ada"),
            Map.of(),
            List.of(code("/App.jsx", "x")));
    assertEquals(ErrorCode.OWNED_BY_ANOTHER, refusal(apps.deploy(BOB, request)).code());
    assertEquals(List.of(), fixture.keys("apps"));
  }

  @Test
  @DisplayName("five drawn slugs that others have are refused with slug-exhausted")
  void exhausted() throws Exception {
    get(apps.bindUserSlug(ADA, Optional.of("taken")));
    for (var i = 0; i < AppLimits.SLUG_DRAWS_MAX; i++) {
      fixture.slugs.add("taken");
    }
    assertEquals(
        ErrorCode.SLUG_EXHAUSTED, refusal(apps.bindUserSlug(BOB, Optional.empty())).code());
  }

  @Test
  @DisplayName(
      "a file may refer to an asset of the same user; unknown assets and assets of others are refused alike")
  void references() throws Exception {
    var release = fixture.deploy(ADA, "my-app", Mode.DEV, "x");
    var id = release.files().getFirst().assetId();
    var again =
        get(apps.deploy(ADA, request(Mode.DEV, "other-app", reference("/App.jsx", id)))).release();
    assertEquals(id, again.files().getFirst().assetId());
    var unknown = ContentId.of(Bytes.utf8("unknown"));
    for (var refused :
        List.of(
            apps.deploy(BOB, request(Mode.DEV, "my-app", reference("/App.jsx", id))),
            apps.deploy(ADA, request(Mode.DEV, "my-app", reference("/App.jsx", unknown))))) {
      assertEquals(ErrorCode.ASSET_REF_UNKNOWN, refusal(refused).code());
      assertEquals(Optional.of("fileSystem[0].refId"), refusal(refused).field());
    }
  }

  @Test
  @DisplayName(
      "a source that does not compile is refused with file, line and column, and nothing is bound")
  void brokenSource() throws Exception {
    var refusal =
        refusal(apps.deploy(ADA, request(Mode.PRODUCTION, "my-app", code("/App.jsx", "BROKEN"))));
    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertEquals(Map.of("file", "/App.jsx", "line", 12, "column", 5), refusal.details());
    assertEquals(List.of(), fixture.keys("userslugs"));
    assertEquals(List.of(), fixture.keys("appslugs"));
  }

  @Test
  @DisplayName(
      "without esbuild a deploy of JSX is refused with unavailable, and HTML and JavaScript deploy with a warning")
  void withoutTransformer() throws Exception {
    fixture.transformer.stop();
    assertEquals(
        ErrorCode.UNAVAILABLE,
        refusal(apps.deploy(ADA, request(Mode.DEV, "my-app", code("/App.jsx", "x")))).code());
    var deployed =
        get(
            apps.deploy(
                ADA, request(Mode.DEV, "my-app", code("/index.html", "<p>"), code("/a.js", "1"))));
    assertEquals(1, deployed.release().releaseSeq());
    assertEquals(1, deployed.warnings().size(), deployed.warnings().toString());
  }

  @Test
  @DisplayName(
      "a full disk refuses a deploy with unavailable, nothing is bound, and the next deploy is release 1")
  void fullDisk() throws Exception {
    get(apps.bindUserSlug(ADA, Optional.of("ada")));
    fixture.store.refuseCommits(true);
    var deploy = request(Mode.PRODUCTION, "my-app", code("/App.jsx", "x"));
    assertEquals(ErrorCode.UNAVAILABLE, refusal(apps.deploy(ADA, deploy)).code());
    assertEquals(List.of(), fixture.keys("apps"));
    assertEquals(List.of(), fixture.keys("appslugs"));
    fixture.store.refuseCommits(false);
    assertEquals(1, get(apps.deploy(ADA, deploy)).release().releaseSeq());
  }

  @Test
  @DisplayName("assets without a release go a day later; assets of releases stay")
  void sweep() throws Exception {
    var release = fixture.deploy(ADA, "my-app", Mode.DEV, "x");
    var orphan = get(fixture.assets.put(Bytes.utf8("orphan")));
    assertEquals(0, fixture.assets.sweep());
    fixture.advance(Duration.ofHours(25));
    assertEquals(1, fixture.assets.sweep());
    assertEquals(Optional.empty(), get(fixture.assets.get(orphan)));
    assertTrue(get(fixture.assets.get(release.files().getFirst().assetId())).isPresent());
  }

  @Test
  @DisplayName(
      "of two entry points the last counts, with a warning; without one an index page comes first")
  void entryPoints() throws Exception {
    var named =
        get(
            apps.deploy(
                ADA,
                request(
                    Mode.DEV, "my-app", entry("/a.js"), code("/index.html", ""), entry("/b.js"))));
    assertEquals("/b.js", entryOf(named));
    assertEquals(1, named.warnings().size());
    var unnamed =
        get(
            apps.deploy(
                ADA, request(Mode.DEV, "my-app", code("/a.js", ""), code("/index.html", ""))));
    assertEquals("/index.html", entryOf(unnamed));
  }

  private static SourceFile entry(String name) {
    return new SourceFile(name, true, Optional.empty(), new SourceFile.Content.Code("js", name));
  }

  private static String entryOf(Deployment deployment) {
    return deployment.release().files().stream()
        .filter(ReleasedFile::entryPoint)
        .findFirst()
        .orElseThrow()
        .fileName();
  }

  static Stream<String> badNames() {
    return Stream.of(
        "App.jsx",
        "//a",
        "/../a",
        "/a/..",
        "/./a",
        "/%2e%2e/a",
        "/a\\b",
        "/a\0b",
        "/a\u202eb",
        "/" + "x".repeat(200),
        "/~~x",
        "/~x",
        "/a,b",
        "/a|b",
        "/a?b",
        "/a#b",
        "/a/",
        "/",
        "",
        "/ a",
        "/\ud800");
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("badNames")
  @DisplayName("a file name outside the rule is refused, naming fileSystem[0].filename")
  void fileNames(String name) {
    var refusal = refusal(apps.deploy(ADA, request(Mode.DEV, "my-app", code(name, "x"))));
    assertEquals(Optional.of("fileSystem[0].filename"), refusal.field());
  }

  @Test
  @DisplayName("two files of the same name are refused, naming both places")
  void sameName() {
    var refusal =
        refusal(
            apps.deploy(
                ADA, request(Mode.DEV, "my-app", code("/App.jsx", "x"), code("/App.jsx", "y"))));
    assertEquals(Optional.of("fileSystem[1].filename"), refusal.field());
    assertTrue(refusal.text().contains("fileSystem[0]"), refusal.text());
  }

  @Test
  @DisplayName("files, sizes and environment above their limits are refused with too-large")
  void sizes() {
    var files = new SourceFile[AppLimits.FILES_MAX + 1];
    for (var i = 0; i < files.length; i++) {
      files[i] = code("/" + i + ".js", "");
    }
    assertTooLarge(apps.deploy(ADA, request(Mode.DEV, "my-app", files)));
    assertTooLarge(
        apps.deploy(
            ADA,
            request(Mode.DEV, "my-app", code("/a.js", "x".repeat(AppLimits.TEXT_BYTES_MAX + 1)))));
    var large = binary("/a.png", new byte[AppLimits.BINARY_BYTES_MAX + 1]);
    assertTooLarge(apps.deploy(ADA, request(Mode.DEV, "my-app", code("/a.js", ""), large)));
    var half = new byte[AppLimits.BINARY_BYTES_MAX];
    assertTooLarge(
        apps.deploy(
            ADA,
            request(
                Mode.DEV,
                "my-app",
                code("/a.js", "x"),
                binary("/a.png", half),
                binary("/b.png", half))));
    var environment = Map.of("K", "x".repeat(AppLimits.VARIABLE_BYTES_MAX + 1));
    assertTooLarge(
        apps.deploy(
            ADA,
            new DeployRequest(
                Mode.DEV,
                Optional.of("my-app"),
                Optional.empty(),
                environment,
                List.of(code("/a.js", "")))));
  }

  private static void assertTooLarge(CompletableFuture<Deployment> deploy) {
    assertEquals(ErrorCode.TOO_LARGE, refusal(deploy).code());
  }

  @Test
  @DisplayName(
      "releases above the user's bytes are refused with too-large, and bytes of an evicted release count no more")
  void bytesOfUser() throws Exception {
    var small = new AppsFixture(new Quotas(10, 10, 3, 3_000, 10));
    small.deploy(ADA, "my-app", Mode.DEV, "x".repeat(1_000));
    assertEquals(
        ErrorCode.TOO_LARGE,
        refusal(
                small.apps.deploy(
                    ADA, request(Mode.DEV, "my-app", code("/App.jsx", "y".repeat(1_000)))))
            .code());
    small.deploy(ADA, "my-app", Mode.DEV, "a");
    small.deploy(ADA, "my-app", Mode.DEV, "b");
    small.deploy(ADA, "my-app", Mode.DEV, "y".repeat(1_000));
    assertEquals(3, small.keys("apps").size());
  }

  static Stream<String> badSlugs() {
    return Stream.of("a--b", "A", "xn", "-abc", "abc-", "a".repeat(31), "a_b", "ä-b-c", "");
  }

  @ParameterizedTest(name = "“{0}”")
  @MethodSource("badSlugs")
  @DisplayName("a slug outside the rule is refused with app-slug-invalid or user-slug-invalid")
  void slugs(String slug) {
    assertEquals(
        ErrorCode.APP_SLUG_INVALID,
        refusal(apps.deploy(ADA, request(Mode.DEV, slug, code("/App.jsx", "x")))).code());
    assertEquals(
        ErrorCode.USER_SLUG_INVALID, refusal(apps.bindUserSlug(ADA, Optional.of(slug))).code());
  }

  @Test
  @DisplayName("a deploy without a file of HTML or code is refused with app-slug-invalid")
  void noCode() {
    AppsException refusal =
        refusal(apps.deploy(ADA, request(Mode.DEV, "my-app", binary("/a.png", new byte[1]))));
    assertEquals(ErrorCode.APP_SLUG_INVALID, refusal.code());
    assertEquals(
        ErrorCode.APP_SLUG_INVALID, refusal(apps.deploy(ADA, request(Mode.DEV, "my-app"))).code());
  }
}
