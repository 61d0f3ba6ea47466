package dev.parlor.relay.config;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of the documents that are not rooms.
 *
 * @param deletedKept the time for which the data of a deleted document is kept
 * @param webhook the receiver of webhooks; empty for none
 */
public record DocumentSettings(Duration deletedKept, Optional<Webhook> webhook) {

  private static final int DELETED_DAYS_MAX = 3_650;

  /** Data is kept for 30 days, and there are no webhooks. */
  public static DocumentSettings defaults() {
    return new DocumentSettings(Duration.ofDays(30), Optional.empty());
  }

  /**
   * The receiver of webhooks.
   *
   * @param url the address that deliveries are posted to
   * @param secret the key of the signatures, as {@code whsec_} and Base64
   */
  public record Webhook(URI url, Secret secret) {}

  /** Reads the settings. Problems are collected in the reader. */
  static DocumentSettings read(SettingsReader reader) {
    var days = reader.number(RelaySetting.DELETED_DAYS, 0, DELETED_DAYS_MAX);
    return new DocumentSettings(Duration.ofDays(days), WebhookSettings.read(reader));
  }
}
