// Keys of the console: "/" goes to the search field. Everything works without.
(() => {
  const seek = document.getElementById("seek");
  if (!seek) return;
  const hint = seek.parentElement.querySelector("kbd");
  if (hint) hint.hidden = false;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    seek.focus();
    seek.select();
  });
})();
