package dev.parlor.apps.transform;

import dev.parlor.apps.content.ContentId;
import dev.parlor.crdt.identity.Bytes;
import java.util.Optional;

/** The files of the packages that this server has. Safe from any thread; may block. */
public interface VendoredFiles {

  /**
   * Finds a file.
   *
   * @param path the part of the URL after {@code /~~vendor~~/}: the id of the set, a slash, and the
   *     name of the file; any text from outside
   */
  Optional<File> find(String path);

  /**
   * A file.
   *
   * @param id the id of the content
   * @param mediaType for example {@code text/javascript; charset=utf-8}
   */
  record File(ContentId id, Bytes content, String mediaType) {}
}
