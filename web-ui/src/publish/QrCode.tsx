import { useMemo } from "react";
import { publishTexts } from "../texts";
import { qrPath } from "./qr";

/** The QR code of an address: black on white in both themes, as readers need it. */
export function QrCode({ url }: { readonly url: string | null }) {
  const code = useMemo(() => qrPath(url ?? "https://parlor.invalid/"), [url]);
  return (
    <svg
      className="publish-qr"
      viewBox={`0 0 ${code.size} ${code.size}`}
      role="img"
      aria-label={url === null ? publishTexts.qrCodeAddressNotComplete : publishTexts.qrCodeOf(url)}
      data-usable={url !== null}
    >
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={code.path} fill="#17140e" shapeRendering="crispEdges" />
    </svg>
  );
}
