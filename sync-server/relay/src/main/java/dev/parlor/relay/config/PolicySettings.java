package dev.parlor.relay.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Rules for the content of the documents that are not rooms.
 *
 * @param file the policy file; empty if the permission in a document is all that counts
 */
public record PolicySettings(Optional<Path> file) {

  /** No rules for the content. */
  public static PolicySettings none() {
    return new PolicySettings(Optional.empty());
  }

  /** Reads the settings. Problems are collected in the reader. */
  static PolicySettings read(SettingsReader reader) {
    return new PolicySettings(
        reader
            .notEmpty(RelaySetting.DOCUMENT_POLICY)
            .map(_ -> reader.path(RelaySetting.DOCUMENT_POLICY)));
  }
}
