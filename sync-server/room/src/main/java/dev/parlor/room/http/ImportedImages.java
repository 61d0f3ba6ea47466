package dev.parlor.room.http;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.room.http.RoomFileJson.FileImage;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.image.RoomImages.Addition;
import dev.parlor.room.image.UploadedImage;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.RoomSchema;
import dev.parlor.room.schema.RoomView;
import java.util.ArrayList;
import java.util.List;

/**
 * The images of an imported room. They pass the checks of an upload before the room is made, so a
 * refused file makes no room. Images that the room does not name are not stored.
 *
 * @param images the checked images
 */
record ImportedImages(List<UploadedImage> images) {
  static final ImportedImages NONE = new ImportedImages(List.of());

  ImportedImages {
    images = List.copyOf(images);
  }

  /**
   * Checks the images of a file.
   *
   * @throws ProblemException 422 with the place of the first fault
   */
  static ImportedImages check(List<FileImage> file, RoomView view, RoomImages store) {
    var named = view.images();
    var checked = new ArrayList<UploadedImage>();
    var bytes = 0L;
    for (var i = 0; i < file.size(); i++) {
      var image = file.get(i);
      bytes += image.length();
      if (bytes > FixedServiceLimits.FILE_IMAGES_BYTES_MAX) {
        throw RoomFileJson.invalid(
            "",
            "may have at most "
                + FixedServiceLimits.FILE_IMAGES_BYTES_MAX
                + " bytes together; remove some and upload them to the new room");
      }
      if (image.data().isPresent() && named.contains(image.id())) {
        checked.add(check(image, "/" + i, store));
      }
    }
    return new ImportedImages(checked);
  }

  private static UploadedImage check(FileImage image, String place, RoomImages store) {
    return switch (UploadedImage.read(image.data().orElseThrow())) {
      case UploadedImage.Reading.Clean(var clean) -> {
        var id = store.idOf(clean.content());
        if (!id.equals(image.id())) {
          throw RoomFileJson.invalid(
              place + "/id", "is not the id of these bytes, which is " + id + " without metadata");
        }
        yield clean;
      }
      case UploadedImage.Reading.Refused(var code, var reason) ->
          throw ProblemDetail.field(
                  422,
                  ExportedImages.IMAGES + place + "/data",
                  ExportedImages.IMAGES + place + "/data: " + reason)
              .with("reason", code)
              .thrown();
    };
  }

  /**
   * Stores the images for a room. They count for the room's quota and for no person's: the file
   * does not prove the person that uploaded them.
   */
  void store(DocumentId room, RoomImages store, ServiceLimits.Images limits) {
    var quota =
        new RoomImages.Quota(
            limits.imagesMax(), limits.bytesMax(), limits.imagesMax(), limits.bytesMax());
    for (var image : images) {
      if (ImagesApi.await(store.add(room, RoomSchema.PARLOR, image, quota))
          instanceof Addition.Full(var reason)) {
        throw ProblemDetail.of(409, "image-quota", reason).thrown();
      }
    }
  }

  /** The images that the room names and the file did not have. */
  List<String> missing(RoomView view, RoomImages store) {
    var stored = images.stream().map(image -> store.idOf(image.content())).toList();
    return view.images().stream().filter(id -> !stored.contains(id)).toList();
  }
}
