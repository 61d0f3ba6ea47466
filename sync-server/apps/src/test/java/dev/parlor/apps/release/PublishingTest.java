package dev.parlor.apps.release;

import static dev.parlor.apps.release.AppsFixture.ADA;
import static dev.parlor.apps.release.AppsFixture.BOB;
import static dev.parlor.apps.release.AppsFixture.get;
import static dev.parlor.apps.release.AppsFixture.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.release.AppService.Found;
import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PublishingTest {
  private final AppsFixture fixture = new AppsFixture();
  private final StoredApps apps = fixture.apps;
  private static final Attribution AS_BEFORE = new Attribution.Unchanged();

  @BeforeEach
  void bind() throws Exception {
    get(apps.bindUserSlug(ADA, Optional.of("ada")));
  }

  @Test
  @DisplayName(
      "a release in mode dev is found by its files only; the app's address keeps the production release")
  void devBesideProduction() throws Exception {
    var shown = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    var dev = fixture.deploy(ADA, "my-app", Mode.DEV, "y");
    assertEquals(Optional.of(shown), get(apps.reader().production("ada", "my-app")));
    assertEquals(Optional.of(dev), get(apps.reader().byFiles("ada", "my-app", dev.fsId())));
    var later = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "z");
    assertEquals(Optional.of(later), get(apps.reader().production("ada", "my-app")));
  }

  @Test
  @DisplayName("publishing an earlier release makes the app's address show it again")
  void backToAnEarlierRelease() throws Exception {
    var first = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "y");
    get(apps.publish(ADA, "ada", "my-app", Optional.of(first.fsId()), AS_BEFORE));
    assertEquals(Optional.of(first), get(apps.reader().production("ada", "my-app")));
    assertEquals(
        List.of(false, true),
        get(apps.versions(ADA, "ada", "my-app")).stream()
            .map(AppService.Version::published)
            .toList());
  }

  @Test
  @DisplayName("publishing without files takes the latest release")
  void publishesLatest() throws Exception {
    fixture.deploy(ADA, "my-app", Mode.DEV, "x");
    fixture.deploy(ADA, "my-app", Mode.DEV, "y");
    var published = get(apps.publish(ADA, "ada", "my-app", Optional.empty(), AS_BEFORE)).release();
    assertEquals(2, published.releaseSeq());
    assertEquals(Mode.PRODUCTION, published.mode());
    assertEquals(Optional.of(published), get(apps.reader().production("ada", "my-app")));
  }

  @Test
  @DisplayName(
      "an unpublished app is hidden from others by address and by files, and publishing shows it again")
  void unpublishing() throws Exception {
    var release = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    var hidden = get(apps.setUnpublished(ADA, "ada", "my-app", true));
    assertTrue(hidden.unpublishedAt().isPresent());
    assertEquals(Optional.empty(), hidden.previous());
    assertEquals(Optional.empty(), get(apps.reader().production("ada", "my-app")));
    assertEquals(Optional.empty(), get(apps.reader().byFiles("ada", "my-app", release.fsId())));
    assertInstanceOf(
        Found.Hidden.class,
        get(apps.find(Optional.of(BOB), "ada", "my-app", Optional.of(release.fsId()))));
    assertInstanceOf(
        Found.Own.class, get(apps.find(Optional.of(ADA), "ada", "my-app", Optional.empty())));
    assertEquals(
        hidden.unpublishedAt(), get(apps.setUnpublished(ADA, "ada", "my-app", true)).previous());

    get(apps.publish(ADA, "ada", "my-app", Optional.empty(), AS_BEFORE));
    assertInstanceOf(
        Found.Public.class, get(apps.find(Optional.empty(), "ada", "my-app", Optional.empty())));
  }

  @Test
  @DisplayName(
      "if the shown release is set to mode dev, the latest other production release is shown, or none")
  void modeDev() throws Exception {
    var first = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    var second = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "y");
    get(apps.setMode(ADA, "ada", "my-app", second.fsId(), Mode.DEV));
    assertEquals(Optional.of(first), get(apps.reader().production("ada", "my-app")));
    get(apps.setMode(ADA, "ada", "my-app", first.fsId(), Mode.DEV));
    assertEquals(Optional.empty(), get(apps.reader().production("ada", "my-app")));
  }

  @Test
  @DisplayName(
      "requests about another user's app are refused with access-denied, about no app with not-found")
  void refusals() throws Exception {
    var release = fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    var id = release.fsId();
    for (var refused :
        List.of(
            apps.publish(BOB, "ada", "my-app", Optional.empty(), AS_BEFORE),
            apps.setUnpublished(BOB, "ada", "my-app", true),
            apps.versions(BOB, "ada", "my-app"),
            apps.setMode(BOB, "ada", "my-app", id, Mode.DEV))) {
      assertEquals(ErrorCode.ACCESS_DENIED, refusal(refused).code());
    }
    var unknown = ContentId.of(Bytes.utf8("unknown"));
    for (var refused :
        List.of(
            apps.publish(ADA, "ada", "other", Optional.empty(), AS_BEFORE),
            apps.publish(ADA, "ada", "my-app", Optional.of(unknown), AS_BEFORE),
            apps.versions(ADA, "a/b", "my-app"),
            apps.setMode(ADA, "ada", "my-app", unknown, Mode.DEV))) {
      assertEquals(ErrorCode.NOT_FOUND, refusal(refused).code());
    }
    assertInstanceOf(
        Found.Missing.class, get(apps.find(Optional.empty(), "../x", "y", Optional.empty())));
  }

  @Test
  @DisplayName("the list of apps has the last changed app first")
  void lists() throws Exception {
    fixture.deploy(ADA, "app-1", Mode.DEV, "x");
    fixture.deploy(ADA, "app-2", Mode.DEV, "x");
    fixture.deploy(ADA, "app-1", Mode.DEV, "y");
    assertEquals(
        List.of("app-1", "app-2"),
        get(apps.apps(ADA)).stream().map(AppService.AppSummary::appSlug).toList());
    assertEquals(List.of(), get(apps.apps(BOB)));
  }

  @Test
  @DisplayName(
      "a slug with apps cannot be removed; a slug without apps is free for others afterwards")
  void removesSlugs() throws Exception {
    fixture.deploy(ADA, "my-app", Mode.DEV, "x");
    assertEquals(Optional.of("ownerHandle"), refusal(apps.removeUserSlug(ADA, "ada")).field());
    get(apps.bindUserSlug(ADA, Optional.of("free")));
    assertFalse(get(apps.removeUserSlug(BOB, "free")));
    assertTrue(get(apps.removeUserSlug(ADA, "free")));
    assertFalse(get(apps.removeUserSlug(ADA, "free")));
    assertEquals("free", get(apps.bindUserSlug(BOB, Optional.of("free"))).userSlug());
    assertEquals(
        List.of("ada"),
        get(apps.userSlugs(ADA)).stream().map(AppService.UserSlug::userSlug).toList());
    assertEquals(1, get(apps.userSlugs(ADA)).getFirst().apps());
  }

  @Test
  @DisplayName(
      "a published app has the name of its author from the request with the name until a request hides it")
  void author() throws Exception {
    fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "x");
    assertEquals(Optional.empty(), publish(AS_BEFORE));
    assertEquals(Optional.of("Ada L."), publish(new Attribution.Shown("  Ada L. ")));
    assertEquals(Optional.of("Ada L."), publish(AS_BEFORE));
    fixture.deploy(ADA, "my-app", Mode.PRODUCTION, "y");
    assertEquals(Optional.of("Ada L."), get(apps.reader().author("ada", "my-app")));
    assertEquals(
        Optional.of("Ada L."),
        ((Found.Public) get(apps.find(Optional.empty(), "ada", "my-app", Optional.empty())))
            .author());
    assertEquals(Optional.empty(), publish(new Attribution.Hidden()));
    assertEquals(List.of(), fixture.keys("app-authors"));
    assertEquals(Optional.empty(), get(apps.reader().author("ada", "my-app")));
  }

  private Optional<String> publish(Attribution attribution) throws Exception {
    return get(apps.publish(ADA, "ada", "my-app", Optional.empty(), attribution)).author();
  }
}
