/** Launch options: the browser in PARLOR_CHROMIUM or Debian's Chromium, without background requests. */
export const BROWSER = {
  executablePath: process.env.PARLOR_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Each site has a process of its own, as in a desktop browser; the headless shell needs the option.
    "--site-per-process",
    // Test servers with TLS have a certificate of a test authority, which Chromium does not know.
    "--ignore-certificate-errors",
  ],
};
