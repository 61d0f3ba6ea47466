package dev.parlor.relay.storage;

import java.util.Set;

/**
 * The kinds of tables, by their names. A data directory keeps the records of all kinds together, a
 * cluster keeps each kind in another place, so a move from one to the other needs the kinds.
 */
public final class StoredTables {

  /** Where the records of a table belong. */
  public enum Kind {
    /** Tables of {@link ChangeStore#table}. */
    PLAIN,
    /** Tables of {@link ChangeStore#tableOf}. */
    OF_DOCUMENTS,
    /** Tables of {@link RecordStore}. */
    IN_BATCHES
  }

  /** The tables of documents. Each key begins with the id of a document. */
  public static final Set<String> OF_DOCUMENTS =
      Set.of(
          "authors",
          "document-owners",
          "ended",
          "epochs",
          "generations",
          "queues",
          "tombstones",
          "waiting",
          "webhook-untold");

  /** The tables whose records change together. */
  public static final Set<String> IN_BATCHES =
      Set.of(
          "accounts",
          "app-authors",
          "apps",
          "apps-by-user",
          "apps-fs",
          "appslugs",
          "appslugs-by-user",
          "asset-owners",
          "asset-times",
          "assets",
          "context-accounts",
          "contexts",
          "contexts-by-user",
          "room-image-accounts",
          "room-images",
          "sections",
          "user-settings",
          "userslugs",
          "userslugs-by-user",
          "vendored-sets");

  private StoredTables() {}

  /** The kind of a table. */
  public static Kind kindOf(String table) {
    return OF_DOCUMENTS.contains(table)
        ? Kind.OF_DOCUMENTS
        : IN_BATCHES.contains(table) ? Kind.IN_BATCHES : Kind.PLAIN;
  }
}
