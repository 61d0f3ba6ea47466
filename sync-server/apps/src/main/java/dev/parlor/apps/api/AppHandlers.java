package dev.parlor.apps.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.address.AppUrls;
import dev.parlor.apps.content.ContentId;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.message.Answers;
import dev.parlor.apps.message.Fields;
import dev.parlor.apps.message.FileReader;
import dev.parlor.apps.release.AppService;
import dev.parlor.apps.release.AppService.Found;
import dev.parlor.apps.release.Attribution;
import dev.parlor.apps.release.DeployRequest;
import dev.parlor.apps.release.Deployment;
import dev.parlor.apps.release.Mode;
import dev.parlor.apps.release.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The requests about apps and their releases. */
final class AppHandlers {
  /** Fields that clients send and that change nothing here. */
  private static final List<String> ACCEPTED = List.of("runId", "message", "posture", "anonWrite");

  private static final Set<String> OPEN_POSTURES = Set.of("open", "default");

  private final AppService apps;
  private final AppUrls urls;

  AppHandlers(AppService apps, AppUrls urls) {
    this.apps = apps;
    this.urls = urls;
  }

  void addTo(Routes routes) {
    routes.add("req-ensure-app-slug", this::deploy);
    routes.add("req-publish-app", this::publish);
    routes.add("req-set-unpublish", this::setUnpublished);
    routes.add("req-list-versions", this::versions);
    routes.add("req-set-mode-fs", this::setMode);
    routes.addAnonymous("req-get-app-by-fsid", this::find);
    routes.add("req-list-recent-vibes", this::recent);
  }

  private CompletableFuture<ObjectNode> deploy(Caller caller, Fields payload) {
    requireOpen(payload);
    var request =
        new DeployRequest(
            mode(payload),
            payload.optionalText("appSlug"),
            userSlug(payload),
            payload.texts("env"),
            FileReader.read(payload));
    ACCEPTED.forEach(payload::get);
    var unread = payload.unread();
    return apps.deploy(caller.user(), request).thenApply(deployed -> deployed(deployed, unread));
  }

  private ObjectNode deployed(Deployment deployment, List<String> unread) {
    var release = deployment.release();
    var answer = ofRelease("res-ensure-app-slug", release);
    answer.set("env", Answers.texts(release.environment()));
    answer.set("fileSystem", Answers.files(release.files()));
    var fsId =
        release.mode() == Mode.DEV ? Optional.of(release.fsId()) : Optional.<ContentId>empty();
    answer.put("entryPointUrl", urls.app(release.userSlug(), release.appSlug(), fsId).toString());
    answer.put("wrapperUrl", urls.page(release.userSlug(), release.appSlug(), fsId).toString());
    var warnings = new ArrayList<>(deployment.warnings());
    unread.forEach(
        name -> warnings.add("the field " + name + " is unknown here and does not count"));
    answer.set("warnings", Answers.texts(warnings));
    return answer;
  }

  private CompletableFuture<ObjectNode> publish(Caller caller, Fields payload) {
    requireOpen(payload);
    var attribution =
        Attribution.of(payload.optionalFlag("showAuthor"), payload.optionalText("authorName"));
    return apps.publish(
            caller.user(),
            requiredUserSlug(payload),
            payload.text("appSlug"),
            fsId(payload),
            attribution)
        .thenApply(
            published ->
                withAuthor(ofRelease("res-publish-app", published.release()), published.author())
                    .put("published", true));
  }

  private CompletableFuture<ObjectNode> setUnpublished(Caller caller, Fields payload) {
    var userSlug = requiredUserSlug(payload);
    var appSlug = payload.text("appSlug");
    if (payload.get("unpublish").isEmpty()) {
      throw AppsException.field("unpublish", "unpublish is missing");
    }
    return apps.setUnpublished(caller.user(), userSlug, appSlug, payload.flag("unpublish", false))
        .thenApply(
            result ->
                Answers.ofApp("res-set-unpublish", userSlug, appSlug)
                    .put("unpublishedAt", result.unpublishedAt().map(Object::toString).orElse(""))
                    .put(
                        "previousUnpublishedAt",
                        result.previous().map(Object::toString).orElse("")));
  }

  private CompletableFuture<ObjectNode> versions(Caller caller, Fields payload) {
    var userSlug = requiredUserSlug(payload);
    var appSlug = payload.text("appSlug");
    return apps.versions(caller.user(), userSlug, appSlug)
        .thenApply(
            versions -> {
              var answer = Answers.ofApp("res-list-versions", userSlug, appSlug);
              var items = answer.putArray("items");
              versions.forEach(
                  version ->
                      items
                          .addObject()
                          .put("fsId", version.fsId().text())
                          .put("mode", version.mode().wire())
                          .put("releaseSeq", version.releaseSeq())
                          .put("created", version.created().toString())
                          .put("published", version.published()));
              return answer;
            });
  }

  private CompletableFuture<ObjectNode> setMode(Caller caller, Fields payload) {
    var id = fsId(payload).orElseThrow(() -> AppsException.field("fsId", "fsId is missing"));
    return apps.setMode(
            caller.user(), requiredUserSlug(payload), payload.text("appSlug"), id, mode(payload))
        .thenApply(release -> ofRelease("res-set-mode-fs", release));
  }

  private CompletableFuture<ObjectNode> find(Caller caller, Fields payload) {
    var userSlug = requiredUserSlug(payload);
    var appSlug = payload.text("appSlug");
    return apps.find(caller.userId(), userSlug, appSlug, fsId(payload))
        .thenApply(
            found ->
                switch (found) {
                  case Found.Own(var release, var author) -> found(release, author, "owner");
                  case Found.Public(var release, var author) ->
                      found(release, author, "public-access");
                  case Found.Hidden() -> absent(userSlug, appSlug, "unpublished");
                  case Found.Missing() -> absent(userSlug, appSlug, "not-found");
                });
  }

  /** Adds whether the app's page shows the author, and the name. */
  private static ObjectNode withAuthor(ObjectNode answer, Optional<String> author) {
    answer.put("showAuthor", author.isPresent());
    author.ifPresent(name -> answer.put("authorName", name));
    return answer;
  }

  private static ObjectNode found(Release release, Optional<String> author, String grant) {
    var answer = withAuthor(ofRelease("res-get-app-by-fsid", release), author).put("grant", grant);
    answer.set("env", Answers.texts(release.environment()));
    answer.set("fileSystem", Answers.files(release.files()));
    answer.putArray("meta");
    return answer.put("created", release.created().toString());
  }

  /** The answer about a release that is not shown, in the form that clients require. */
  private static ObjectNode absent(String userSlug, String appSlug, String grant) {
    var answer =
        Answers.ofApp("res-get-app-by-fsid", userSlug, appSlug)
            .put("mode", Mode.PRODUCTION.wire())
            .put("grant", grant)
            .put("releaseSeq", 0)
            .put("created", "");
    answer.putObject("env");
    answer.putArray("fileSystem");
    answer.putArray("meta");
    return answer;
  }

  private CompletableFuture<ObjectNode> recent(Caller caller, Fields payload) {
    return apps.apps(caller.user())
        .thenApply(
            all -> {
              var answer = Answers.of("res-list-recent-vibes");
              var items = answer.putArray("items");
              all.forEach(
                  app ->
                      items
                          .addObject()
                          .put("ownerHandle", app.userSlug())
                          .put("appSlug", app.appSlug())
                          .put("updated", app.updated().toString()));
              return answer;
            });
  }

  private static ObjectNode ofRelease(String name, Release release) {
    return Answers.ofApp(name, release.userSlug(), release.appSlug())
        .put("fsId", release.fsId().text())
        .put("mode", release.mode().wire())
        .put("releaseSeq", release.releaseSeq());
  }

  private static Mode mode(Fields payload) {
    return switch (payload.text("mode")) {
      case "production" -> Mode.PRODUCTION;
      case "dev" -> Mode.DEV;
      default -> throw AppsException.field("mode", "mode must be production or dev");
    };
  }

  private static Optional<ContentId> fsId(Fields payload) {
    return payload
        .optionalText("fsId")
        .map(
            text ->
                ContentId.parse(text)
                    .orElseThrow(
                        () ->
                            AppsException.of(
                                    ErrorCode.NOT_FOUND, "this app has no release with these files")
                                .at("fsId")));
  }

  /** The user's slug under either of its names. */
  static Optional<String> userSlug(Fields payload) {
    var handle = payload.optionalText("ownerHandle");
    var slug = payload.optionalText("userSlug");
    if (handle.isPresent() && slug.isPresent() && !handle.equals(slug)) {
      throw AppsException.field(
          "ownerHandle", "ownerHandle and userSlug are two names of one field and must be equal");
    }
    return handle.or(() -> slug);
  }

  private static String requiredUserSlug(Fields payload) {
    return userSlug(payload)
        .orElseThrow(() -> AppsException.field("ownerHandle", "ownerHandle is missing"));
  }

  /** Refuses a request for an app that only some people may open: every app here is public. */
  private static void requireOpen(Fields payload) {
    var posture = payload.optionalText("posture");
    if (posture.isPresent() && !OPEN_POSTURES.contains(posture.get())) {
      throw AppsException.field(
          "posture",
          "posture must be open or default: everybody with the link can open an app on this server");
    }
  }
}
