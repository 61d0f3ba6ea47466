package dev.parlor.room.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Checking and cleaning uploaded images. The JDK reads the results where it knows the format. */
class UploadedImageTest {
  private static final int AFTER_PNG_HEADER = 33;
  private static final String SECRET = "GPS 52.52";

  private static UploadedImage clean(byte[] upload) {
    return switch (UploadedImage.read(ImageFiles.bytes(upload))) {
      case UploadedImage.Reading.Clean(var image) -> image;
      case UploadedImage.Reading.Refused(var code, var reason) -> fail(code + ": " + reason);
    };
  }

  private static String refusal(byte[] upload) {
    return switch (UploadedImage.read(ImageFiles.bytes(upload))) {
      case UploadedImage.Reading.Clean _ -> fail("the image was taken");
      case UploadedImage.Reading.Refused(var code, var reason) -> {
        assertTrue(reason.length() > 20, reason);
        yield code;
      }
    };
  }

  private static boolean contains(UploadedImage image, String words) {
    return new String(image.content().toArray(), StandardCharsets.ISO_8859_1).contains(words);
  }

  private static int pixel(UploadedImage image) throws IOException {
    var picture = ImageIO.read(new ByteArrayInputStream(image.content().toArray()));
    assertNotNull(picture);
    return picture.getRGB(1, 1) & 0xffffff;
  }

  private static byte[] withExif(byte[] jpeg, int orientation, ByteOrder order) {
    var data = ImageFiles.join(ImageFiles.ascii("Exif\0\0"), ImageFiles.tiff(orientation, order));
    return ImageFiles.insert(jpeg, 2, ImageFiles.jpegSegment(0xe1, data));
  }

  @Test
  @DisplayName("[IM1] a PNG, JPEG or GIF keeps its picture and gets its type from its bytes")
  void typesComeFromTheBytes() throws IOException {
    for (var format : List.of("png", "jpeg", "gif")) {
      var image = clean(ImageFiles.red(format));
      assertEquals("image/" + format, image.type().mediaType());
      assertEquals(6, image.width());
      assertEquals(4, image.height());
      var pixel = pixel(image);
      assertTrue((pixel >> 16) > 250 && (pixel & 0xffff) < 0x0a0a, format + " " + pixel);
    }
  }

  @Test
  @DisplayName("[IM1] SVG, HTML, PDF and empty files are refused, whatever their names say")
  void otherTypesAreRefused() {
    for (var file :
        List.of("<svg xmlns='x'/>", "<!doctype html>", "%PDF-1.7", "", "GIF8", "RIFF")) {
      assertEquals("not-an-image", refusal(ImageFiles.ascii(file)), file);
    }
  }

  @Test
  @DisplayName("[IM1] text, time and EXIF of a PNG are removed, and so are bytes after its end")
  void pngLosesItsMetadata() throws IOException {
    var plain = ImageFiles.red("png");
    var upload = plain;
    for (var type : List.of("tEXt", "zTXt", "iTXt", "tIME", "prIV")) {
      upload =
          ImageFiles.insert(
              upload, AFTER_PNG_HEADER, ImageFiles.pngChunk(type, ImageFiles.ascii(SECRET)));
    }
    upload = ImageFiles.join(upload, ImageFiles.ascii("<script>alert(1)</script>"));
    assertArrayEquals(plain, clean(upload).content().toArray());
    assertEquals(0xff0000, pixel(clean(upload)));
  }

  @Test
  @DisplayName("[IM1] a JPEG loses EXIF, XMP, comments and small pictures; its profile stays")
  void jpegLosesItsMetadata() throws IOException {
    var profile = ImageFiles.ascii("ICC_PROFILE\0\1\1colors");
    var upload = ImageFiles.red("jpeg");
    for (var marker : List.of(0xe1, 0xe3, 0xed, 0xfe, 0xe2)) {
      upload =
          ImageFiles.insert(upload, 2, ImageFiles.jpegSegment(marker, ImageFiles.ascii(SECRET)));
    }
    upload = ImageFiles.insert(upload, 2, ImageFiles.jpegSegment(0xe2, profile));
    upload = withExif(upload, 1, ByteOrder.LITTLE_ENDIAN);
    upload = ImageFiles.join(upload, ImageFiles.ascii(SECRET), ImageFiles.red("jpeg"));
    var image = clean(upload);
    assertFalse(contains(image, SECRET));
    assertFalse(contains(image, "Exif"));
    assertTrue(contains(image, "ICC_PROFILE"));
    assertTrue(image.content().length() < ImageFiles.red("jpeg").length + profile.length + 8);
    assertTrue((pixel(image) >> 16) > 250);
  }

  @Test
  @DisplayName("[IM1] the orientation stays without the place, and width and height are as shown")
  void orientationStays() throws IOException {
    for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      for (var value = 2; value <= 8; value++) {
        var jpeg = clean(withExif(ImageFiles.red("jpeg"), value, order));
        var tiff = ImageFiles.tiff(value, order);
        var png =
            clean(
                ImageFiles.insert(
                    ImageFiles.red("png"), AFTER_PNG_HEADER, ImageFiles.pngChunk("eXIf", tiff)));
        var webp =
            clean(
                ImageFiles.webp(
                    ImageFiles.webpHeader(0x0c, 6, 4),
                    ImageFiles.webpPicture(6, 4),
                    ImageFiles.webpChunk("EXIF", tiff)));
        for (var image : List.of(jpeg, png, webp)) {
          assertEquals(value >= 5 ? 4 : 6, image.width());
          assertEquals(value >= 5 ? 6 : 4, image.height());
          assertFalse(contains(image, SECRET));
          // Cleaning again finds the same orientation.
          assertEquals(image, clean(image.content().toArray()));
        }
        assertNotNull(ImageIO.read(new ByteArrayInputStream(png.content().toArray())));
        assertNotNull(ImageIO.read(new ByteArrayInputStream(jpeg.content().toArray())));
      }
    }
  }

  @Test
  @DisplayName("[IM1] a GIF keeps its pictures and its loop, and loses comments and XMP")
  void gifLosesItsMetadata() throws IOException {
    var plain = ImageFiles.red("gif");
    var end = plain.length - 1;
    var comment =
        ImageFiles.join(new byte[] {0x21, (byte) 0xfe, 9}, ImageFiles.ascii(SECRET), new byte[1]);
    var xmp =
        ImageFiles.join(
            new byte[] {0x21, (byte) 0xff, 11},
            ImageFiles.ascii("XMP DataXMP"),
            new byte[] {9},
            ImageFiles.ascii(SECRET),
            new byte[1]);
    var loop =
        ImageFiles.join(
            new byte[] {0x21, (byte) 0xff, 11},
            ImageFiles.ascii("NETSCAPE2.0"),
            new byte[] {3, 1, 0, 0, 0});
    var upload =
        ImageFiles.join(
            ImageFiles.insert(plain, end, ImageFiles.join(comment, xmp, loop)),
            ImageFiles.ascii(SECRET));
    assertArrayEquals(ImageFiles.insert(plain, end, loop), clean(upload).content().toArray());
  }

  @Test
  @DisplayName("[IM1] a WebP loses EXIF and XMP, its flags say so, and its animation stays")
  void webpLosesItsMetadata() {
    var frame =
        ImageFiles.webpChunk(
            "ANMF",
            ImageFiles.join(
                new byte[16],
                ImageFiles.webpPicture(6, 4),
                ImageFiles.webpChunk("priv", ImageFiles.ascii(SECRET))));
    var image =
        clean(
            ImageFiles.join(
                ImageFiles.webp(
                    ImageFiles.webpHeader(0x0e, 6, 4),
                    ImageFiles.webpChunk("ANIM", new byte[6]),
                    frame,
                    ImageFiles.webpChunk("EXIF", ImageFiles.tiff(1, ByteOrder.BIG_ENDIAN)),
                    ImageFiles.webpChunk("XMP ", ImageFiles.ascii(SECRET))),
                ImageFiles.ascii(SECRET)));
    var expected =
        ImageFiles.webp(
            ImageFiles.webpHeader(0x02, 6, 4),
            ImageFiles.webpChunk("ANIM", new byte[6]),
            ImageFiles.webpChunk(
                "ANMF", ImageFiles.join(new byte[16], ImageFiles.webpPicture(6, 4))));
    assertArrayEquals(expected, image.content().toArray());
    assertEquals("image/webp", image.type().mediaType());
    assertEquals(6, image.width());
  }

  @Test
  @DisplayName("an image beyond a limit of bytes or pixels is refused before it is decoded")
  void largeImagesAreRefused() {
    assertEquals("image-too-large", refusal(new byte[ImageLimits.BYTES_MAX + 1]));
    assertEquals(
        "image-too-many-pixels", refusal(ImageFiles.webp(ImageFiles.webpPicture(16_383, 16_383))));
    var png = ImageFiles.red("png");
    var header = Arrays.copyOfRange(png, 16, 29);
    header[0] = 1; // 16 million pixels wide
    var bomb =
        ImageFiles.join(
            Arrays.copyOf(png, 8),
            ImageFiles.pngChunk("IHDR", header),
            Arrays.copyOfRange(png, AFTER_PNG_HEADER, png.length));
    assertEquals("image-too-many-pixels", refusal(bomb));
  }

  @Test
  @DisplayName("a cut or changed image is refused or cleaned, and never an error of the server")
  void damagedImagesAreRefused() {
    var random = new Random(41);
    for (var format : List.of("png", "jpeg", "gif")) {
      var whole = ImageFiles.red(format);
      for (var length = 0; length < whole.length; length++) {
        var code = refusal(Arrays.copyOf(whole, length));
        assertTrue(List.of("image-damaged", "not-an-image").contains(code), code);
      }
      for (var i = 0; i < 2_000; i++) {
        var changed = whole.clone();
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        var _ = UploadedImage.read(ImageFiles.bytes(changed));
      }
    }
    var webp =
        ImageFiles.webp(
            ImageFiles.webpHeader(0x0c, 6, 4),
            ImageFiles.webpPicture(6, 4),
            ImageFiles.webpChunk("EXIF", ImageFiles.tiff(6, ByteOrder.BIG_ENDIAN)));
    for (var i = 0; i < 5_000; i++) {
      var changed = Arrays.copyOf(webp, random.nextInt(webp.length) + 1);
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      var _ = UploadedImage.read(ImageFiles.bytes(changed));
    }
  }
}
