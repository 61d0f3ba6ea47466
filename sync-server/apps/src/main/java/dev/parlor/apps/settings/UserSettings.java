package dev.parlor.apps.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;
import dev.parlor.apps.record.JsonRecord;
import dev.parlor.apps.record.Transactions;
import dev.parlor.relay.storage.RecordStore.RecordKey;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Settings of a user as objects with a type; a new object replaces the object of its type. */
public final class UserSettings {
  private final Transactions transactions;
  private final InstantSource clock;
  private final JsonRecord<Stored> json = new JsonRecord<>(Stored.class);

  public UserSettings(Transactions transactions, InstantSource clock) {
    this.transactions = transactions;
    this.clock = clock;
  }

  /**
   * All settings of a user.
   *
   * @param settings the objects as given
   * @param created as ISO-8601 in UTC
   */
  public record Stored(JsonNode settings, String updated, String created) {}

  /**
   * Replaces the settings of the given types; without any it reads all.
   *
   * @return all settings; fails with {@code too-large} above the limit
   */
  public CompletableFuture<Stored> ensure(String userId, List<JsonNode> settings) {
    var key = new RecordKey("user-settings", userId);
    return transactions.run(
        userId,
        transaction -> {
          var now = clock.instant().toString();
          var before = transaction.read(key).map(json::read);
          if (settings.isEmpty() && before.isPresent()) {
            return before.get();
          }
          var byType = new LinkedHashMap<String, JsonNode>();
          before.ifPresent(
              stored ->
                  stored.settings().forEach(one -> byType.put(one.path("type").asText(), one)));
          settings.forEach(one -> byType.put(one.path("type").asText(), one));
          var all = JsonNodeFactory.instance.arrayNode().addAll(byType.values());
          var stored = new Stored(all, now, before.map(Stored::created).orElse(now));
          var bytes = json.write(stored);
          if (bytes.length() > AppLimits.SETTINGS_BYTES_MAX) {
            throw AppsException.of(
                    ErrorCode.TOO_LARGE,
                    "the settings of a user have at most "
                        + AppLimits.SETTINGS_BYTES_MAX
                        + " bytes")
                .at("settings");
          }
          transaction.put(key, bytes);
          return stored;
        });
  }
}
