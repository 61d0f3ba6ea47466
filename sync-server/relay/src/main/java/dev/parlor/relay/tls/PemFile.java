package dev.parlor.relay.tls;

import dev.parlor.relay.tls.TlsFileException.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** The blocks of one PEM file (RFC 7468), in the order of the file. */
final class PemFile {

  /** Size of a certificate or key file; above: the file is refused. A long chain has 10 KiB. */
  private static final int BYTES_MAX = 1 << 20;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([^-\r\n]{1,64})-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final int DER_SEQUENCE = 0x30;

  /**
   * One block.
   *
   * @param label the words after BEGIN, for example {@code CERTIFICATE}
   * @param der the decoded content; empty if the content is encrypted
   * @param encrypted whether a passphrase protects the content
   */
  @SuppressWarnings("ArrayRecordComponent") // Blocks are never compared.
  record Block(String label, byte[] der, boolean encrypted) {
    @Override
    public String toString() {
      return label; // The content may be a private key.
    }
  }

  private final Path path;
  private final Part part;
  private final List<Block> blocks;

  private PemFile(Path path, Part part, List<Block> blocks) {
    this.path = path;
    this.part = part;
    this.blocks = blocks;
  }

  static PemFile read(Path path, Part part) throws TlsFileException {
    var bytes = bytes(path, part);
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    var file = new PemFile(path, part, new ArrayList<>());
    var found = BLOCK.matcher(text);
    while (found.find()) {
      file.blocks.add(file.block(found.group(1), found.group(2)));
    }
    if (file.blocks.isEmpty()) {
      throw file.noBlocks(bytes, text);
    }
    return file;
  }

  private static byte[] bytes(Path path, Part part) throws TlsFileException {
    if (Files.isDirectory(path)) {
      throw new TlsFileException(part, "is a directory; give the path of a PEM file");
    }
    if (!Files.exists(path)) {
      throw new TlsFileException(part, "does not exist; give the path of a PEM file");
    }
    if (!Files.isRegularFile(path)) {
      throw new TlsFileException(part, "is not a regular file; give the path of a PEM file");
    }
    try (var in = Files.newInputStream(path)) {
      var bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length == 0) {
        throw new TlsFileException(part, "is empty; give the path of a PEM file");
      }
      if (bytes.length > BYTES_MAX) {
        throw new TlsFileException(
            part, "is larger than " + (BYTES_MAX >> 10) + " KiB; give the path of a PEM file");
      }
      return bytes;
    } catch (AccessDeniedException e) {
      throw new TlsFileException(
          part, "cannot be read (access denied); allow the server's user to read it");
    } catch (IOException e) {
      throw new TlsFileException(
          part, "cannot be read (" + e.getMessage() + "); check the file and its disk");
    }
  }

  private Block block(String label, String content) throws TlsFileException {
    if (label.equals("ENCRYPTED PRIVATE KEY") || content.contains("ENCRYPTED")) {
      return new Block(label, new byte[0], true);
    }
    try {
      return new Block(label, Base64.getDecoder().decode(content.replaceAll("\\s", "")), false);
    } catch (IllegalArgumentException e) {
      throw refusal(
          "is damaged: the text after \"-----BEGIN "
              + label
              + "-----\" is not Base64; copy the file again");
    }
  }

  /** The refusal of a file without PEM blocks, with advice for its likely format. */
  private TlsFileException noBlocks(byte[] bytes, String text) {
    if (text.contains("-----BEGIN ")) {
      return refusal(
          "is damaged: a line \"-----BEGIN ...\" has no matching \"-----END ...\"; copy the file"
              + " again");
    }
    if ((bytes[0] & 0xFF) == DER_SEQUENCE) {
      var command = part == Part.CERTIFICATE ? "x509" : "pkey";
      return refusal(
          "is DER or PKCS#12, not PEM; convert DER with: openssl "
              + command
              + " -inform der -in "
              + path
              + " -out new.pem; convert PKCS#12 with: openssl pkcs12 -in "
              + path
              + (part == Part.CERTIFICATE ? " -nokeys" : " -nocerts -noenc")
              + " -out new.pem");
    }
    return refusal(
        "is not PEM: it has no line \"-----BEGIN "
            + (part == Part.CERTIFICATE ? "CERTIFICATE" : "PRIVATE KEY")
            + "-----\"; give the path of a PEM file");
  }

  Path path() {
    return path;
  }

  /** The blocks whose label ends with this text. */
  List<Block> blocksEndingWith(String label) {
    return blocks.stream().filter(block -> block.label().endsWith(label)).toList();
  }

  /** The labels of all blocks, for a message. */
  String labels() {
    return String.join(", ", blocks.stream().map(Block::label).distinct().toList());
  }

  TlsFileException refusal(String message) {
    return new TlsFileException(part, message);
  }
}
