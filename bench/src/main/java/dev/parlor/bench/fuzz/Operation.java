package dev.parlor.bench.fuzz;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.operations.Action;
import dev.parlor.crdt.operations.OperationLimits;
import dev.parlor.crdt.operations.OperationReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation, independent of its change; mutations work on it.
 *
 * @param object null for the root
 * @param key null within a sequence
 * @param element null for the head or when there is a key
 * @param action the code in the column
 * @param mark the name at the beginning of a mark
 */
record Operation(
    @Nullable Id object,
    @Nullable Bytes key,
    @Nullable Id element,
    boolean insert,
    int action,
    int valueType,
    Bytes value,
    List<Id> predecessors,
    boolean expand,
    @Nullable Bytes mark) {

  /** The id of an operation: its author and its counter. */
  record Id(ActorId actor, long counter) implements Comparable<Id> {
    @Override
    public int compareTo(Id other) {
      var order = Long.compare(counter, other.counter);
      return order == 0 ? actor.compareTo(other.actor) : order;
    }
  }

  Operation {
    predecessors = List.copyOf(predecessors);
  }

  static final int SET = Action.SET.code();
  static final int DELETE = Action.DELETE.code();
  static final int INCREMENT = Action.INCREMENT.code();
  static final int MARK = Action.MARK.code();

  /** The operations of a well-formed change. */
  static List<Operation> of(ChangeChunk change) {
    var reader = OperationReader.open(change, OperationLimits.DEFAULT).orElseThrow();
    var operations = new ArrayList<Operation>();
    while (reader.next()) {
      var predecessors = new ArrayList<Id>();
      for (var i = 0; i < reader.predecessorCount(); i++) {
        predecessors.add(id(change, reader.predecessor(i)));
      }
      var name = reader.markName();
      operations.add(
          new Operation(
              reader.object() == OperationReader.NONE ? null : id(change, reader.object()),
              reader.isKeyed() ? reader.key() : null,
              reader.isKeyed() || reader.element() == OperationReader.NONE
                  ? null
                  : id(change, reader.element()),
              reader.isInsert(),
              reader.action().code(),
              reader.valueType(),
              reader.value(),
              predecessors,
              reader.expands(),
              name.isEmpty() ? null : name));
    }
    if (reader.failed()) {
      throw new IllegalArgumentException(reader.malformed().toString());
    }
    return List.copyOf(operations);
  }

  private static Id id(ChangeChunk change, long packed) {
    var actor = OperationReader.actorOf(packed);
    return new Id(
        actor == 0 ? change.actor() : change.otherActors().get(actor - 1),
        OperationReader.counterOf(packed));
  }

  Operation inObject(@Nullable Id other) {
    return new Operation(
        other, key, element, insert, action, valueType, value, predecessors, expand, mark);
  }

  Operation atPlace(@Nullable Bytes otherKey, @Nullable Id otherElement, boolean inserts) {
    return new Operation(
        object,
        otherKey,
        otherElement,
        inserts,
        action,
        valueType,
        value,
        predecessors,
        expand,
        mark);
  }

  Operation withAction(int newAction) {
    return new Operation(
        object, key, element, insert, newAction, valueType, value, predecessors, expand, mark);
  }

  Operation withValue(int type, Bytes newValue) {
    return new Operation(
        object, key, element, insert, action, type, newValue, predecessors, expand, mark);
  }

  Operation overwriting(List<Id> others) {
    return new Operation(
        object, key, element, insert, action, valueType, value, others, expand, mark);
  }

  Operation withMark(boolean expands, @Nullable Bytes name) {
    return new Operation(
        object, key, element, insert, action, valueType, value, predecessors, expands, name);
  }
}
