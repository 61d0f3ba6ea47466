package dev.parlor.crdt.operations;

/** The objects of one document by number: type, parent, key in the parent, depth. */
final class ObjectTable {

  static final int MAP = 0;
  static final int LIST = 1;
  static final int TEXT = 2;

  private final IntList types = new IntList();
  private final IntList parents = new IntList();
  private final IntList parentKeys = new IntList();
  private final IntList depths = new IntList();

  /** The number of objects before the staged change. */
  private int sizeBefore;

  /** Adds an object and returns its number. */
  int add(int type, int parent, int key, int depth) {
    types.add(type);
    parents.add(parent);
    parentKeys.add(key);
    depths.add(depth);
    return types.size() - 1;
  }

  int type(int object) {
    return types.get(object);
  }

  int parent(int object) {
    return parents.get(object);
  }

  int parentKey(int object) {
    return parentKeys.get(object);
  }

  int depth(int object) {
    return depths.get(object);
  }

  void begin() {
    sizeBefore = types.size();
  }

  /** Whether the staged change makes the object. */
  boolean isNew(int object) {
    return object >= sizeBefore;
  }

  void rollback() {
    types.truncate(sizeBefore);
    parents.truncate(sizeBefore);
    parentKeys.truncate(sizeBefore);
    depths.truncate(sizeBefore);
  }

  long heapBytes() {
    return types.heapBytes() + parents.heapBytes() + parentKeys.heapBytes() + depths.heapBytes();
  }
}
