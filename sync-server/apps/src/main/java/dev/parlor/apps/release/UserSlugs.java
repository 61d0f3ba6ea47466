package dev.parlor.apps.release;

import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Futures;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.slug.Slugs;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The slugs of users. A slug is claimed first, in a separate batch, since all users share the
 * names; then it is listed and counted for its user. A crash between the two leaves a claim of this
 * user, and the next binding of the slug completes it. Blocks; runs on virtual threads.
 */
final class UserSlugs {
  private final Transactions transactions;
  private final Quotas quotas;
  private final Supplier<String> newSlug;
  private final InstantSource clock;

  UserSlugs(
      Transactions transactions, Quotas quotas, Supplier<String> newSlug, InstantSource clock) {
    this.transactions = transactions;
    this.quotas = quotas;
    this.newSlug = newSlug;
    this.clock = clock;
  }

  List<AppService.UserSlug> all(String userId) {
    return Futures.await(transactions.run(userId, one -> new AppRecords(one, userId).userSlugs()));
  }

  /** The slug that was bound first; empty if the user has none. */
  Optional<String> first(String userId) {
    return all(userId).stream()
        .min(Comparator.comparing(AppService.UserSlug::created))
        .map(AppService.UserSlug::userSlug);
  }

  /** The slug that was bound first; if the user has none, a drawn slug is bound. */
  String firstOrNew(String userId) {
    var inUse = new HashSet<String>();
    for (var draw = 0; draw < AppLimits.SLUG_DRAWS_MAX; draw++) {
      var slug =
          Futures.await(
              transactions.run(userId, one -> candidate(new AppRecords(one, userId), inUse)));
      if (bind(userId, slug).isPresent()) {
        return slug;
      }
      inUse.add(slug);
    }
    throw exhausted();
  }

  /**
   * The first slug of the user, or else the slug that was drawn for the user, or else a new one.
   */
  private String candidate(AppRecords records, Set<String> inUse) {
    var account = records.account();
    var first =
        records.userSlugs().stream().min(Comparator.comparing(AppService.UserSlug::created));
    if (account.slugs() > 0 && first.isPresent()) {
      return first.get().userSlug();
    }
    var drawn = account.drawnSlug();
    if (drawn != null && !inUse.contains(drawn)) {
      return drawn;
    }
    var slug = newSlug.get();
    records.account(account.withDrawnSlug(slug));
    return slug;
  }

  /** Binds this slug, or a new one. */
  AppService.UserSlug bind(String userId, Optional<String> chosen) {
    if (chosen.isPresent()) {
      var slug = Slugs.requireUserSlug(chosen.get());
      return bind(userId, slug).orElseThrow(() -> ownedByAnother(slug));
    }
    for (var draw = 0; draw < AppLimits.SLUG_DRAWS_MAX; draw++) {
      var slug = newSlug.get();
      if (Slugs.isSlug(slug)) {
        var bound = bind(userId, slug);
        if (bound.isPresent()) {
          return bound.get();
        }
      }
    }
    throw exhausted();
  }

  /** The refusal after several draws of slugs that are in use. */
  static AppsException exhausted() {
    return AppsException.of(
        ErrorCode.SLUG_EXHAUSTED,
        AppLimits.SLUG_DRAWS_MAX + " drawn slugs are in use; choose a slug and send it");
  }

  /** The refusal of a slug that belongs to another user. */
  static AppsException ownedByAnother(String slug) {
    return AppsException.of(
            ErrorCode.OWNED_BY_ANOTHER, "the slug " + slug + " belongs to another user")
        .at("ownerHandle");
  }

  /** Binds a slug; empty if it belongs to another user. */
  private Optional<AppService.UserSlug> bind(String userId, String slug) {
    var now = clock.instant().toString();
    Futures.await(
        transactions.run(
            userId,
            one -> {
              var records = new AppRecords(one, userId);
              return requirePlace(records, slug);
            }));
    var isOwn =
        Futures.await(
            transactions.run(
                slug,
                one -> {
                  var records = new AppRecords(one, userId);
                  var claim = records.userSlug(slug);
                  if (claim.isEmpty()) {
                    records.claim(slug, now);
                  }
                  return claim.map(found -> found.userId().equals(userId)).orElse(true);
                }));
    if (!isOwn) {
      return Optional.empty();
    }
    return Optional.of(
        Futures.await(
            transactions.run(
                userId,
                one -> {
                  var records = new AppRecords(one, userId);
                  var boundAt = records.boundAt(slug);
                  if (boundAt.isEmpty()) {
                    records.account(requirePlace(records, slug).withSlugs(1));
                    records.list(slug, now);
                  }
                  return new AppService.UserSlug(
                      slug, boundAt.orElse(Instant.parse(now)), records.apps(slug).size());
                })));
  }

  private AppRecords.Account requirePlace(AppRecords records, String slug) {
    var account = records.account();
    if (records.boundAt(slug).isEmpty() && account.slugs() >= quotas.userSlugsMax()) {
      throw AppsException.of(
          ErrorCode.MAX_USER_SLUGS_REACHED,
          "a user has at most "
              + quotas.userSlugsMax()
              + " slugs; remove a slug without apps with delete-user-slug-binding");
    }
    return account;
  }

  /** Removes a slug without apps; false if the user does not have it. */
  boolean remove(String userId, String slug) {
    var wasListed =
        Futures.await(
            transactions.run(
                userId,
                one -> {
                  var records = new AppRecords(one, userId);
                  if (records.boundAt(slug).isEmpty()) {
                    return false;
                  }
                  if (!records.apps(slug).isEmpty()) {
                    throw AppsException.field(
                        "ownerHandle",
                        "the slug " + slug + " has apps; only a slug without apps can be removed");
                  }
                  records.account(records.account().withSlugs(-1));
                  records.unlist(slug);
                  return true;
                }));
    if (wasListed) {
      Futures.await(
          transactions.run(
              slug,
              one -> {
                new AppRecords(one, userId).removeClaim(slug);
                return slug;
              }));
    }
    return wasListed;
  }
}
