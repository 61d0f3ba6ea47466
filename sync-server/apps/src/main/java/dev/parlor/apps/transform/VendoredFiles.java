package dev.parlor.apps.transform;

import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;

/** The files of the packages that this server has. Safe from any thread; may block. */
@FunctionalInterface
public interface VendoredFiles {

  /**
   * Finds a file.
   *
   * @param path the part of the URL after {@code /~~vendor~~/}: {@code index.json}, or the id of
   *     the set, a slash, and the name of the file; any text from outside
   */
  Optional<File> find(String path);

  /** The origin of packages that browsers load from elsewhere; empty if they load none. */
  default Optional<String> outsideOrigin() {
    return Optional.empty();
  }

  /**
   * A file. Below the id of a set, the content of a path never changes.
   *
   * @param mediaType for example {@code text/javascript; charset=utf-8}
   * @param brotli the same content compressed by Brotli, if the build made it
   */
  record File(Bytes content, String mediaType, Optional<Bytes> brotli) {}
}
