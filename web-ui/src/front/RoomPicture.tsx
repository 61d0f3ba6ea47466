import { frontTexts } from "../texts";
import dark from "./room-dark.png";
import light from "./room-light.png";

/** A screenshot of a room in the theme of the page, for a first visit. `./parlor tour` takes it. */
export function RoomPicture() {
  return (
    <figure className="front-picture">
      <img
        className="in-light"
        src={light}
        width={1440}
        height={900}
        loading="lazy"
        alt={frontTexts.roomPicture}
      />
      <img
        className="in-dark"
        src={dark}
        width={1440}
        height={900}
        loading="lazy"
        alt={frontTexts.roomPicture}
      />
    </figure>
  );
}
