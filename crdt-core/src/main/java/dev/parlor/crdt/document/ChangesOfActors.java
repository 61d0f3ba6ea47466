package dev.parlor.crdt.document;

/** The changes of each actor in the order of their sequence numbers. */
final class ChangesOfActors {

  private final ChangeTable changes;
  private final int[] ordered;
  private final int[] ends;

  /** Fails unless the sequence numbers of each actor are 1, 2, 3, ... and its counters ascend. */
  ChangesOfActors(ChangeTable changes, int actorCount) throws MalformedDocumentException {
    this.changes = changes;
    this.ends = new int[actorCount];
    this.ordered = new int[changes.size()];
    for (var i = 0; i < changes.size(); i++) {
      ends[changes.actor(i)]++;
    }
    var total = 0;
    var next = new int[actorCount];
    for (var actor = 0; actor < actorCount; actor++) {
      next[actor] = total;
      total += ends[actor];
      ends[actor] = total;
    }
    for (var i = 0; i < changes.size(); i++) {
      var actor = changes.actor(i);
      var place = next[actor]++;
      ordered[place] = i;
      var first = actor == 0 ? 0 : ends[actor - 1];
      if (changes.sequence(i) != place - first + 1
          || (place > first
              && changes.lastOperation(i) < changes.lastOperation(ordered[place - 1]))) {
        throw MalformedDocumentException.structure("the changes of an actor are not in order");
      }
    }
  }

  /** The actor's change that has the operation with this counter. */
  int changeWith(int actor, int counter) throws MalformedDocumentException {
    var low = actor == 0 ? 0 : ends[actor - 1];
    var high = ends[actor];
    while (low < high) {
      var middle = (low + high) >>> 1;
      if (changes.lastOperation(ordered[middle]) < counter) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == ends[actor]) {
      throw MalformedDocumentException.structure("an operation belongs to no change");
    }
    return ordered[low];
  }
}
