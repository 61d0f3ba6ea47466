/** Debian's Chromium, or the browser that PARLOR_CHROMIUM names, with its background requests switched off. */
export const BROWSER = {
  executablePath: process.env.PARLOR_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Of all servers of the tests only those with TLS have a certificate, of an authority that the test made.
    "--ignore-certificate-errors",
  ],
};
