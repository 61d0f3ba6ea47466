// A classic script: served as written.
var name = "import x from 'not-a-statement'";
function legacy() {
  return document.getElementById("root") || { name: name, old: arguments.length };
}
legacy();
