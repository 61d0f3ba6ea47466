package dev.parlor.relay.storage;

import java.util.NavigableMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * MapDB's trees in the store's file. After a rollback the trees must be opened again, since MapDB
 * caches parts of them.
 *
 * @param meta see {@link StoreMetadata}
 * @param documents maps a document's id to its number
 * @param log changes, by {@link LogRecord#key}
 * @param snapshots snapshots, by the document's number
 * @param tables small records, by the table's name, NUL and the key
 */
record StoreTrees(
    DB db,
    NavigableMap<String, byte[]> meta,
    NavigableMap<String, byte[]> documents,
    NavigableMap<Long, byte[]> log,
    NavigableMap<Long, byte[]> snapshots,
    NavigableMap<String, byte[]> tables) {

  /**
   * Opens or creates the trees.
   *
   * @param exists whether the volume has contents; otherwise the trees are created
   */
  static StoreTrees open(JournaledVolume volume, boolean exists) {
    var db = DBMaker.volumeDB(volume, exists).make();
    return new StoreTrees(
        db,
        byText(db, "meta"),
        byText(db, "documents"),
        byNumber(db, "log"),
        byNumber(db, "snapshots"),
        byText(db, "tables"));
  }

  /** Opens existing trees that are only read. */
  static StoreTrees openToRead(FrozenVolume volume) {
    var db = DBMaker.volumeDB(volume, true).readOnly().make();
    return new StoreTrees(
        db,
        textMaker(db, "meta").open(),
        textMaker(db, "documents").open(),
        numberMaker(db, "log").open(),
        numberMaker(db, "snapshots").open(),
        textMaker(db, "tables").open());
  }

  private static DB.TreeMapMaker<String, byte[]> textMaker(DB db, String name) {
    return db.treeMap(name, Serializer.STRING, Serializer.BYTE_ARRAY).valuesOutsideNodesEnable();
  }

  private static DB.TreeMapMaker<Long, byte[]> numberMaker(DB db, String name) {
    return db.treeMap(name, Serializer.LONG, Serializer.BYTE_ARRAY).valuesOutsideNodesEnable();
  }

  private static NavigableMap<String, byte[]> byText(DB db, String name) {
    return textMaker(db, name).createOrOpen();
  }

  private static NavigableMap<Long, byte[]> byNumber(DB db, String name) {
    return numberMaker(db, name).createOrOpen();
  }
}
