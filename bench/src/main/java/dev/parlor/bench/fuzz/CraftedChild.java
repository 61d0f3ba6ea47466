package dev.parlor.bench.fuzz;

import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Snapshots;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The child process, which may crash. It applies admitted changes through Automerge's bindings, as
 * the server's replica does, and checks the result. It reads commands from its input and answers on
 * its output.
 */
public final class CraftedChild {

  /** Opens a document of these changes: count, then length and bytes of each. */
  static final int OPEN = 1;

  /**
   * Applies further changes, encoded as above. The answer is an error text, empty without an error.
   */
  static final int APPLY = 2;

  private static final ActorId READER = new ActorId(Bytes.wrap(new byte[16]));

  private CraftedChild() {}

  public static void main(String[] arguments) throws IOException {
    var in = new DataInputStream(new BufferedInputStream(System.in));
    var out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
    @Nullable Replica replica = null;
    for (var command = in.read(); command >= 0; command = in.read()) {
      var heads = new ArrayList<ChangeHash>();
      var changes = new ArrayList<Bytes>();
      for (var remaining = in.readInt(); remaining > 0; remaining--) {
        heads.add(ChangeHash.read(in.readNBytes(ChangeHash.LENGTH), 0));
      }
      for (var remaining = in.readInt(); remaining > 0; remaining--) {
        changes.add(Bytes.wrap(in.readNBytes(in.readInt())));
      }
      if (command == OPEN || replica == null) {
        if (replica != null) {
          replica.close();
        }
        replica = Replica.create(READER);
      }
      out.writeUTF(apply(replica, changes, heads, in.read() == 1));
      out.flush();
    }
  }

  private static String apply(
      Replica replica, List<Bytes> changes, List<ChangeHash> heads, boolean withSnapshot) {
    try {
      replica.apply(changes);
      if (!replica.heads().equals(heads)) {
        return "the heads differ after applying";
      }
      var root = replica.root();
      if (withSnapshot) {
        var saved = replica.save();
        var expanded = Snapshots.expand(saved);
        if (expanded.size() != replica.changes().size()) {
          return "the snapshot has a different number of changes";
        }
        try (var loaded = Replica.load(Optional.of(saved), List.of(), READER)) {
          if (!loaded.heads().equals(heads)) {
            return "the heads differ after saving and loading";
          }
          if (!loaded.root().equals(root)) {
            return "the document differs after saving and loading";
          }
        }
      }
      return "";
    } catch (RuntimeException e) {
      var message = String.valueOf(e);
      return message.substring(0, Math.min(1_000, message.length()));
    }
  }
}
