package dev.parlor.relay.backup;

import dev.parlor.crdt.identity.Bytes;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one backup from its start to its end, one entry after the other. Used by one thread.
 *
 * <p>Each method throws a {@link DamagedBackupException} if it cannot go on. A value that fails its
 * checksum does not prevent reading the entries after it.
 */
public final class BackupReader implements Closeable {

  private static final int HEADER_BYTES_MAX = 1 << 16;

  private final String name;
  private final InputStream in;
  private final @Nullable DigestInputStream digesting;
  private final BackupHeader header;
  private @Nullable BackupEntry entry;
  private boolean valueRead = true;
  private String lastPlace = "its header";
  private long entries;
  private String sha256 = "";
  private boolean wholeIsIntact = true;

  /**
   * Reads the header.
   *
   * @param name the name of the backup, for errors
   * @param wholeChecksum whether to compute the SHA-256 of all bytes; otherwise values that nobody
   *     asks for are skipped without reading them
   */
  public BackupReader(String name, InputStream source, boolean wholeChecksum) throws IOException {
    this.name = name;
    var buffered = new BufferedInputStream(source, 1 << 16);
    digesting = wholeChecksum ? new DigestInputStream(buffered, BackupEntry.newSha256()) : null;
    in = digesting == null ? buffered : digesting;
    header = readHeader();
  }

  /** Opens a backup file. */
  public static BackupReader open(Path file, boolean wholeChecksum) throws IOException {
    var in = Files.newInputStream(file);
    try {
      return new BackupReader(String.valueOf(file.getFileName()), in, wholeChecksum);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private BackupHeader readHeader() throws IOException {
    var magic = in.readNBytes(BackupEntry.MAGIC.length);
    if (!Arrays.equals(magic, BackupEntry.MAGIC)) {
      throw new DamagedBackupException(
          name + (magic.length == 0 ? " is empty" : " is no backup of this server"));
    }
    var length = in.readNBytes(4);
    var textBytes = length.length < 4 ? -1 : ByteBuffer.wrap(length).getInt();
    if (textBytes < 0 || textBytes > HEADER_BYTES_MAX) {
      throw new DamagedBackupException(name + ": its header is damaged");
    }
    var rest = in.readNBytes(textBytes + BackupEntry.CHECKSUM_BYTES);
    var checked = ByteBuffer.allocate(4 + rest.length).put(length).put(rest);
    if (rest.length < textBytes + BackupEntry.CHECKSUM_BYTES
        || checked.getInt(4 + textBytes) != BackupEntry.checksum(checked.array(), 4 + textBytes)) {
      throw new DamagedBackupException(name + ": its header is damaged or cut off");
    }
    return BackupHeader.parse(new String(rest, 0, textBytes, StandardCharsets.UTF_8), name);
  }

  public BackupHeader header() {
    return header;
  }

  /** The name for messages. */
  String name() {
    return name;
  }

  /** The current entry; null before the first {@link #advance} and after the last entry. */
  @Nullable BackupEntry entry() {
    return entry;
  }

  /**
   * Goes to the next entry. At the end it checks the number of entries and, if asked, all bytes.
   */
  void advance() throws IOException {
    skipValue();
    var fixed = in.readNBytes(BackupEntry.FIXED_BYTES);
    if (fixed.length < BackupEntry.FIXED_BYTES) {
      throw cutOff();
    }
    var remaining = BackupEntry.remainingBytes(fixed);
    if (remaining < 0) {
      throw damagedHead();
    }
    var head = Arrays.copyOf(fixed, fixed.length + remaining);
    if (in.readNBytes(head, fixed.length, remaining) < remaining) {
      throw cutOff();
    }
    var next = BackupEntry.decode(head);
    var previous = entry;
    if (next == null || (previous != null && previous.place().compareTo(next.place()) >= 0)) {
      throw damagedHead();
    }
    entry = next;
    valueRead = false;
    if (next.type() == BackupEntry.Type.END) {
      readEnd();
    } else {
      entries++;
      lastPlace = next.place().description();
    }
  }

  private DamagedBackupException cutOff() {
    return new DamagedBackupException(name + " is cut off after " + lastPlace);
  }

  private DamagedBackupException damagedHead() {
    return new DamagedBackupException(
        name + ": the entry after " + lastPlace + " is damaged, and the rest cannot be read");
  }

  /** The value of the current entry; empty if it fails its checksum. May be called once. */
  Optional<Bytes> value() throws IOException {
    var current = entry;
    if (current == null || valueRead) {
      throw new IllegalStateException("there is no value to read");
    }
    valueRead = true;
    var value = in.readNBytes(current.valueBytes());
    if (value.length < current.valueBytes()) {
      throw cutOff();
    }
    var digest = HexFormat.of().formatHex(BackupEntry.newSha256().digest(value));
    return digest.equals(current.sha256()) ? Optional.of(Bytes.wrap(value)) : Optional.empty();
  }

  private void skipValue() throws IOException {
    var current = entry;
    if (current == null || valueRead) {
      return;
    }
    valueRead = true;
    try {
      if (digesting == null) {
        in.skipNBytes(current.valueBytes());
      } else if (in.readNBytes(current.valueBytes()).length < current.valueBytes()) {
        throw cutOff();
      }
    } catch (EOFException e) {
      throw cutOff();
    }
  }

  private void readEnd() throws IOException {
    var count = value();
    if (count.isEmpty() || count.get().length() != 8) {
      throw new DamagedBackupException(name + ": its end is damaged");
    }
    var computed = digesting == null ? new byte[0] : digesting.getMessageDigest().digest();
    if (digesting != null) {
      digesting.on(false);
    }
    var stored = in.readNBytes(BackupEntry.SHA256_BYTES);
    if (stored.length < BackupEntry.SHA256_BYTES) {
      throw new DamagedBackupException(name + " is cut off in its end");
    }
    if (in.read() >= 0) {
      throw new DamagedBackupException(name + " has bytes after its end");
    }
    if (count.get().buffer().getLong(0) != entries) {
      throw new DamagedBackupException(name + " does not have all of its entries");
    }
    sha256 = HexFormat.of().formatHex(stored);
    entry = null;
    wholeIsIntact = digesting == null || Arrays.equals(stored, computed);
  }

  /** Whether the checksum of all bytes is right; valid after the end, if it was asked for. */
  boolean wholeIsIntact() {
    return wholeIsIntact;
  }

  /** The SHA-256 at the end of the backup; valid after the end. */
  public String sha256() {
    return sha256;
  }

  /** Whether the last entry has been read. */
  boolean ended() {
    return !sha256.isEmpty();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
