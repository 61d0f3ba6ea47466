package dev.parlor.server.config;

import dev.parlor.relay.config.Setting;
import dev.parlor.relay.config.SettingsReader;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * Reads the settings of keys and tokens from before a rotation. They share one end time, which is
 * required: a forgotten old key would otherwise count forever. Used once by one thread.
 */
final class OldKeys {
  private final SettingsReader reader;
  private final InstantSource clock;
  private final Optional<Instant> until;
  private boolean isUsed;

  OldKeys(SettingsReader reader, InstantSource clock) {
    this.reader = reader;
    this.clock = clock;
    this.until = reader.notEmpty(RoomSetting.OLD_KEYS_UNTIL).flatMap(this::time);
  }

  private Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException _) {
      reader.problem(
          RoomSetting.OLD_KEYS_UNTIL, "must be a time in UTC such as 2027-01-31T12:00:00Z");
      return Optional.empty();
    }
  }

  /**
   * The value of an old key with the end of its time; empty if the setting is empty.
   *
   * @param current the setting of its successor, which must be set
   */
  <T> Optional<Temporary<T>> of(Setting old, Optional<T> value, Setting current) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    isUsed = true;
    if (reader.notEmpty(current).isEmpty()) {
      reader.problem(
          old.variable() + " is set without " + current.variable() + ", which replaces it");
    }
    if (reader.notEmpty(RoomSetting.OLD_KEYS_UNTIL).isEmpty()) {
      reader.problem(
          old.variable()
              + " needs "
              + RoomSetting.OLD_KEYS_UNTIL.variable()
              + ", the time from which on only "
              + current.variable()
              + " counts");
    }
    return until.map(end -> new Temporary<>(value.get(), end));
  }

  /** The warnings about an end time that has no effect. */
  Optional<String> note() {
    if (until.isPresent() && !isUsed) {
      return Optional.of(
          RoomSetting.OLD_KEYS_UNTIL.variable() + " has no effect: no old key or token is set");
    }
    return until
        .filter(end -> !clock.instant().isBefore(end))
        .map(
            end ->
                RoomSetting.OLD_KEYS_UNTIL.variable()
                    + " has passed: the old keys and tokens no longer count; remove their settings");
  }
}
