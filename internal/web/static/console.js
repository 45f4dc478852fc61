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

// A page that waits for something is read anew until it no longer does. The link
// beside it does the same without this.
(() => {
  const pause = 2000;
  const again = async () => {
    if (!document.querySelector("[data-refresh]")) return;
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      if (answer.ok && fresh) document.getElementById("main").replaceWith(document.adoptNode(fresh));
    } catch {
      // away for a moment: the next try may find it
    }
    setTimeout(again, pause);
  };
  if (document.querySelector("[data-refresh]")) setTimeout(again, pause);
})();

// What is said beside figures of a product was said of others once they are
// changed; the panel beside the form shows what follows from the new ones.
document.addEventListener("input", (event) => {
  const row = event.target.closest(".prod .var, .prod .tier, .prod .pr");
  if (row) row.querySelectorAll(".says").forEach((note) => { note.textContent = ""; });
});
