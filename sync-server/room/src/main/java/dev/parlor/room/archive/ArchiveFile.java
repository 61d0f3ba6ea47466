package dev.parlor.room.archive;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import dev.parlor.relay.storage.ChangeStore.StoredDocument;
import dev.parlor.relay.storage.CorruptDocumentException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The contents of an archive file: one document. The format, big-endian:
 *
 * <pre>
 *   "PARLORA1" | id length u16 | document id | archived at, milliseconds u64
 *   deflated: snapshot length s32 (-1 for none) | snapshot
 *             changes u32 x (hash 32 | length u32 | chunk)
 *   SHA-256 of everything before
 * </pre>
 */
record ArchiveFile(DocumentId document, long archivedAt, StoredDocument contents) {

  private static final byte[] MAGIC = "PARLORA1".getBytes(StandardCharsets.US_ASCII);
  private static final int CHECKSUM_BYTES = 32;

  byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.write(MAGIC);
      out.writeUTF(document.value());
      out.writeLong(archivedAt);
      var deflater = new Deflater();
      try (var deflated = new DataOutputStream(new DeflaterOutputStream(bytes, deflater))) {
        writeContents(deflated);
      } finally {
        deflater.end();
      }
      out.write(checksum(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private void writeContents(DataOutputStream out) throws IOException {
    var snapshot = contents.snapshot();
    out.writeInt(snapshot.map(Bytes::length).orElse(-1));
    if (snapshot.isPresent()) {
      out.write(snapshot.get().toArray());
    }
    out.writeInt(contents.tail().size());
    for (var change : contents.tail()) {
      out.write(change.hash().toArray());
      out.writeInt(change.chunk().length());
      out.write(change.chunk().toArray());
    }
  }

  /**
   * Reads the output of {@link #encode}.
   *
   * @throws CorruptDocumentException if the file is damaged or belongs to another document
   */
  static ArchiveFile decode(DocumentId document, byte[] file) throws CorruptDocumentException {
    var length = file.length - CHECKSUM_BYTES;
    if (length < MAGIC.length
        || !Arrays.equals(
            checksum(Arrays.copyOf(file, length)), Arrays.copyOfRange(file, length, file.length))) {
      throw new CorruptDocumentException(document, "its archive file fails its checksum");
    }
    var bytes = new ByteArrayInputStream(file, 0, length);
    try (var in = new DataInputStream(bytes)) {
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new CorruptDocumentException(document, "its archive file has another format version");
      }
      if (!in.readUTF().equals(document.value())) {
        throw new CorruptDocumentException(document, "its archive file contains another document");
      }
      var archivedAt = in.readLong();
      return new ArchiveFile(
          document, archivedAt, readContents(new DataInputStream(new InflaterInputStream(bytes))));
    } catch (CorruptDocumentException e) {
      throw e;
    } catch (IOException e) {
      throw new CorruptDocumentException(document, "its archive file cannot be read (" + e + ")");
    }
  }

  /** Reads the contents. The checksum was correct, so the lengths can be trusted. */
  private static StoredDocument readContents(DataInputStream in) throws IOException {
    var snapshotBytes = in.readInt();
    var snapshot =
        snapshotBytes < 0
            ? Optional.<Bytes>empty()
            : Optional.of(Bytes.wrap(in.readNBytes(snapshotBytes)));
    var tail = new ArrayList<ChangeRecord>();
    for (var remaining = in.readInt(); remaining > 0; remaining--) {
      var hash = ChangeHash.read(in.readNBytes(ChangeHash.LENGTH), 0);
      tail.add(new ChangeRecord(hash, Bytes.wrap(in.readNBytes(in.readInt()))));
    }
    return new StoredDocument(snapshot, tail);
  }

  private static byte[] checksum(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
