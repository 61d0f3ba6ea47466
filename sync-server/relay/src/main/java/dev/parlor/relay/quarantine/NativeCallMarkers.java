package dev.parlor.relay.quarantine;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.quarantine.NativeCallGuard.NativeCall;
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
 * Markers of the native calls that are running, in a memory-mapped file with a slot for each thread
 * in native code. The markers survive any end of the process without a disk write. Only a power
 * failure of the machine loses them.
 *
 * <p>The fields of a slot: the kind of work (0 when free), the number of chunks, the checksum, the
 * length of the document's id, the id. The kind of work is written last, so a marker is complete if
 * its kind of work is not 0.
 */
final class NativeCallMarkers {

  private static final int SLOTS = 16;
  private static final int SLOT_BYTES = 256;

  // The offsets of the fields in a slot.
  private static final int WORK_AT = 0;
  private static final int CHUNKS_AT = 4;
  private static final int CHECKSUM_AT = 8;
  private static final int ID_LENGTH_AT = 12;
  private static final int ID_AT = 16;

  /** A marker that the previous process left behind. */
  record Leftover(int slot, DocumentId document, NativeCall call) {}

  private final MemorySegment mappedFile;

  /** 1 for each slot that a thread uses or the previous process left in use; otherwise 0. */
  private final AtomicIntegerArray usedSlots = new AtomicIntegerArray(SLOTS);

  private volatile boolean closed;

  private NativeCallMarkers(MemorySegment mappedFile) {
    this.mappedFile = mappedFile;
  }

  /** Maps the file, and creates it if absent. Only one process at a time may open the file. */
  static NativeCallMarkers open(Path file) throws IOException {
    var bytes = SLOTS * SLOT_BYTES;
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() != bytes) {
        // Allocate the blocks now: on a full disk, a write into a hole of a mapped file kills the
        // process.
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(bytes), 0);
        channel.force(true);
      }
      return new NativeCallMarkers(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto()));
    }
  }

  /**
   * Takes over the markers of the previous process. Their slots stay in use until {@link #clear}.
   * The slots of unreadable markers are freed.
   */
  List<Leftover> takeLeftovers() {
    var leftovers = new ArrayList<Leftover>();
    for (var slot = 0; slot < SLOTS; slot++) {
      if (word(slot, WORK_AT) != 0) {
        var found = read(slot);
        if (found.isPresent() && usedSlots.compareAndSet(slot, 0, 1)) {
          leftovers.add(found.get());
        } else {
          set(slot, WORK_AT, 0);
        }
      }
    }
    return leftovers;
  }

  /** The markers that a process would find if it started with this file now. */
  static List<Leftover> leftoversIn(Path file) throws IOException {
    return open(file).takeLeftovers();
  }

  /** Frees a slot that the previous process left in use. */
  void clear(int slot) {
    leave(slot);
  }

  /**
   * Marks the start of a call.
   *
   * @return the slot to free afterwards; -1 if no slot is free or after {@link #close}
   */
  int enter(DocumentId document, NativeCall call) {
    for (var slot = 0; slot < SLOTS && !closed; slot++) {
      if (usedSlots.compareAndSet(slot, 0, 1)) {
        var id = document.value();
        for (var i = 0; i < id.length(); i++) {
          mappedFile.set(ValueLayout.JAVA_BYTE, at(slot, ID_AT + i), (byte) id.charAt(i));
        }
        set(slot, ID_LENGTH_AT, id.length());
        set(slot, CHUNKS_AT, call.chunks());
        set(slot, CHECKSUM_AT, call.checksum());
        VarHandle.releaseFence();
        set(slot, WORK_AT, call.work().code);
        VarHandle.fullFence();
        if (closed) { // close() may have cleared the slot before this marker was written
          set(slot, WORK_AT, 0);
        }
        return slot;
      }
    }
    return -1;
  }

  /** Marks the end of a call; does nothing for slot -1. */
  void leave(int slot) {
    if (slot >= 0) {
      set(slot, WORK_AT, 0);
      VarHandle.releaseFence();
      usedSlots.set(slot, 0);
    }
  }

  /**
   * Clears all markers at an orderly stop. Otherwise the calls that the stop interrupts would look
   * like the cause of a crash.
   */
  void close() {
    closed = true;
    for (var slot = 0; slot < SLOTS; slot++) {
      set(slot, WORK_AT, 0);
    }
  }

  private Optional<Leftover> read(int slot) {
    var work = Work.of(word(slot, WORK_AT));
    var length = word(slot, ID_LENGTH_AT);
    if (work.isEmpty()
        || length < 1
        || length > Math.min(DocumentId.LENGTH_MAX, SLOT_BYTES - ID_AT)) {
      return Optional.empty();
    }
    var id = new byte[length];
    MemorySegment.copy(mappedFile, ValueLayout.JAVA_BYTE, at(slot, ID_AT), id, 0, length);
    return DocumentId.parse(new String(id, StandardCharsets.US_ASCII))
            instanceof Decoding.Decoded<DocumentId>(var document)
        ? Optional.of(
            new Leftover(
                slot,
                document,
                new NativeCall(work.get(), word(slot, CHUNKS_AT), word(slot, CHECKSUM_AT))))
        : Optional.empty();
  }

  private static long at(int slot, int offset) {
    return (long) slot * SLOT_BYTES + offset;
  }

  private int word(int slot, int offset) {
    return mappedFile.get(ValueLayout.JAVA_INT, at(slot, offset));
  }

  private void set(int slot, int offset, int value) {
    mappedFile.set(ValueLayout.JAVA_INT, at(slot, offset), value);
  }
}
