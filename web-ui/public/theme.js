// Runs before the first paint. It is a separate file because the content security policy allows no inline script.
(() => {
  let theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("parlor.theme") || "null");
  } catch {
    theme = null;
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#17161a" : "#f6f2ea");
})();
