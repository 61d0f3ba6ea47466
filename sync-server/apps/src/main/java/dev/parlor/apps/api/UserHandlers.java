package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Fields;
import dev.parlor.apps.release.AppService;
import dev.parlor.apps.settings.UserSettings;
import java.util.concurrent.CompletableFuture;

/** The requests about the slugs and settings of a user. */
final class UserHandlers {
  /** The one tenant of this server; clients require the field. */
  private static final String TENANT = "parlor";

  private final AppService apps;
  private final UserSettings settings;

  UserHandlers(AppService apps, UserSettings settings) {
    this.apps = apps;
    this.settings = settings;
  }

  void addTo(Routes routes) {
    routes.add("req-create-user-slug-binding", this::bind);
    routes.add("req-delete-user-slug-binding", this::remove);
    routes.add("req-list-user-slug-bindings", this::list);
    routes.add("req-ensure-user-settings", this::ensureSettings);
  }

  private CompletableFuture<ObjectNode> bind(Caller caller, Fields payload) {
    return apps.bindUserSlug(caller.user(), AppHandlers.userSlug(payload))
        .thenApply(
            bound ->
                Answers.of("res-create-user-slug-binding")
                    .put("ownerHandle", bound.userSlug())
                    .put("userSlug", bound.userSlug())
                    .put("tenant", TENANT)
                    .put("created", bound.created().toString()));
  }

  private CompletableFuture<ObjectNode> remove(Caller caller, Fields payload) {
    var slug =
        AppHandlers.userSlug(payload)
            .orElseThrow(() -> AppsException.field("ownerHandle", "ownerHandle is missing"));
    return apps.removeUserSlug(caller.user(), slug)
        .thenApply(
            removed ->
                Answers.of("res-delete-user-slug-binding")
                    .put("ownerHandle", slug)
                    .put("deleted", removed));
  }

  private CompletableFuture<ObjectNode> list(Caller caller, Fields payload) {
    return apps.userSlugs(caller.user())
        .thenApply(
            slugs -> {
              var answer = Answers.of("res-list-user-slug-bindings");
              var items = answer.putArray("items");
              slugs.forEach(
                  slug ->
                      items
                          .addObject()
                          .put("ownerHandle", slug.userSlug())
                          .put("tenant", TENANT)
                          .put("created", slug.created().toString())
                          .put("appSlugCount", slug.apps()));
              return answer;
            });
  }

  private CompletableFuture<ObjectNode> ensureSettings(Caller caller, Fields payload) {
    payload.objects("settings").forEach(setting -> setting.text("type"));
    return settings
        .ensure(caller.user(), payload.list("settings"))
        .thenApply(
            stored -> {
              var answer = Answers.of("res-ensure-user-settings");
              answer.put("userId", caller.user());
              answer.set("settings", stored.settings());
              answer.put("updated", stored.updated());
              answer.put("created", stored.created());
              return answer;
            });
  }
}
