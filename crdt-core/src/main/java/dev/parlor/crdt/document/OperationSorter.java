package dev.parlor.crdt.document;

import java.util.Arrays;

/**
 * Puts the operations of a document in Automerge's order, see {@link OperationOrder}, in linear
 * time. The elements of a list are the nodes of a tree, and its pre-order is the order of the
 * elements, so concurrent insertions at one place cost no more than others. Sixteen bytes for each
 * operation.
 */
final class OperationSorter {

  private static final int NONE = -1;
  private static final int ROOT = 0;

  private final OperationTable operations;
  private final OperationIds ids;

  /** The number of the object of each operation, in the order of objects; 0 is the root. */
  private final int[] objects;

  /** The place of each operation in its object: of its key, or of its element. */
  private final int[] places;

  private int objectMax;

  private OperationSorter(OperationTable operations, OperationIds ids) {
    this.operations = operations;
    this.ids = ids;
    this.objects = new int[operations.size()];
    this.places = new int[operations.size()];
  }

  /** The positions of the operations in Automerge's order. */
  static int[] order(OperationTable operations, OperationIds ids)
      throws MalformedDocumentException {
    var sorter = new OperationSorter(operations, ids);
    sorter.numberObjects();
    var elements = sorter.placeElements();
    var placeMax = Math.max(elements, sorter.placeKeys());
    var byPlace = OperationIds.sorted(ids.ordered(), at -> sorter.places[at], placeMax);
    return OperationIds.sorted(byPlace, at -> sorter.objects[at], sorter.objectMax);
  }

  private void numberObjects() throws MalformedDocumentException {
    for (var at : ids.ordered()) {
      places[at] = makesObject(at) ? ++objectMax : ROOT;
    }
    var lastActor = NONE;
    var lastCounter = NONE;
    var last = ROOT;
    for (var at = 0; at < objects.length; at++) {
      var actor = operations.objectActor(at);
      var counter = operations.objectCounter(at);
      if (actor != lastActor || counter != lastCounter) {
        lastActor = actor;
        lastCounter = counter;
        last = actor == NONE ? ROOT : places[ids.position(actor, counter)];
        if (last == ROOT && actor != NONE) {
          throw MalformedDocumentException.structure("an operation is in a value, not an object");
        }
      }
      objects[at] = last;
    }
  }

  /** Whether the operation makes a map, a list, a text or a table: the even actions. */
  private boolean makesObject(int operation) {
    return (operations.action(operation) & 1) == 0;
  }

  /** Places the operations on elements; the result is the number of elements. */
  private int placeElements() throws MalformedDocumentException {
    var firstChildren = new int[objects.length];
    var nextSiblings = new int[objects.length];
    var firstElements = new int[objectMax + 1];
    Arrays.fill(firstChildren, NONE);
    Arrays.fill(firstElements, NONE);
    var elements = 0;
    // In ascending order, so that each element comes before its siblings with lower ids.
    for (var at : ids.ordered()) {
      if (operations.keyNumber(at) != OperationTable.NONE) {
        continue;
      }
      var isAtHead = operations.keyActor(at) == OperationTable.NONE;
      var element =
          isAtHead ? NONE : ids.position(operations.keyActor(at), operations.keyCounter(at));
      if (isAtHead
          ? !operations.isInsert(at)
          : !operations.isInsert(element) || objects[element] != objects[at]) {
        throw MalformedDocumentException.structure("an operation is on no element of its list");
      }
      if (!operations.isInsert(at)) {
        places[at] = element; // replaced by the element's place below
      } else if (isAtHead) {
        nextSiblings[at] = firstElements[objects[at]];
        firstElements[objects[at]] = at;
        elements++;
      } else {
        nextSiblings[at] = firstChildren[element];
        firstChildren[element] = at;
        elements++;
      }
    }
    numberElements(firstElements, firstChildren, nextSiblings, elements);
    for (var at = 0; at < places.length; at++) {
      if (operations.keyNumber(at) == OperationTable.NONE && !operations.isInsert(at)) {
        places[at] = places[places[at]];
      }
    }
    return elements;
  }

  private void numberElements(
      int[] firstElements, int[] firstChildren, int[] nextSiblings, int elements)
      throws MalformedDocumentException {
    var next = 0;
    var later = new int[64];
    for (var first : firstElements) {
      var depth = 0;
      for (var at = first; at != NONE; ) {
        places[at] = next++;
        var child = firstChildren[at];
        var sibling = nextSiblings[at];
        if (child != NONE && sibling != NONE) {
          if (depth == later.length) {
            later = Arrays.copyOf(later, depth * 2);
          }
          later[depth++] = sibling;
          at = child;
        } else if (child != NONE) {
          at = child;
        } else if (sibling != NONE) {
          at = sibling;
        } else {
          at = depth == 0 ? NONE : later[--depth];
        }
      }
    }
    if (next != elements) {
      throw MalformedDocumentException.structure("elements of a list follow each other in a cycle");
    }
  }

  /** Places the operations on keys of maps; the result is the highest place. */
  private int placeKeys() {
    var ranks = operations.stringRanks();
    for (var at = 0; at < places.length; at++) {
      if (operations.keyNumber(at) != OperationTable.NONE) {
        places[at] = ranks[operations.keyNumber(at)];
      }
    }
    return ranks.length;
  }
}
