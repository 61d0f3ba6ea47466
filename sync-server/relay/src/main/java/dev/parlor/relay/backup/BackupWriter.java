package dev.parlor.relay.backup;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.Place;
import dev.parlor.relay.storage.StoreView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.HexFormat;

/**
 * Writes one backup. A backup without its end is recognized as incomplete, so call {@link #end}
 * only when every value was written. Used by one thread.
 */
public final class BackupWriter implements StoreView.Sink {

  private final DigestOutputStream out;
  private long entries;
  private long damaged;

  /** Begins a backup. The caller closes the stream. */
  public BackupWriter(OutputStream out, BackupHeader header) throws IOException {
    this.out = new DigestOutputStream(out, BackupEntry.newSha256());
    var text = header.text().getBytes(StandardCharsets.UTF_8);
    var start = ByteBuffer.allocate(4 + text.length + 4).putInt(text.length).put(text);
    start.putInt(BackupEntry.checksum(start.array(), start.position()));
    this.out.write(BackupEntry.MAGIC);
    this.out.write(start.array());
  }

  @Override
  public void value(Place place, Bytes value) throws IOException {
    write(BackupEntry.Type.VALUE, place, value.toArray());
  }

  @Override
  public void damaged(Place place, String reason) throws IOException {
    damaged++;
    write(BackupEntry.Type.DAMAGED, place, reason.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes that the base's value at this place does not exist any more. */
  void removed(Place place) throws IOException {
    write(BackupEntry.Type.REMOVED, place, new byte[0]);
  }

  /**
   * Ends the backup.
   *
   * @return the SHA-256 of the backup, hexadecimal
   */
  public String end() throws IOException {
    write(
        BackupEntry.Type.END,
        BackupEntry.END_PLACE,
        ByteBuffer.allocate(8).putLong(entries).array());
    var digest = out.getMessageDigest().digest();
    out.on(false);
    out.write(digest);
    out.flush();
    return HexFormat.of().formatHex(digest);
  }

  /** The number of values that the store cannot read. */
  public long damagedValues() {
    return damaged;
  }

  private void write(BackupEntry.Type type, Place place, byte[] value) throws IOException {
    var sha256 = HexFormat.of().formatHex(BackupEntry.newSha256().digest(value));
    out.write(new BackupEntry(type, place, value.length, sha256).encode());
    out.write(value);
    entries++;
  }
}
