package dev.parlor.relay.quarantine;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.quarantine.NativeCallGuard.Handed;
import dev.parlor.relay.quarantine.NativeCallGuard.Work;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A memory-mapped page of a file with a slot for each thread in native code. Its contents survive
 * any end of the process without a disk write. Only a power failure of the machine loses them.
 *
 * <p>A slot: work (0 when free), chunks, checksum, length of the document's id, the id. The first
 * word is written last.
 */
final class NativeCallMarkers {

  private static final int SLOTS = 16;
  private static final int SLOT_BYTES = 256;
  private static final int LENGTH_AT = 12;
  private static final int ID_AT = 16;

  /** A note that an earlier process left. */
  record Left(int slot, DocumentId document, Handed what) {}

  private final MemorySegment page;
  private final AtomicIntegerArray taken = new AtomicIntegerArray(SLOTS);
  private volatile boolean closed;

  private NativeCallMarkers(MemorySegment page) {
    this.page = page;
  }

  /** Maps the file, or creates it; for one process at a time. */
  static NativeCallMarkers open(Path file) throws IOException {
    var bytes = SLOTS * SLOT_BYTES;
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() != bytes) {
        // Write zeros first: a store into a hole of a mapped file kills the process when the disk
        // is full
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(bytes), 0);
        channel.force(true);
      }
      return new NativeCallMarkers(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto()));
    }
  }

  /**
   * The notes of the previous process; their slots are not used until they are {@link #sweep
   * swept}.
   */
  List<Left> left() {
    var left = new ArrayList<Left>();
    for (var slot = 0; slot < SLOTS; slot++) {
      if (word(slot, 0) != 0) {
        var found = read(slot);
        if (found.isPresent() && taken.compareAndSet(slot, 0, 1)) {
          left.add(found.get());
        } else {
          set(slot, 0, 0);
        }
      }
    }
    return left;
  }

  /** The notes that a process would find if it started on this file now. */
  static List<Left> left(Path file) throws IOException {
    return open(file).left();
  }

  /** Frees a slot that the previous process left in use. */
  void sweep(int slot) {
    leave(slot);
  }

  /** Notes that a call begins. Returns the slot to free afterwards, or -1 if no slot is free. */
  int enter(DocumentId document, Handed what) {
    for (var slot = 0; slot < SLOTS && !closed; slot++) {
      if (taken.compareAndSet(slot, 0, 1)) {
        var id = document.value();
        for (var i = 0; i < id.length(); i++) {
          page.set(ValueLayout.JAVA_BYTE, at(slot, ID_AT + i), (byte) id.charAt(i));
        }
        set(slot, LENGTH_AT, id.length());
        set(slot, 4, what.chunks());
        set(slot, 8, what.checksum());
        VarHandle.releaseFence();
        set(slot, 0, what.work().code);
        VarHandle.fullFence();
        if (closed) {
          set(slot, 0, 0);
        }
        return slot;
      }
    }
    return -1;
  }

  void leave(int slot) {
    if (slot >= 0) {
      set(slot, 0, 0);
      VarHandle.releaseFence();
      taken.set(slot, 0);
    }
  }

  /**
   * Clears the notes at an orderly stop: calls that are still running are cut off by the stop and
   * did not cause it.
   */
  void close() {
    closed = true;
    for (var slot = 0; slot < SLOTS; slot++) {
      set(slot, 0, 0);
    }
  }

  private Optional<Left> read(int slot) {
    var work = Work.of(word(slot, 0));
    var length = word(slot, LENGTH_AT);
    if (work.isEmpty()
        || length < 1
        || length > Math.min(DocumentId.LENGTH_MAX, SLOT_BYTES - ID_AT)) {
      return Optional.empty();
    }
    var id = new byte[length];
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, at(slot, ID_AT), id, 0, length);
    return DocumentId.parse(new String(id, StandardCharsets.US_ASCII))
            instanceof Decoding.Decoded<DocumentId>(var document)
        ? Optional.of(
            new Left(slot, document, new Handed(work.get(), word(slot, 4), word(slot, 8))))
        : Optional.empty();
  }

  private static long at(int slot, int offset) {
    return (long) slot * SLOT_BYTES + offset;
  }

  private int word(int slot, int offset) {
    return page.get(ValueLayout.JAVA_INT, at(slot, offset));
  }

  private void set(int slot, int offset, int value) {
    page.set(ValueLayout.JAVA_INT, at(slot, offset), value);
  }
}
