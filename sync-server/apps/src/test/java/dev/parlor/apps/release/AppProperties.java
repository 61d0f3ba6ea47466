package dev.parlor.apps.release;

import static dev.parlor.apps.release.AppsFixture.ADA;
import static dev.parlor.apps.release.AppsFixture.BOB;
import static dev.parlor.apps.release.AppsFixture.code;
import static dev.parlor.apps.release.AppsFixture.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.release.AppRecords.Account;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Invariants of apps after any sequence of requests, several at once. */
class AppProperties {
  private static final int APPS = 3;
  private static final int CONTENTS = 8;
  private static final Quotas QUOTAS = new Quotas(2, 2, 5, 1_000_000, 10);

  /**
   * A request.
   *
   * @param kind 0 to 5: deploy in dev, deploy in production, publish, unpublish, set to dev, set to
   *     production
   */
  record Step(boolean ada, int kind, int app, int content) {}

  @Provide
  Arbitrary<List<List<Step>>> rounds() {
    var step =
        Combinators.combine(
                Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 5),
                Arbitraries.integers().between(1, APPS),
                Arbitraries.integers().between(1, CONTENTS))
            .as(Step::new);
    return step.list().ofMinSize(1).ofMaxSize(6).list().ofMinSize(1).ofMaxSize(10);
  }

  @Property(tries = 150)
  @Label(
      "after any requests, several at once, numbers are unique and at most the last, production releases are kept, and the counts match the records")
  void invariants(@ForAll("rounds") List<List<Step>> rounds) throws Exception {
    var fixture = new AppsFixture(QUOTAS);
    AppsFixture.get(fixture.apps.bindUserSlug(ADA, Optional.of("ada")));
    AppsFixture.get(fixture.apps.bindUserSlug(BOB, Optional.of("bob")));
    Map<String, Set<Long>> numbers = new HashMap<>();
    for (var round : rounds) {
      var production = production(fixture);
      var futures = new ArrayList<CompletableFuture<?>>();
      round.forEach(step -> futures.add(start(fixture.apps, step)));
      for (var future : futures) {
        note(future, numbers);
      }
      check(fixture, numbers);
      if (round.stream().noneMatch(step -> step.kind() == 4)) {
        assertTrue(production(fixture).containsAll(production), "a production release was removed");
      }
    }
  }

  private static CompletableFuture<?> start(StoredApps apps, Step step) {
    var user = step.ada() ? ADA : BOB;
    var slug = step.ada() ? "ada" : "bob";
    var app = "app-" + step.app();
    return switch (step.kind()) {
      case 0, 1 ->
          apps.deploy(
              user,
              request(
                  step.kind() == 0 ? Mode.DEV : Mode.PRODUCTION,
                  app,
                  code("/App.jsx", "x" + step.content())));
      case 2 -> apps.publish(user, slug, app, Optional.empty(), new Attribution.Unchanged());
      case 3 -> apps.setUnpublished(user, slug, app, step.content() % 2 == 0);
      default ->
          apps.versions(user, slug, app)
              .thenCompose(
                  versions ->
                      apps.setMode(
                          user,
                          slug,
                          app,
                          versions.get(step.content() % versions.size()).fsId(),
                          step.kind() == 4 ? Mode.DEV : Mode.PRODUCTION));
    };
  }

  /** Records the number of a new release; a refused request changes nothing. */
  private static void note(CompletableFuture<?> future, Map<String, Set<Long>> numbers)
      throws Exception {
    try {
      if (AppsFixture.get(future) instanceof Deployment(var release, _)) {
        numbers
            .computeIfAbsent(release.userSlug() + "/" + release.appSlug(), _ -> new HashSet<>())
            .add(release.releaseSeq());
      }
    } catch (ExecutionException e) {
      assertTrue(e.getCause() instanceof AppsException, "" + e.getCause());
    }
  }

  private static void check(AppsFixture fixture, Map<String, Set<Long>> numbers) throws Exception {
    assertEquals(List.of("ada", "bob"), fixture.keys("userslugs"));
    for (var app : numbers.entrySet()) {
      var given = app.getValue().size();
      assertTrue(
          app.getValue().stream().allMatch(number -> number >= 1 && number <= given),
          app + ": the numbers have no gap");
    }
    assertEquals(fixture.keys("apps").size(), fixture.keys("apps-fs").size());
    assertEquals(fixture.keys("apps").size(), fixture.keys("apps-by-user").size());
    for (var user : List.of(ADA, BOB)) {
      var slug = user.equals(ADA) ? "ada" : "bob";
      var account = account(fixture, user);
      var releases = fixture.keys("apps").stream().filter(key -> key.startsWith(slug)).count();
      assertEquals(releases, account.releases(), user);
      assertTrue(releases <= QUOTAS.releasesMax(), user);
      assertEquals(
          fixture.keys("appslugs").stream().filter(key -> key.startsWith(slug)).count(),
          account.apps(),
          user);
      assertEquals(bytes(fixture, user, slug), account.bytes(), user);
    }
  }

  /** The bytes of the distinct assets of the user's releases. */
  private static long bytes(AppsFixture fixture, String user, String slug) throws Exception {
    var sizes = new HashMap<String, Long>();
    for (var app = 1; app <= APPS; app++) {
      var name = "app-" + app;
      if (fixture.keys("appslugs").contains(slug + "/" + name)) {
        for (var version : AppsFixture.get(fixture.apps.versions(user, slug, name))) {
          var found =
              AppsFixture.get(
                  fixture.apps.find(Optional.of(user), slug, name, Optional.of(version.fsId())));
          ((AppService.Found.Own) found)
              .release()
              .files()
              .forEach(file -> sizes.put(file.assetId().text(), file.size()));
        }
      }
    }
    var owned = fixture.keys("asset-owners").stream().filter(key -> key.endsWith("/" + user));
    assertEquals(sizes.size(), owned.count(), "the uses of assets");
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The production releases, as keys. */
  private static Set<String> production(AppsFixture fixture) throws Exception {
    var found = new HashSet<String>();
    for (var key : fixture.keys("apps-by-user")) {
      var mode = AppsFixture.get(fixture.store.read(new RecordKey("apps-by-user", key)));
      if (mode.orElseThrow().value().toUtf8().equals(Mode.PRODUCTION.wire())) {
        found.add(key);
      }
    }
    return found;
  }

  private static Account account(AppsFixture fixture, String user) throws Exception {
    return AppsFixture.get(fixture.store.read(new RecordKey("accounts", user)))
        .map(found -> new JsonRecord<>(Account.class).read(found.value()))
        .orElse(Account.EMPTY);
  }
}
